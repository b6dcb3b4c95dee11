// The texts that several pages share in English.

import type { Words } from './zhHans'

export const en: Words = {
  teahouse: 'Teahouse',
  otherLanguage: '中文',
  otherLanguageTag: 'zh-Hans',
  switchLanguage: 'Switch to Chinese (中文)',
  cancel: 'Cancel',
  close: 'Close',
  tryAgain: 'Try again',
  loading: 'Opening…',
  serverUnreachable: 'The server cannot be reached right now. Please try again shortly.',
  tooManyAttempts: 'Too many attempts. Please wait a while and try again.',
  somethingRefused: 'The server did not accept this request.',
  username: 'Username',
  displayName: 'Display name',
  displayNameHint: 'The name others see. You may leave it empty.',
  password: 'Password',
  showPassword: 'Show password',
}
