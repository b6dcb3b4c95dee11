// Whether a text may be sent, and when its length is worth showing. Pure.

/** So few characters before the limit the counter appears. */
const NEAR = 200

/** Code points without the white space around, as the server counts them: 😀 is one. */
export function charsOf(text: string): number {
  return Array.from(text.trim()).length
}

/** How many more may be written, below zero how many are too many; null while the limit is far away. */
export function charsLeft(text: string, mostChars: number): number | null {
  // No text has more code points than UTF-16 units: most need no counting.
  if (text.length < mostChars - NEAR)
    return null
  const left = mostChars - charsOf(text)
  return left <= NEAR ? left : null
}

/** With files the text may be empty. */
export function maySend(text: string, { mostChars, hasFiles }: { mostChars: number, hasFiles: boolean }): boolean {
  return (hasFiles || text.trim() !== '') && (charsLeft(text, mostChars) ?? 0) >= 0
}
