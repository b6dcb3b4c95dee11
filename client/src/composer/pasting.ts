// What of a clipboard is taken as files. Pure; the text of a clipboard goes into the box by itself, and plainly.

/**
 * The files, unless they are only pictures of a text: Word and Excel give their text, its look and an image of it. A
 * copied file has its name as plain text but no look, and an image of a page a look but no plain text.
 */
export function filesOf(clipboard: { readonly files: Iterable<File>, readonly types: readonly string[] }): File[] {
  const { types } = clipboard
  const isText = types.includes('text/plain') && (types.includes('text/html') || types.includes('text/rtf'))
  return isText ? [] : Array.from(clipboard.files)
}
