// One command at a time from a form of a room: that it is under way, and what was refused, at a field or as a whole.

import { readonly, shallowRef } from 'vue'
import { useLanguage, useWords } from '../language/useLanguage'
import { refusalWords } from '../messages/refusalWords'
import { Refused } from '../realtime/refusal'
import { fieldOfRefusal } from './roomRules'
import { WORDS } from './words'

interface Trouble {
  readonly field: string
  readonly text: string
}

const NONE: Trouble = { field: '', text: '' }

/** `fields` are those beside which the form shows what was refused. */
export function useAsking(fields: readonly string[] = []) {
  const { language, words: all } = useLanguage()
  const words = useWords(WORDS)
  const isAsking = shallowRef(false)
  const trouble = shallowRef(NONE)

  /** Whether it was done; what has gone wrong stays shown until the next is asked. */
  async function ask(doing: () => Promise<unknown>): Promise<boolean> {
    if (isAsking.value)
      return false
    isAsking.value = true
    trouble.value = NONE
    try {
      await doing()
      return true
    }
    catch (error) {
      trouble.value = troubleOf(error)
      return false
    }
    finally {
      isAsking.value = false
    }
  }

  function troubleOf(error: unknown): Trouble {
    if (!(error instanceof Refused))
      return { field: '', text: all.value.serverUnreachable }
    const { slug, detail } = error
    const field = fieldOfRefusal(slug, detail, fields)
    if (field === '' && slug === 'conflict')
      return { field, text: words.value.lastOwner }
    if (field !== '')
      return { field, text: slug === 'conflict' ? words.value.nameTaken : words.value.badValue }
    return { field, text: refusalWords(slug, detail, language.value) }
  }

  /** As TextField wants it. */
  function errorsOf(field: string): readonly string[] {
    return trouble.value.field === field && trouble.value.text !== '' ? [trouble.value.text] : []
  }

  return { isAsking: readonly(isAsking), trouble: readonly(trouble), errorsOf, ask }
}
