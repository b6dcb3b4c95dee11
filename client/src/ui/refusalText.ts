// What a person is told when a request failed, and which field is meant; a rule for all forms. No form is here.

import { ApiError } from '../api/request'
import type { Language } from '../language/chooseLanguage'
import type { Words } from '../language/zhHans'
import { statusText } from './statusTexts'

export interface Refusal {
  /** For the form as a whole; empty when the fields say it all. */
  readonly text: string
  readonly fields: Readonly<Record<string, readonly string[]>>
}

export const NO_REFUSAL: Refusal = { text: '', fields: {} }

/** `own` replaces the server's text for some statuses; errors of fields outside `shown` join the text. */
export function refusalOf(
  error: unknown,
  words: Words,
  { shown, language, own = {} }: { shown: readonly string[], language: Language, own?: Readonly<Record<number, string>> },
): Refusal {
  if (!(error instanceof ApiError))
    return { text: words.serverUnreachable, fields: {} }

  const chosen = own[error.status] ?? (error.status === 429 ? words.tooManyAttempts : undefined)
    // A refusal says best itself why it is one; a limit or a fault does not.
    ?? (error.status === 403 ? undefined : statusText(error.status, language))
  if (chosen !== undefined)
    return { text: chosen, fields: {} }

  const fields = Object.fromEntries(shown.map(name => [name, error.errors[name] ?? []]))
  const others = Object.entries(error.errors).filter(([name]) => !shown.includes(name)).flatMap(([, texts]) => texts)
  const isSaid = others.length > 0 || Object.values(fields).some(texts => texts.length > 0)
  return {
    text: isSaid ? others.join(' ') : error.detail || statusText(error.status, language) || error.title || words.somethingRefused,
    fields,
  }
}
