// The text of a <textarea> and the edits made to it by buttons and choices. The browser's undo knows of them.

import { nextTick, shallowRef, type Ref } from 'vue'
import { edited, type Edit, type Selected } from './edit'

export function useTextBox(box: Readonly<Ref<HTMLTextAreaElement | null>>) {
  const text = shallowRef('')

  function selected(): Selected {
    const at = text.value.length
    return { text: text.value, start: box.value?.selectionStart ?? at, end: box.value?.selectionEnd ?? at }
  }

  function apply(edit: Edit): void {
    const after = edited({ text: text.value, start: 0, end: 0 }, edit)
    const area = box.value
    if (area === null) {
      text.value = after.text
      return
    }
    area.focus()
    area.setSelectionRange(edit.from, edit.to)
    if (!typeInto(edit.insert) || area.value !== after.text)
      area.value = after.text
    text.value = after.text
    area.setSelectionRange(after.start, after.end)
  }

  /** Another text altogether, with the caret at its end; nothing of it can be undone. */
  function replace(with_: string): void {
    text.value = with_
    void nextTick(() => box.value?.setSelectionRange(with_.length, with_.length))
  }

  return { text, selected, apply, replace }
}

// Nothing else goes into the list of what can be undone; where it is missing the text is set.
function typeInto(insert: string): boolean {
  /* eslint-disable @typescript-eslint/no-deprecated --
     The standard has no other way to type, and not every document has this one. */
  if (typeof document.execCommand !== 'function')
    return false
  return insert === '' ? document.execCommand('delete') : document.execCommand('insertText', false, insert)
  /* eslint-enable @typescript-eslint/no-deprecated */
}
