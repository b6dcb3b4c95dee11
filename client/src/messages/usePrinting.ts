// Whether the page is being printed. Paper does not scroll: then all rows that are loaded are drawn, not those in view.

import { useEventListener, useMediaQuery } from '@vueuse/core'
import { computed, shallowRef, type ComputedRef } from 'vue'

export function usePrinting(): ComputedRef<boolean> {
  const isPrintMedium = useMediaQuery('print')
  // Not every browser tells a medium that it is for a moment only.
  const isBetween = shallowRef(false)
  useEventListener(window, 'beforeprint', () => isBetween.value = true)
  useEventListener(window, 'afterprint', () => isBetween.value = false)
  return computed(() => isPrintMedium.value || isBetween.value)
}
