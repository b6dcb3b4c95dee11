// Whether the bar that searches in a room is open, and what had the focus before it. The bar itself is RoomSearch.vue.

import { shallowRef, type Ref } from 'vue'

export function useSearchBar({ bar, focusOtherwise }: {
  bar: Readonly<Ref<{ focus: () => void } | null>>
  /** Where the focus goes when what had it is no more. */
  focusOtherwise: () => void
}) {
  const isOpen = shallowRef(false)
  let focusedBefore: HTMLElement | null = null

  function open(): void {
    if (isOpen.value) {
      bar.value?.focus()
      return
    }
    focusedBefore = document.activeElement instanceof HTMLElement ? document.activeElement : null
    isOpen.value = true
  }

  function close(): void {
    isOpen.value = false
    if (focusedBefore?.isConnected === true && focusedBefore !== document.body)
      focusedBefore.focus()
    else
      focusOtherwise()
  }

  return { isOpen, open, close }
}
