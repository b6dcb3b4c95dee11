// The rules of writing a message: which key sends it, and whether it may be sent. Pure; the field is MessageComposer.

export const TEXT_CHARS_AT_MOST = 10_000

/** Code points, as the server counts them: 😀 is one. */
export function charsOver(text: string): number {
  return Math.max(0, Array.from(text).length - TEXT_CHARS_AT_MOST)
}

export function maySend(text: string): boolean {
  return text.trim() !== '' && charsOver(text) === 0
}

/**
 * Enter by itself. While an input method composes, Enter belongs to it: browsers say so by `isComposing`, and Safari,
 * which ends the composition first, by the key code 229.
 */
export function isSendKey({ key, shiftKey, isComposing, keyCode }: {
  key: string, shiftKey: boolean, isComposing: boolean, keyCode: number
}): boolean {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== 229
}
