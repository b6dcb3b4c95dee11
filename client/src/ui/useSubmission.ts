// The one life of every form: sending, refused or done. It knows no field and no address.

import { readonly, shallowRef } from 'vue'
import { useLanguage } from '../language/useLanguage'
import { NO_REFUSAL, refusalOf } from './refusalText'

/** `shown` are the names of the fields beside which the form shows errors; see refusalOf for `own`. */
export function useSubmission(shown: readonly string[], own?: () => Readonly<Record<number, string>>) {
  const { words, language } = useLanguage()
  const isSending = shallowRef(false)
  const refusal = shallowRef(NO_REFUSAL)

  /** What `send` answered, or undefined when it was refused or another is on its way. */
  async function submit<Answer>(send: () => Promise<Answer>): Promise<Answer | undefined> {
    if (isSending.value)
      return undefined
    isSending.value = true
    refusal.value = NO_REFUSAL
    try {
      return await send()
    }
    catch (error) {
      refusal.value = refusalOf(error, words.value, { shown, language: language.value, own: own?.() ?? {} })
      return undefined
    }
    finally {
      isSending.value = false
    }
  }

  return { isSending: readonly(isSending), refusal: readonly(refusal), submit }
}
