// Whose text is in the box: the draft of a room or thread, or a message that is being edited, behind which what was
// being written waits. The box itself is useTextBox's.

import { watch } from 'vue'

interface Place {
  readonly place: string
  readonly draft: string
  readonly editing: { text: string } | null
}

/** `swapped` is called after each change of what the box holds, with whether a message is edited now. */
export function useSwappedText(
  props: Place, { current, replace, swapped }: {
    current: () => string
    replace: (text: string) => void
    swapped: (isEditing: boolean) => void
  },
): void {
  // What was being written when a message was taken up to be edited.
  let waiting: string | null = props.editing === null ? null : props.draft
  replace(props.editing?.text ?? props.draft)

  // Not at once: a new place comes with its draft, one property after the other.
  watch(() => [props.place, props.editing] as const, ([place, editing], [placeBefore]) => {
    const written = place === placeBefore ? waiting ?? current() : props.draft
    waiting = editing === null ? null : written
    replace(editing?.text ?? written)
    swapped(editing !== null)
  })
}
