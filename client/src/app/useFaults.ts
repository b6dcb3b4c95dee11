// Errors that nobody has caught, for all of the page: what was only not done is said in a sentence, and the page stays;
// what broke it leads to a page that says how to go on. Which is which is in faults.ts.

import { useEventListener } from '@vueuse/core'
import { onErrorCaptured, readonly, shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { ApiError } from '../api/request'
import { WORDS } from '../chat/words'
import { useLanguage, useWords } from '../language/useLanguage'
import { useRefusals } from '../messages/useRefusals'
import { useToasts } from '../ui/useToasts'
import { faultOf, isAnswered, isUnreached } from './faults'

/** For the outermost component. */
export function useFaults() {
  const { language, words: all } = useLanguage()
  const words = useWords(WORDS)
  const toasts = useToasts()
  const refusals = useRefusals()
  const hasCrashed = shallowRef(false)

  onErrorCaptured((error, _, where) => {
    const fault = faultOf(error, where)
    if (!isAnswered(error))
      console.error(error)
    if (fault === 'page')
      hasCrashed.value = true
    else if (fault === 'part')
      toasts.show(words.value.partMissing)
    else
      void tell(error)
    return false
  })
  // A view that could not be loaded; one stays where one was.
  useRouter().onError(() => toasts.show(words.value.partMissing))
  useEventListener(window, 'unhandledrejection', (event: PromiseRejectionEvent) => {
    if (!isAnswered(event.reason))
      return
    event.preventDefault()
    void tell(event.reason)
  })

  async function tell(error: unknown): Promise<void> {
    toasts.show(await textOf(error))
  }

  async function textOf(error: unknown): Promise<string> {
    if (error instanceof ApiError) {
      const { statusText } = await import('../ui/statusTexts')
      return statusText(error.status, language.value) ?? (error.detail || all.value.somethingRefused)
    }
    if (isUnreached(error))
      return all.value.serverUnreachable
    return isAnswered(error) ? refusals.textOf(error) : words.value.notDone
  }

  return { hasCrashed: readonly(hasCrashed) }
}
