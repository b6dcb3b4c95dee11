// What a failed request means by its status alone, for answers that say nothing plain themselves: a proxy's page, a
// limit in bytes, a fault of the server. Pure.

import type { Language } from '../language/chooseLanguage'

type Meaning = 'forbidden' | 'tooLarge' | 'tooMany' | 'busy' | 'fault'

const TEXTS: Readonly<Record<Language, Readonly<Record<Meaning, string>>>> = {
  'zh-Hans': {
    forbidden: '你没有这样做的权限。如果登录已失效，请刷新页面重新登录。',
    tooLarge: '内容太大，服务器不接受。请减小后再试。',
    tooMany: '操作太频繁，请稍等片刻再试。',
    busy: '服务器正忙或正在重启，请稍后再试。',
    fault: '服务器出错了，你的内容没有丢失。请稍后再试；如果一直这样，请告诉管理员。',
  },
  'en': {
    forbidden: 'You are not allowed to do this. If you were signed out, reload the page and sign in again.',
    tooLarge: 'This is too large for the server. Make it smaller and try again.',
    tooMany: 'Too much at once. Please wait a moment and try again.',
    busy: 'The server is busy or restarting. Please try again shortly.',
    fault: 'The server made a mistake; what you entered is still here. Try again later, and tell an admin if it stays so.',
  },
}

/** Undefined where the answer's own words are better. */
export function statusText(status: number, language: Language): string | undefined {
  const meaning = meaningOf(status)
  return meaning && TEXTS[language][meaning]
}

function meaningOf(status: number): Meaning | undefined {
  if (status === 403)
    return 'forbidden'
  if (status === 413)
    return 'tooLarge'
  if (status === 429)
    return 'tooMany'
  if (status >= 502 && status <= 504)
    return 'busy'
  return status >= 500 ? 'fault' : undefined
}
