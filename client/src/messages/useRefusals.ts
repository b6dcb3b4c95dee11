// Tells somebody that a command did not do what it should. The words for it are loaded when the first one fails.

import { useLanguage } from '../language/useLanguage'
import { Refused } from '../realtime/refusal'
import { useToasts } from '../ui/useToasts'

export function useRefusals() {
  const { language, words } = useLanguage()
  const toasts = useToasts()

  async function tell(error: unknown): Promise<void> {
    if (!(error instanceof Refused)) {
      toasts.show(words.value.serverUnreachable)
      return
    }
    const { refusalWords } = await import('./refusalWords')
    toasts.show(refusalWords(error.slug, error.detail, language.value))
  }

  return { tell: (error: unknown) => void tell(error) }
}
