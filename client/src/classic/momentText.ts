// How the classic page writes when something was said.

import type { Language } from '../language/chooseLanguage'

const FORMATS: Record<Language, Intl.DateTimeFormat> = { 'zh-Hans': formatFor('zh-Hans'), 'en': formatFor('en') }

/** Day and time to the second, in the reader's time zone. */
export function momentText(atMs: number, language: Language): string {
  return FORMATS[language].format(atMs)
}

function formatFor(language: Language): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
}
