// Errors that nobody has caught, for all of the page: what was only not done is said in a sentence, and the page stays;
// what broke it leads to a page that says how to go on. Which is which is in faults.ts, the sentences in faultTexts.ts.

import { useEventListener } from '@vueuse/core'
import { onErrorCaptured, readonly, shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { useLanguage } from '../language/useLanguage'
import { useToasts } from '../ui/useToasts'
import { faultOf, isAnswered } from './faults'

/** For the outermost component. */
export function useFaults() {
  const { language, words } = useLanguage()
  const toasts = useToasts()
  const hasCrashed = shallowRef(false)

  onErrorCaptured((error, _, where) => {
    const fault = faultOf(error, where)
    if (!isAnswered(error))
      console.error(error)
    if (fault === 'page')
      hasCrashed.value = true
    else
      void tell(error, fault)
    return false
  })
  // A view that could not be loaded; one stays where one was.
  useRouter().onError((error: unknown) => void tell(error, 'part'))
  useEventListener(window, 'unhandledrejection', (event: PromiseRejectionEvent) => {
    if (!isAnswered(event.reason))
      return
    event.preventDefault()
    void tell(event.reason, 'action')
  })

  async function tell(error: unknown, fault: 'part' | 'action'): Promise<void> {
    try {
      const { faultText } = await import('./faultTexts')
      toasts.show(faultText(error, fault, language.value))
    }
    catch {
      // Not even that could be loaded.
      toasts.show(words.value.serverUnreachable)
    }
  }

  return { hasCrashed: readonly(hasCrashed) }
}
