// The texts that several pages share in Chinese, and by its type the list of what each language must have. Those of a
// feature stand beside it, in its words.ts.

export const zhHans = {
  teahouse: '茶馆',
  otherLanguage: 'English',
  otherLanguageTag: 'en',
  switchLanguage: '切换到英文 (English)',
  cancel: '取消',
  close: '关闭',
  tryAgain: '再试一次',
  loading: '正在打开…',
  serverUnreachable: '暂时连不上服务器，请稍后再试。',
  tooManyAttempts: '尝试次数太多，请稍后再试。',
  somethingRefused: '服务器没有接受这次请求。',
  username: '用户名',
  displayName: '显示名称',
  displayNameHint: '别人看到的名字，可以不填。',
  password: '密码',
  showPassword: '显示密码',
}

export type Words = typeof zhHans
