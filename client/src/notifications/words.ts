// The texts of notifications.

import type { Language } from '../language/chooseLanguage'

interface Words {
  readonly titleIn: (name: string, room: string) => string
  readonly newMessage: string
  readonly file: string
  readonly somebody: string
  readonly toast: (name: string, room: string) => string
  readonly ask: string
  readonly turnOn: string
  readonly notNow: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    titleIn: (name, room) => `${name}（${room}）`,
    newMessage: '发来一条新消息',
    file: '[文件]',
    somebody: '有人',
    toast: (name, room) => `${name} 在「${room}」里提到你，点此查看`,
    ask: '不在这个页面时，要用通知提醒你新消息吗？',
    turnOn: '打开通知',
    notNow: '不用',
  },
  'en': {
    titleIn: (name, room) => `${name} in ${room}`,
    newMessage: 'New message',
    file: '[File]',
    somebody: 'Somebody',
    toast: (name, room) => `${name} wrote to you in ${room}. Show it`,
    ask: 'Be told of new messages while you are elsewhere?',
    turnOn: 'Turn on',
    notNow: 'Not now',
  },
}
