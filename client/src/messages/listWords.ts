// The texts of pins, of what is saved, and of the dialogs about one message.

import type { Language } from '../language/chooseLanguage'

interface Words {
  jump: string
  removeAsk: string
  removeHint: string
  unpin: string
  pinnedBy: (name: string) => string
  noPins: string
  noPinsHint: string
  saved: string
  remove: string
  noSaved: string
  noSavedHint: string
  more: string
  loading: string
  failed: string
  thread: string
  forward: string
  where: string
  comment: string
  send: string
  rooms: string
  noRoom: string
  forwarded: (room: string) => string
  show: string
  history: string
  now: string
  until: (time: string) => string
  readers: string
  readBy: (count: number) => string
  notReadBy: (count: number) => string
  lateHint: string
  nobody: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    jump: '查看',
    removeAsk: '撤回这条消息？',
    removeHint: '内容会从所有人那里消失，只留下一行说明。',
    unpin: '取消置顶',
    pinnedBy: name => `由 ${name} 置顶`,
    noPins: '还没有置顶消息',
    noPinsHint: '在消息的菜单里选择“置顶”，所有人都能在这里看到它。',
    saved: '收藏',
    remove: '取消收藏',
    noSaved: '还没有收藏',
    noSavedHint: '在消息的菜单里选择“收藏”，它会留在这里，只有你看得到。',
    more: '更多',
    loading: '正在加载…',
    failed: '没有加载成功。',
    thread: '打开话题',
    forward: '转发消息',
    where: '转发到哪里？',
    comment: '附言（可不填）',
    send: '转发',
    rooms: '房间和人',
    noRoom: '没有找到这样的房间或人。',
    forwarded: room => `已转发到「${room}」`,
    show: '去看看',
    history: '编辑记录',
    now: '现在',
    until: time => `${time} 之前`,
    readers: '谁读过',
    readBy: count => `${count} 人已读`,
    notReadBy: count => `${count} 人未读`,
    lateHint: '后来才加入的人也列在未读里。',
    nobody: '还没有人读过。',
  },
  'en': {
    jump: 'Show',
    removeAsk: 'Delete this message?',
    removeHint: 'Its text goes away for everybody; a line that it was deleted stays.',
    unpin: 'Unpin',
    pinnedBy: name => `Pinned by ${name}`,
    noPins: 'Nothing is pinned yet',
    noPinsHint: 'Choose “Pin” in the menu of a message, and everybody finds it here.',
    saved: 'Saved',
    remove: 'Remove',
    noSaved: 'Nothing is saved yet',
    noSavedHint: 'Choose “Save for later” in the menu of a message. Only you see it here.',
    more: 'More',
    loading: 'Loading…',
    failed: 'This could not be loaded.',
    thread: 'Open the thread',
    forward: 'Forward message',
    where: 'Where to?',
    comment: 'Comment (optional)',
    send: 'Forward',
    rooms: 'Rooms and people',
    noRoom: 'No such room or person was found.',
    forwarded: room => `Forwarded to “${room}”`,
    show: 'Show',
    history: 'Earlier versions',
    now: 'Now',
    until: time => `Until ${time}`,
    readers: 'Who has read it',
    readBy: count => `Read by ${count}`,
    notReadBy: count => `Not read by ${count}`,
    lateHint: 'Who came after the message is among those, too.',
    nobody: 'Nobody has read it yet.',
  },
}
