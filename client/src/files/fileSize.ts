// How large a file is, in the words of a language. In steps of 1024, as the limits of the server are.

import type { Language } from '../language/chooseLanguage'

const UNITS = ['KB', 'MB', 'GB', 'TB']

/** "183 bytes", "4.2 KB", "50 MB". */
export function fileSize(bytes: number, language: Language): string {
  if (bytes < 1024)
    return new Intl.NumberFormat(language, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(bytes)
  let value = bytes / 1024
  let unit = 0
  // What would be rounded to 1,024 is 1 of the next unit.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = value < 10 ? 1 : 0
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit] ?? ''}`
}
