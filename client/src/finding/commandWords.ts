// The names of the commands that the palette lists on every page.

import type { Language } from '../language/chooseLanguage'
import type { SettingsPart, Theme } from '../settings/settings'

interface Words {
  readonly newRoom: string
  readonly newTalk: string
  readonly browse: string
  readonly threads: string
  readonly saved: string
  readonly notices: string
  readonly searchMessages: string
  readonly settings: string
  readonly settingsOf: Readonly<Record<SettingsPart, string>>
  readonly themes: Readonly<Record<Theme, string>>
  readonly language: string
  readonly markAllRead: string
  readonly shortcuts: string
  readonly signOut: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    newRoom: '新建房间',
    newTalk: '发起聊天',
    browse: '浏览公开房间',
    threads: '话题',
    saved: '收藏',
    notices: '公告',
    searchMessages: '搜索消息',
    settings: '设置',
    settingsOf: { language: '设置：语言', theme: '设置：外观', writing: '设置：发送消息', notifications: '设置：通知' },
    themes: { system: '外观跟随系统', light: '切换到浅色', dark: '切换到深色' },
    language: '切换到英文 (English)',
    markAllRead: '全部标为已读',
    shortcuts: '键盘快捷键',
    signOut: '退出登录',
  },
  'en': {
    newRoom: 'New room',
    newTalk: 'New conversation',
    browse: 'Browse public rooms',
    threads: 'Threads',
    saved: 'Saved messages',
    notices: 'Notices',
    searchMessages: 'Search messages',
    settings: 'Settings',
    settingsOf: {
      language: 'Settings: language', theme: 'Settings: appearance', writing: 'Settings: sending',
      notifications: 'Settings: notifications',
    },
    themes: { system: 'Look as the system does', light: 'Switch to light', dark: 'Switch to dark' },
    language: 'Switch to Chinese (中文)',
    markAllRead: 'Mark everything as read',
    shortcuts: 'Keyboard shortcuts',
    signOut: 'Sign out',
  },
}
