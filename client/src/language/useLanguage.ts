// The language of the page: one for all components, kept in this browser, told to the document.
// The rule of choice is in chooseLanguage.ts, the texts are in zhHans.ts and en.ts.

import { computed, readonly, shallowRef, type ComputedRef } from 'vue'
import { chooseLanguage, type Language } from './chooseLanguage'
import { en } from './en'
import { zhHans, type Words } from './zhHans'

const KEPT_AS = 'teahouse-language'
const WORDS: Record<Language, Words> = { 'zh-Hans': zhHans, en }

const language = shallowRef(chooseLanguage(kept(), navigator.language))
const words = computed(() => WORDS[language.value])
document.documentElement.lang = language.value
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === KEPT_AS) {
    language.value = chooseLanguage(newValue, navigator.language)
    document.documentElement.lang = language.value
  }
})

export function useLanguage() {
  return {
    language: readonly(language),
    words,
    switchLanguage,
  }
}

/** The texts of one feature, which stand beside it in a `words.ts`; those of all pages are in zhHans.ts and en.ts. */
export function useWords<Texts>(texts: Readonly<Record<Language, Texts>>): ComputedRef<Texts> {
  return computed(() => texts[language.value])
}

function switchLanguage(): void {
  language.value = language.value === 'en' ? 'zh-Hans' : 'en'
  document.documentElement.lang = language.value
  try {
    localStorage.setItem(KEPT_AS, language.value)
  }
  catch {
    // A browser that keeps nothing still shows the chosen language until the page is left.
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT_AS)
  }
  catch {
    return null
  }
}
