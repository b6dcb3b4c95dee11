// The texts of messages and their list.

import type { Language } from '../language/chooseLanguage'

interface Words {
  messages: string
  someone: string
  you: string
  deletedPerson: string
  newMessages: string
  newCount: (count: number) => string
  toTheEnd: string
  start: (room: string) => string
  startHint: string
  invitePeople: string
  loading: string
  couldNotLoad: string
  noSuchMessage: string
  edited: string
  deleted: string
  deletedByYou: string
  writes: (names: string, count: number) => string
  waiting: string
  sending: string
  saved: string
  readBy: (count: number) => string
  refused: (why: string) => string
  retry: string
  discard: string
  edit: string
  remove: string
  react: string
  reactWith: (emoji: string) => string
  reply: string
  inThread: string
  replies: (count: number) => string
  openThread: string
  more: string
  pin: string
  unpin: string
  pinned: string
  save: string
  unsave: string
  savedMark: string
  forward: string
  forwardedFrom: (name: string) => string
  copyLink: string
  copyText: string
  copied: string
  copyCode: string
  markUnread: string
  history: string
  readers: string
  gone: string
  attached: (count: number) => string
  by: (name: string, time: string) => string
  peopleReacted: (names: string, emoji: string) => string
  resolved: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    messages: '消息',
    someone: '某人',
    you: '我',
    deletedPerson: '已注销的账号',
    newMessages: '以下是新消息',
    newCount: count => `${count} 条新消息`,
    toTheEnd: '回到最新',
    start: room => `这里是「${room}」的开头`,
    startHint: '在下面写第一条消息吧。',
    invitePeople: '邀请大家',
    loading: '正在加载消息…',
    couldNotLoad: '消息没有加载成功。',
    noSuchMessage: '这条消息不存在，或者你不能看。',
    edited: '（已编辑）',
    deleted: '这条消息已撤回',
    deletedByYou: '你撤回了一条消息',
    writes: (names, count) => count > 3 ? '好几个人正在输入…' : `${names} 正在输入…`,
    waiting: '等待发送',
    sending: '正在发送',
    saved: '已送达',
    readBy: count => `${count} 人已读`,
    refused: why => `没有发出：${why}`,
    retry: '重试',
    discard: '丢弃',
    edit: '编辑',
    remove: '撤回',
    react: '添加表情回应',
    reactWith: emoji => `用 ${emoji} 回应`,
    reply: '回复',
    inThread: '话题',
    replies: count => `${count} 条回复`,
    openThread: '在话题中回复',
    more: '更多操作',
    pin: '置顶',
    unpin: '取消置顶',
    pinned: '已置顶',
    save: '收藏',
    unsave: '取消收藏',
    savedMark: '已收藏',
    forward: '转发',
    forwardedFrom: name => `转发自 ${name}`,
    copyLink: '复制链接',
    copyText: '复制文字',
    copied: '已复制',
    copyCode: '复制代码',
    markUnread: '从这里标为未读',
    history: '编辑记录',
    readers: '谁读过',
    gone: '原消息已不在',
    attached: count => `${count} 个附件`,
    by: (name, time) => `${name}，${time}`,
    peopleReacted: (names, emoji) => `${names} 回应了 ${emoji}`,
    resolved: '已解决',
  },
  'en': {
    messages: 'Messages',
    someone: 'Somebody',
    you: 'Me',
    deletedPerson: 'Deleted account',
    newMessages: 'New messages',
    newCount: count => count === 1 ? '1 new message' : `${count} new messages`,
    toTheEnd: 'Jump to the latest',
    start: room => `This is the start of “${room}”`,
    startHint: 'Write the first message below.',
    invitePeople: 'Invite people',
    loading: 'Loading messages…',
    couldNotLoad: 'The messages could not be loaded.',
    noSuchMessage: 'There is no such message, or you may not see it.',
    edited: '(edited)',
    deleted: 'This message was deleted',
    deletedByYou: 'You deleted a message',
    writes: (names, count) => count > 3 ? 'Several people are writing…' : `${names} ${count === 1 ? 'is' : 'are'} writing…`,
    waiting: 'Waiting to be sent',
    sending: 'Sending',
    saved: 'Delivered',
    readBy: count => `Read by ${count}`,
    refused: why => `Not sent: ${why}`,
    retry: 'Retry',
    discard: 'Discard',
    edit: 'Edit',
    remove: 'Delete',
    react: 'Add a reaction',
    reactWith: emoji => `React with ${emoji}`,
    reply: 'Reply',
    inThread: 'Thread',
    replies: count => count === 1 ? '1 reply' : `${count} replies`,
    openThread: 'Reply in a thread',
    more: 'More',
    pin: 'Pin',
    unpin: 'Unpin',
    pinned: 'Pinned',
    save: 'Save for later',
    unsave: 'Remove from saved',
    savedMark: 'Saved',
    forward: 'Forward',
    forwardedFrom: name => `Forwarded from ${name}`,
    copyLink: 'Copy link',
    copyText: 'Copy text',
    copied: 'Copied',
    copyCode: 'Copy code',
    markUnread: 'Mark unread from here',
    history: 'Earlier versions',
    readers: 'Who has read it',
    gone: 'The original is gone',
    attached: count => count === 1 ? '1 attachment' : `${count} attachments`,
    by: (name, time) => `${name}, ${time}`,
    peopleReacted: (names, emoji) => `${names} reacted with ${emoji}`,
    resolved: 'Resolved',
  },
}
