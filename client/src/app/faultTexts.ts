// What is said of an error that nobody has caught: what happened, and what to do. Loaded with the first of them.

import { ApiError } from '../api/request'
import type { Language } from '../language/chooseLanguage'
import { en } from '../language/en'
import { zhHans } from '../language/zhHans'
import { refusalWords } from '../messages/refusalWords'
import { Refused, Unknown } from '../realtime/refusal'
import { statusText } from '../ui/statusTexts'

const WORDS = {
  'zh-Hans': {
    all: zhHans,
    partMissing: '页面的这一部分没能加载。请检查网络后再试，或重新加载页面。',
    notDone: '这个操作没有成功。请再试一次；如果还是不行，请重新加载页面。',
  },
  'en': {
    all: en,
    partMissing: 'This part of the page could not be loaded. Check your connection and try again, or reload.',
    notDone: 'That did not work. Try again; if it stays so, reload the page.',
  },
}

export function faultText(error: unknown, fault: 'part' | 'action', language: Language): string {
  const { all, partMissing, notDone } = WORDS[language]
  if (fault === 'part')
    return partMissing
  if (error instanceof Refused)
    return refusalWords(error.slug, error.detail, language)
  if (error instanceof ApiError)
    return statusText(error.status, language) ?? (error.detail || all.somethingRefused)
  return isUnreached(error) ? all.serverUnreachable : notDone
}

/** What `fetch` raises when nobody answers, or too late. */
function isUnreached(error: unknown): boolean {
  return error instanceof Unknown
    || (error instanceof DOMException && error.name === 'TimeoutError')
    || (error instanceof TypeError && /fetch|network|load failed/i.test(error.message))
}
