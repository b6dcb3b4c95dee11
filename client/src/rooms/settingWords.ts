// The texts of what is set up: by each for themselves, and for the room.

import type { Language } from '../language/chooseLanguage'

interface Words {
  own: string
  ownHint: string
  level: string
  levels: { everything: string, mentions: string, nothing: string }
  levelHints: { everything: string, mentions: string, nothing: string }
  favourite: string
  favouriteHint: string
  leave: string
  leaveHint: { public: string, private: string }
  leaveAsk: (room: string) => string
  room: string
  description: string
  descriptionHint: string
  posting: string
  postings: { members: string, moderators: string }
  postingHint: string
  slowMode: string
  slowModeHint: string
  off: string
  editWindow: string
  editWindowHint: string
  always: string
  never: string
  history: string
  histories: { all: string, since_join: string }
  historyHint: string
  retention: string
  retentionHint: string
  keepAll: string
  days: (count: number) => string
  save: string
  changed: string
  archive: string
  archiveAsk: (room: string) => string
  archiveHint: string
  unarchive: string
  unarchiveHint: string
  onlyOwners: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    own: '我的设置',
    ownHint: '只对自己生效。',
    level: '通知',
    levels: { everything: '全部消息', mentions: '仅与我有关', nothing: '不通知' },
    levelHints: {
      everything: '每条新消息都有标记和通知。', mentions: '只有提到我的消息才有标记和通知。',
      nothing: '没有标记，也没有通知。',
    },
    favourite: '加入关注',
    favouriteHint: '在列表最上面显示。',
    leave: '离开房间',
    leaveHint: { public: '以后可以再加入。', private: '以后要有人邀请才能再加入。' },
    leaveAsk: room => `离开「${room}」？`,
    room: '房间',
    description: '说明',
    descriptionHint: '这里的约定、用途等，可以写几段。',
    posting: '谁可以发言',
    postings: { members: '所有成员', moderators: '仅所有者和管理员' },
    postingHint: '其他人只能阅读。',
    slowMode: '慢速模式',
    slowModeHint: '每人两条消息之间至少间隔这么久，所有者和管理员除外。',
    off: '关闭',
    editWindow: '可编辑时间',
    editWindowHint: '消息发出后，作者在这段时间内可以修改。',
    always: '始终可以',
    never: '不可以',
    history: '历史消息',
    histories: { all: '新成员可看全部', since_join: '只能看加入之后的' },
    historyHint: '决定成员能看到多早的消息。',
    retention: '消息保留',
    retentionHint: '更早的消息会被永久删除。',
    keepAll: '永久保留',
    days: count => `${count} 天`,
    save: '保存',
    changed: '已保存',
    archive: '归档房间',
    archiveAsk: room => `归档「${room}」？`,
    archiveHint: '归档后只能阅读，可以随时恢复。',
    unarchive: '恢复房间',
    unarchiveHint: '恢复后大家又可以在这里发言。',
    onlyOwners: '只有所有者可以更改。',
  },
  'en': {
    own: 'For me',
    ownHint: 'Only you are affected.',
    level: 'Notifications',
    levels: { everything: 'Everything', mentions: 'Mentions only', nothing: 'Nothing' },
    levelHints: {
      everything: 'Every new message is marked and told.', mentions: 'Only what mentions you is marked and told.',
      nothing: 'No marks, no notifications.',
    },
    favourite: 'Favourite',
    favouriteHint: 'Stands at the top of the list.',
    leave: 'Leave the room',
    leaveHint: { public: 'You can join again later.', private: 'You come back only when you are invited.' },
    leaveAsk: room => `Leave ${room}?`,
    room: 'The room',
    description: 'Description',
    descriptionHint: 'What it is for, what is agreed here.',
    posting: 'Who writes',
    postings: { members: 'All members', moderators: 'Owners and moderators' },
    postingHint: 'The others can only read.',
    slowMode: 'Slow mode',
    slowModeHint: 'Each person waits this long between messages; owners and moderators do not.',
    off: 'Off',
    editWindow: 'Time for editing',
    editWindowHint: 'How long after sending authors can change their messages.',
    always: 'For ever',
    never: 'Never',
    history: 'History',
    histories: { all: 'New members see all of it', since_join: 'Only since they joined' },
    historyHint: 'How far back members can read.',
    retention: 'Keeping messages',
    retentionHint: 'Older messages are deleted for good.',
    keepAll: 'Keep everything',
    days: count => count === 1 ? '1 day' : `${count} days`,
    save: 'Save',
    changed: 'Saved',
    archive: 'Archive the room',
    archiveAsk: room => `Archive ${room}?`,
    archiveHint: 'It can only be read then. You can take it up again at any time.',
    unarchive: 'Take the room up again',
    unarchiveHint: 'Everybody can write here again.',
    onlyOwners: 'Only owners change this.',
  },
}
