// A long list that is put into the page a part each frame, so that no frame is late for it.

import { onBeforeUnmount, shallowRef, watch } from 'vue'

const AT_FIRST = 2

/** How many of `count()` parts are there now; it grows by itself from two on. `showAll` does not wait. */
export function useInParts(count: () => number) {
  const shown = shallowRef(AT_FIRST)
  let frame = 0

  function grow() {
    cancelAnimationFrame(frame)
    if (shown.value >= count())
      return
    frame = requestAnimationFrame(() => {
      shown.value++
      grow()
    })
  }

  watch(count, grow, { immediate: true })
  onBeforeUnmount(() => cancelAnimationFrame(frame))
  return { shown, showAll: () => { shown.value = Math.max(shown.value, count()) } }
}
