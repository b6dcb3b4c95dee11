// A box that is as high as its text where the browser has no `field-sizing`; how high at most, the style says.

import { onMounted, watch, type Ref } from 'vue'

export function useGrowingBox(box: Readonly<Ref<HTMLTextAreaElement | null>>, text: Readonly<Ref<string>>): void {
  if (typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content'))
    return

  function grow() {
    const area = box.value
    if (area === null)
      return
    area.style.height = 'auto'
    area.style.height = `${area.scrollHeight}px`
  }

  onMounted(grow)
  watch(text, grow, { flush: 'post' })
}
