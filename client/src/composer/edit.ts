// One change of the text in a box, as a value: what completion.ts and formatting.ts give, and what useTextBox does.

/** Replace the text from `from` to `to` by `insert`, then select from `selectFrom` to `selectTo` of the new text. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
  readonly selectFrom: number
  readonly selectTo: number
}

/** A text and what is selected of it; in a box without a selection both are where the caret is. */
export interface Selected {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The text and its selection after the edit. */
export function edited({ text }: Selected, edit: Edit): Selected {
  return {
    text: text.slice(0, edit.from) + edit.insert + text.slice(edit.to),
    start: edit.selectFrom,
    end: edit.selectTo,
  }
}

/** `insert` in the place of a range, with the caret behind it. */
export function replacing(from: number, to: number, insert: string): Edit {
  const caret = from + insert.length
  return { from, to, insert, selectFrom: caret, selectTo: caret }
}
