// Which language a person reads, as a rule without a browser, and how a moment is written in it.

export const LANGUAGES = ['zh-Hans', 'en'] as const
export type Language = typeof LANGUAGES[number]

/** What was chosen by hand before, else Chinese for any kind of Chinese and English for all others. */
export function chooseLanguage(kept: string | null, preferred: string): Language {
  const chosen = LANGUAGES.find(language => language === kept)
  return chosen ?? (/^zh\b/i.test(preferred) ? 'zh-Hans' : 'en')
}

/** Day and time to the second, in the reader's time zone. */
export function momentText(atMs: number, language: Language): string {
  return FORMATS[language].format(atMs)
}

const FORMATS: Record<Language, Intl.DateTimeFormat> = { 'zh-Hans': formatFor('zh-Hans'), 'en': formatFor('en') }

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
