// The texts that are only spoken.

import type { Language } from '../language/chooseLanguage'

interface Words {
  readonly somebody: string
  readonly file: string
  readonly many: (count: number) => string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': { somebody: '有人', file: '发来文件', many: count => `${count} 条新消息` },
  'en': { somebody: 'Somebody', file: 'sent a file', many: count => `${count} new messages` },
}
