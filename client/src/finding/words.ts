// The texts of finding: the palette, the search, the bar in a room, the sheet of shortcuts. Those of the page itself are in
// pageWords.ts, the names of commands in commandWords.ts.

import type { Language } from '../language/chooseLanguage'
import type { ShortcutName } from './shortcuts'

interface FindingWords {
  readonly findHint: string
  readonly hits: string
  readonly kinds: Readonly<Record<'room' | 'person' | 'public' | 'command' | 'search', string>>
  readonly searchFor: (query: string) => string
  readonly couldNotOpen: string
  readonly search: string
  readonly searchLabel: string
  readonly newest: string
  readonly best: string
  readonly order: string
  readonly count: (count: number, isMore: boolean) => string
  readonly nothing: string
  readonly operators: readonly (readonly [string, string])[]
  readonly operatorsTitle: string
  readonly more: string
  readonly searching: string
  readonly gone: string
  readonly files: (names: string) => string
  readonly inRoomPlace: (place: number, count: number, isMore: boolean) => string
  readonly noHits: string
  readonly previousHit: string
  readonly nextHit: string
  readonly toDate: string
  readonly noneSince: string
  readonly actions: Readonly<Record<ShortcutName, string>>
}

export const WORDS: Readonly<Record<Language, FindingWords>> = {
  'zh-Hans': {
    findHint: '房间、人、命令，拼音也可以',
    hits: '查找结果',
    kinds: { room: '房间', person: '人', public: '公开房间', command: '命令', search: '消息' },
    searchFor: query => `在消息中搜索「${query}」`,
    couldNotOpen: '没能打开，请再试一次。',
    search: '搜索',
    searchLabel: '搜索消息',
    newest: '最新优先',
    best: '最相关优先',
    order: '排序',
    count: (count, isMore) => isMore ? `超过 ${count.toLocaleString('zh-Hans')} 条` : `${count.toLocaleString('zh-Hans')} 条`,
    nothing: '没有找到消息',
    operators: [
      ['from:', '谁发的，例如 from:小明、from:me'],
      ['in:', '在哪个房间，例如 in:大厅、in:@xiaoming'],
      ['has:', '带有什么：has:file、has:image、has:link'],
      ['before:', '某天之前，例如 before:2026-01-31'],
      ['after:', '某天之后，例如 after:2026-01-01'],
    ],
    operatorsTitle: '可以用这些条件缩小或放宽范围，词语加引号表示连在一起',
    more: '更多',
    searching: '正在搜索…',
    gone: '已注销的人',
    files: names => `附件：${names}`,
    inRoomPlace: (place, count, isMore) => `${place} / ${count}${isMore ? '+' : ''}`,
    noHits: '没有找到',
    previousHit: '上一条（较早）',
    nextHit: '下一条（较新）',
    toDate: '跳到日期',
    noneSince: '那天以后没有消息',
    actions: {
      palette: '查找房间、人和命令',
      help: '这张快捷键表',
      searchRoom: '在房间里搜索',
      previousRoom: '上一个房间',
      nextRoom: '下一个房间',
      previousUnread: '上一个有未读的房间',
      nextUnread: '下一个有未读的房间',
      markRead: '关闭侧栏；没有打开的东西时，标为已读并回到最新',
      nextArea: '到下一个区域：列表、消息、输入框、侧栏',
      previousArea: '到上一个区域',
      latest: '回到最新的消息（不在输入时）',
    },
  },
  'en': {
    findHint: 'Rooms, people, commands; pinyin works',
    hits: 'What was found',
    kinds: { room: 'Room', person: 'Person', public: 'Public room', command: 'Command', search: 'Messages' },
    searchFor: query => `Search messages for “${query}”`,
    couldNotOpen: 'It could not be opened. Try again.',
    search: 'Search',
    searchLabel: 'Search messages',
    newest: 'Newest first',
    best: 'Best first',
    order: 'Order',
    count: (count, isMore) => count === 1 ? '1 message' : `${count.toLocaleString('en')}${isMore ? '+' : ''} messages`,
    nothing: 'No messages found',
    operators: [
      ['from:', 'by whom, as in from:alice or from:me'],
      ['in:', 'in which room, as in in:general or in:@alice'],
      ['has:', 'with what: has:file, has:image, has:link'],
      ['before:', 'before a day, as in before:2026-01-31'],
      ['after:', 'after a day, as in after:2026-01-01'],
    ],
    operatorsTitle: 'These narrow a search; words in quotes stand side by side',
    more: 'More',
    searching: 'Searching…',
    gone: 'Somebody who left',
    files: names => `Attached: ${names}`,
    inRoomPlace: (place, count, isMore) => `${place} of ${count}${isMore ? '+' : ''}`,
    noHits: 'Nothing found',
    previousHit: 'Previous (older)',
    nextHit: 'Next (newer)',
    toDate: 'Go to a date',
    noneSince: 'No messages since that day',
    actions: {
      palette: 'Find rooms, people and commands',
      help: 'This sheet',
      searchRoom: 'Search in the room',
      previousRoom: 'Previous room',
      nextRoom: 'Next room',
      previousUnread: 'Previous unread room',
      nextUnread: 'Next unread room',
      markRead: 'Close the pane; with nothing open, mark as read and go to the latest',
      nextArea: 'Next area: rooms, messages, writing, pane',
      previousArea: 'Previous area',
      latest: 'Go to the latest message (when not writing)',
    },
  },
}
