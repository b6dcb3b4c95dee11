// The texts of threads: the pane and the list of those that one follows.

import type { Language } from '../language/chooseLanguage'

interface Words {
  threads: string
  follow: string
  follows: string
  mute: string
  unmute: string
  resolve: string
  unresolve: string
  resolvedBy: (name: string) => string
  replyHere: string
  noReplies: string
  showInRoom: string
  more: string
  gone: string
  failed: string
  none: string
  noneHint: string
  unread: (count: number) => string
  replies: (count: number) => string
  loading: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    threads: '话题',
    follow: '关注',
    follows: '已关注',
    mute: '不再提醒',
    unmute: '恢复提醒',
    resolve: '标为已解决',
    unresolve: '重新打开',
    resolvedBy: name => `${name} 已标为解决`,
    replyHere: '在话题中回复',
    noReplies: '还没有回复。',
    showInRoom: '在房间中查看',
    more: '更多回复',
    gone: '这个话题已经不在了。',
    failed: '话题没有加载成功。',
    none: '还没有关注的话题',
    noneHint: '对一条消息选择“在话题中回复”，或者关注一个话题，它就会出现在这里。',
    unread: count => `${count} 条未读回复`,
    replies: count => `${count} 条回复`,
    loading: '正在加载…',
  },
  'en': {
    threads: 'Threads',
    follow: 'Follow',
    follows: 'Following',
    mute: 'Mute',
    unmute: 'Unmute',
    resolve: 'Mark as resolved',
    unresolve: 'Reopen',
    resolvedBy: name => `Resolved by ${name}`,
    replyHere: 'Reply in the thread',
    noReplies: 'No replies yet.',
    showInRoom: 'Show in the room',
    more: 'More replies',
    gone: 'This thread is gone.',
    failed: 'The thread could not be loaded.',
    none: 'You follow no threads yet',
    noneHint: 'Reply to a message in a thread, or follow one, and it appears here.',
    unread: count => count === 1 ? '1 unread reply' : `${count} unread replies`,
    replies: count => count === 1 ? '1 reply' : `${count} replies`,
    loading: 'Loading…',
  },
}
