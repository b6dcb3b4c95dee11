// Files that are dragged over an element, from anywhere outside the browser. What is dropped beside it opens nothing.

import { useEventListener } from '@vueuse/core'
import { readonly, shallowRef, type Ref } from 'vue'
import { droppedFiles, hasFiles } from './transferred'

export function useFileDrop(
  area: Readonly<Ref<HTMLElement | null>>,
  { isEnabled, dropped }: { isEnabled: () => boolean, dropped: (files: File[]) => void },
) {
  const isOver = shallowRef(false)

  useEventListener(area, ['dragenter', 'dragover'], (event: DragEvent) => {
    if (!hasFiles(event.dataTransfer) || !isEnabled())
      return
    isOver.value = true
    event.preventDefault()
    if (event.dataTransfer !== null)
      event.dataTransfer.dropEffect = 'copy'
    event.stopPropagation()
  })
  useEventListener(area, 'dragleave', (event: DragEvent) => {
    // It fires at every element inside, too.
    if (!(event.relatedTarget instanceof Node) || area.value?.contains(event.relatedTarget) !== true)
      isOver.value = false
  })
  useEventListener(area, 'drop', (event: DragEvent) => {
    isOver.value = false
    if (!hasFiles(event.dataTransfer) || !isEnabled())
      return
    event.preventDefault()
    const files = droppedFiles(event.dataTransfer)
    if (files.length > 0)
      dropped(files)
  })
  // A browser would show the file in place of the page, and what was written would be gone.
  useEventListener(window, ['dragover', 'drop'], (event: DragEvent) => {
    if (!hasFiles(event.dataTransfer) || event.defaultPrevented)
      return
    event.preventDefault()
    if (event.dataTransfer !== null)
      event.dataTransfer.dropEffect = 'none'
  })

  return { isOver: readonly(isOver) }
}
