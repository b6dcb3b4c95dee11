// The texts of the settings.

import type { Language } from '../language/chooseLanguage'
import type { Theme } from './settings'

interface Words {
  readonly settings: string
  readonly hint: string
  readonly back: string
  readonly language: string
  readonly theme: string
  readonly themes: Readonly<Record<Theme, string>>
  readonly writing: string
  readonly enterSends: string
  readonly controlEnterSends: string
  readonly notifications: string
  readonly notify: string
  readonly notifyHint: string
  readonly blocked: string
  readonly unsupported: string
  readonly showText: string
  readonly showTextHint: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    settings: '设置',
    hint: '只对这个浏览器有效，改动立即保存。',
    back: '返回房间列表',
    language: '语言',
    theme: '外观',
    themes: { system: '跟随系统', light: '浅色', dark: '深色' },
    writing: '发送消息',
    enterSends: '按 Enter 发送，Shift + Enter 换行',
    controlEnterSends: '按 Ctrl + Enter 发送，Enter 换行',
    notifications: '通知',
    notify: '有新消息时用系统通知提醒我',
    notifyHint: '每个房间提醒什么，在房间的设置里选择：全部、与我有关的，或不提醒。',
    blocked: '浏览器禁止了茶馆的通知。请在浏览器的网站设置里允许后再打开。',
    unsupported: '这个浏览器不能在此地址显示通知。通过 HTTPS 访问才可以。',
    showText: '在通知里显示消息内容',
    showTextHint: '关闭后只显示是谁、在哪个房间。',
  },
  'en': {
    settings: 'Settings',
    hint: 'For this browser only. Changes are kept at once.',
    back: 'Back to the rooms',
    language: 'Language',
    theme: 'Appearance',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    writing: 'Sending',
    enterSends: 'Enter sends, Shift + Enter starts a new line',
    controlEnterSends: 'Ctrl + Enter sends, Enter starts a new line',
    notifications: 'Notifications',
    notify: 'Tell me about new messages by notifications of the system',
    notifyHint: 'What a room tells you of is chosen in its settings: everything, what is for you, or nothing.',
    blocked: 'The browser blocks notifications of Teahouse. Allow them in its settings for this site, then turn them on here.',
    unsupported: 'This browser shows no notifications at this address. Over HTTPS it does.',
    showText: 'Show the text of messages in notifications',
    showTextHint: 'Otherwise they say only who wrote, and where.',
  },
}
