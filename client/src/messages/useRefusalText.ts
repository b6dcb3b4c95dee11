// What a failed command is called: the refusal in our words, or that nobody answered.

import { useLanguage } from '../language/useLanguage'
import { Refused } from '../realtime/refusal'
import { refusalWords } from './refusalWords'

export function useRefusalText(): (error: unknown) => string {
  const { language, words } = useLanguage()
  return error => error instanceof Refused
    ? refusalWords(error.slug, error.detail, language.value)
    : words.value.serverUnreachable
}
