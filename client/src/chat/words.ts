// The texts of the page around the messages: rooms, connection, menus.

import type { Language } from '../language/chooseLanguage'

interface Words {
  skipToComposer: string
  skipToView: string
  rooms: string
  sections: { favourites: string, rooms: string, people: string, archived: string }
  ownNotes: string
  draft: string
  unread: string
  mentions: (count: number) => string
  online: string
  offline: string
  lastSeen: (time: string) => string
  newRoom: string
  newTalk: string
  browse: string
  noRooms: string
  find: string
  threads: string
  saved: string
  notices: string
  unreadNotices: (count: number) => string
  searchInRoom: string
  settings: string
  signOut: string
  stillSignedIn: string
  menu: string
  back: string
  close: string
  members: string
  files: string
  pins: string
  roomSettings: string
  roomMenu: string
  invite: string
  favourite: string
  unfavourite: string
  writeTo: (room: string) => string
  replyTo: string
  readOnly: { archived: string, reader: string, moderators: string, muted: string }
  connecting: string
  reconnecting: (seconds: number) => string
  connectionLost: string
  browserOffline: string
  retryNow: string
  waiting: (count: number) => string
  caughtUp: string
  catchingUp: string
  notKept: string
  opening: string
  crashed: string
  crashedHint: string
  reload: string
  update: string
  shortcuts: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    skipToComposer: '跳到输入框',
    skipToView: '跳到正文',
    rooms: '房间',
    sections: { favourites: '置顶关注', rooms: '房间', people: '私聊', archived: '已归档' },
    ownNotes: '我的笔记',
    draft: '[草稿]',
    unread: '有未读消息',
    mentions: count => `${count} 条与我有关`,
    online: '在线',
    offline: '不在线',
    lastSeen: time => `${time} 还在`,
    newRoom: '新建房间',
    newTalk: '发起聊天',
    browse: '浏览公开房间',
    noRooms: '还没有房间。新建一个，或者看看有哪些公开房间。',
    find: '查找（Ctrl+K）',
    threads: '话题',
    saved: '收藏',
    notices: '公告',
    unreadNotices: count => `${count} 条未读`,
    searchInRoom: '在这个房间里搜索',
    settings: '设置',
    signOut: '退出登录',
    stillSignedIn: '退出没有成功，你仍处于登录状态。',
    menu: '菜单',
    back: '返回房间列表',
    close: '关闭',
    members: '成员',
    files: '文件',
    pins: '置顶消息',
    roomSettings: '房间设置',
    roomMenu: '房间菜单',
    invite: '邀请',
    favourite: '加入关注',
    unfavourite: '取消关注',
    writeTo: room => `发消息到「${room}」`,
    replyTo: '回复',
    readOnly: {
      archived: '这个房间已归档，只能阅读。',
      reader: '你在这个房间里只能阅读。',
      moderators: '这个房间只有管理员可以发言。',
      muted: '你在这里被禁言了。',
    },
    connecting: '正在连接…',
    reconnecting: seconds => `连接已断开，${seconds} 秒后重连`,
    connectionLost: '连接已断开，正在重连。',
    browserOffline: '网络已断开。恢复后会自动重连。',
    retryNow: '立即重试',
    waiting: count => `${count} 条消息等待发送`,
    caughtUp: '消息已全部同步',
    catchingUp: '正在补上错过的消息…',
    notKept: '这个浏览器不保存数据：没有发出的消息在关闭页面后会丢失。',
    opening: '正在打开…',
    crashed: '页面出了问题',
    crashedHint: '重新加载就能继续。没写完的内容都还在。',
    reload: '重新加载',
    update: '有新版本，点此更新',
    shortcuts: '键盘快捷键',
  },
  'en': {
    skipToComposer: 'Skip to writing',
    skipToView: 'Skip to the content',
    rooms: 'Rooms',
    sections: { favourites: 'Favourites', rooms: 'Rooms', people: 'People', archived: 'Archived' },
    ownNotes: 'My notes',
    draft: 'Draft',
    unread: 'unread messages',
    mentions: count => `${count} for me`,
    online: 'here',
    offline: 'away',
    lastSeen: time => `last seen ${time}`,
    newRoom: 'New room',
    newTalk: 'New conversation',
    browse: 'Browse public rooms',
    noRooms: 'No rooms yet. Make one, or look at the public ones.',
    find: 'Find (Ctrl+K)',
    threads: 'Threads',
    saved: 'Saved',
    notices: 'Notices',
    unreadNotices: count => `${count} unread`,
    searchInRoom: 'Search in this room',
    settings: 'Settings',
    signOut: 'Sign out',
    stillSignedIn: 'Signing out did not succeed: you are still signed in.',
    menu: 'Menu',
    back: 'Back to the rooms',
    close: 'Close',
    members: 'Members',
    files: 'Files',
    pins: 'Pinned messages',
    roomSettings: 'Room settings',
    roomMenu: 'Menu of the room',
    invite: 'Invite',
    favourite: 'Add to favourites',
    unfavourite: 'Remove from favourites',
    writeTo: room => `Message ${room}`,
    replyTo: 'Reply',
    readOnly: {
      archived: 'This room is archived; it can only be read.',
      reader: 'You can only read in this room.',
      moderators: 'Only moderators write in this room.',
      muted: 'You are muted here.',
    },
    connecting: 'Connecting…',
    reconnecting: seconds => `Connection lost, reconnecting in ${seconds} s`,
    connectionLost: 'Connection lost, reconnecting.',
    browserOffline: 'You are offline. The chat comes back by itself.',
    retryNow: 'Retry now',
    waiting: count => count === 1 ? '1 message waiting to be sent' : `${count} messages waiting to be sent`,
    caughtUp: 'Caught up',
    catchingUp: 'Catching up…',
    notKept: 'This browser keeps nothing: unsent messages are lost when the page is closed.',
    opening: 'Opening…',
    crashed: 'Something went wrong on this page',
    crashedHint: 'Reload to go on. What you were writing is kept.',
    reload: 'Reload',
    update: 'New version: update',
    shortcuts: 'Keyboard shortcuts',
  },
}
