// The texts of the dialog for who is signed out, loaded with it.

const zhHans = {
  signIn: '重新登录',
  signedOut: '登录已失效',
  signedOutHint: '请重新登录。没写完的内容都还在。',
}

const en: typeof zhHans = {
  signIn: 'Sign in again',
  signedOut: 'You are signed out',
  signedOutHint: 'Please sign in again. What you were writing is kept.',
}

export const WORDS = { 'zh-Hans': zhHans, en }
