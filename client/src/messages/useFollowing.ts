// Whether a list follows its end. It is a state and not a measurement: only what a person does ends it, and only reaching
// the end begins it; whatever changes size in between is glued to the end again before it is painted.

import { useEventListener, useResizeObserver } from '@vueuse/core'
import { readonly, shallowRef, type Ref } from 'vue'

const AT_END_PX = 3
const UP_KEYS = new Set(['PageUp', 'Home', 'ArrowUp'])

/** `mayFollow` is false while there is more below than is loaded. */
export function useFollowing({ scroller, content, mayFollow }: {
  scroller: Readonly<Ref<HTMLElement | null>>
  content: Readonly<Ref<HTMLElement | null>>
  mayFollow: () => boolean
}) {
  const isFollowing = shallowRef(false)
  let touchY = 0

  useEventListener(scroller, 'wheel', (event: WheelEvent) => event.deltaY < 0 && stop(), { passive: true })
  useEventListener(scroller, 'touchstart', (event: TouchEvent) => touchY = event.touches[0]?.clientY ?? 0, { passive: true })
  useEventListener(scroller, 'touchmove', (event: TouchEvent) =>
    (event.touches[0]?.clientY ?? 0) > touchY && stop(), { passive: true })
  useEventListener(scroller, 'keydown', (event: KeyboardEvent) => UP_KEYS.has(event.key) && stop())
  // The scrollbar is beside what clientWidth counts.
  useEventListener(scroller, 'pointerdown', (event: PointerEvent) =>
    event.target === scroller.value && event.offsetX > (scroller.value?.clientWidth ?? 0) && stop())
  useEventListener(scroller, 'scroll', () => {
    if (!isFollowing.value && isAtEnd() && mayFollow())
      isFollowing.value = true
  }, { passive: true })
  useResizeObserver(scroller, glue)
  useResizeObserver(content, glue)

  function stop(): void {
    const element = scroller.value
    if (element !== null && element.scrollHeight > element.clientHeight)
      isFollowing.value = false
  }

  function follow(): void {
    isFollowing.value = true
    glue()
  }

  function glue(): void {
    if (isFollowing.value && scroller.value !== null)
      scroller.value.scrollTop = scroller.value.scrollHeight
  }

  function isAtEnd(): boolean {
    const element = scroller.value
    return element !== null && element.scrollHeight - element.scrollTop - element.clientHeight <= AT_END_PX
  }

  return { isFollowing: readonly(isFollowing), follow, stop, glue, isAtEnd }
}
