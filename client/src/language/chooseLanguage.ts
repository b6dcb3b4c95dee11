// Which language a person reads, as a rule without a browser.

export const LANGUAGES = ['zh-Hans', 'en'] as const
export type Language = typeof LANGUAGES[number]

/** What was chosen by hand before, else Chinese for any kind of Chinese and English for all others. */
export function chooseLanguage(kept: string | null, preferred: string): Language {
  const chosen = LANGUAGES.find(language => language === kept)
  return chosen ?? (/^zh\b/i.test(preferred) ? 'zh-Hans' : 'en')
}
