// What somebody is told when a command did not do what it should: the refusal in our words, or that nobody answered.

import { useLanguage } from '../language/useLanguage'
import { Refused } from '../realtime/refusal'
import { useToasts } from '../ui/useToasts'
import { refusalWords } from './refusalWords'

export function useRefusals() {
  const { language, words } = useLanguage()
  const toasts = useToasts()

  function textOf(error: unknown): string {
    return error instanceof Refused
      ? refusalWords(error.slug, error.detail, language.value)
      : words.value.serverUnreachable
  }

  return { textOf, tell: (error: unknown) => toasts.show(textOf(error)) }
}
