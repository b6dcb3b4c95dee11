// The texts of making, finding and filling rooms, and those that all forms about rooms share.

import type { Language } from '../language/chooseLanguage'

interface Words {
  newRoom: string
  newRoomHint: string
  who: string
  kinds: { public: string, private: string }
  kindHints: { public: string, private: string }
  roomName: string
  topic: string
  topicHint: string
  invitePeople: string
  create: string
  newTalk: string
  newTalkHint: string
  start: string
  startWith: (count: number) => string
  findPeople: string
  findPeopleHint: string
  chosen: string
  unchoose: (name: string) => string
  nobodyFound: string
  browse: string
  findRooms: string
  memberCount: (count: number) => string
  join: string
  open: string
  noneFound: string
  noneFoundHint: string
  noPublic: string
  noPublicHint: string
  more: string
  loading: string
  addPeople: string
  addPeopleHint: string
  add: string
  terms: Readonly<Record<string, string>>
  nameTaken: string
  badValue: string
  lastOwner: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    newRoom: '新建房间',
    newRoomHint: '建好以后可以随时改名、邀请更多人。',
    who: '谁能进来',
    kinds: { public: '公开', private: '私密' },
    kindHints: { public: '所有人都能找到并加入。', private: '只有受邀的人能看到。以后不能改为公开。' },
    roomName: '房间名称',
    topic: '话题',
    topicHint: '一句话说明这里聊什么，可以不填。',
    invitePeople: '邀请成员',
    create: '新建',
    newTalk: '发起聊天',
    newTalkHint: '选一个人私聊，或选几个人一起聊。',
    start: '开始聊天',
    startWith: count => `开始聊天（${count} 人）`,
    findPeople: '查找人员',
    findPeopleHint: '输入姓名、用户名或拼音',
    chosen: '已选',
    unchoose: name => `移除 ${name}`,
    nobodyFound: '没有找到这样的人。',
    browse: '浏览公开房间',
    findRooms: '按名称或拼音查找房间',
    memberCount: count => `${count} 名成员`,
    join: '加入',
    open: '打开',
    noneFound: '没有找到这样的房间',
    noneFoundHint: '换个词试试，或者新建一个房间。',
    noPublic: '还没有公开房间',
    noPublicHint: '新建一个公开房间，大家就能在这里找到它。',
    more: '加载更多',
    loading: '正在加载…',
    addPeople: '添加成员',
    addPeopleHint: '选中的人会立刻成为成员。',
    add: '添加',
    terms: { 600: '10 分钟', 3600: '1 小时', 86400: '1 天', 604800: '7 天', 2592000: '30 天' },
    nameTaken: '已有同名的公开房间。',
    badValue: '这个值不可用。',
    lastOwner: '你是最后一位所有者，请先让别人成为所有者。',
  },
  'en': {
    newRoom: 'New room',
    newRoomHint: 'You can rename it and invite more people at any time.',
    who: 'Who gets in',
    kinds: { public: 'Public', private: 'Private' },
    kindHints: { public: 'Everybody can find and join it.', private: 'Only who is invited sees it. It cannot become public later.' },
    roomName: 'Name of the room',
    topic: 'Topic',
    topicHint: 'One line on what it is about. You may leave it empty.',
    invitePeople: 'Invite people',
    create: 'Create',
    newTalk: 'New conversation',
    newTalkHint: 'Choose one person, or several to talk together.',
    start: 'Start',
    startWith: count => `Start with ${count} people`,
    findPeople: 'Find people',
    findPeopleHint: 'Name, username or pinyin',
    chosen: 'Chosen',
    unchoose: name => `Take out ${name}`,
    nobodyFound: 'Nobody was found.',
    browse: 'Public rooms',
    findRooms: 'Find a room by name or pinyin',
    memberCount: count => count === 1 ? '1 member' : `${count} members`,
    join: 'Join',
    open: 'Open',
    noneFound: 'No such room',
    noneFoundHint: 'Try another word, or make a new room.',
    noPublic: 'No public rooms yet',
    noPublicHint: 'Make a public room, and everybody finds it here.',
    more: 'Load more',
    loading: 'Loading…',
    addPeople: 'Add people',
    addPeopleHint: 'They become members at once.',
    add: 'Add',
    terms: { 600: '10 minutes', 3600: '1 hour', 86400: '1 day', 604800: '7 days', 2592000: '30 days' },
    nameTaken: 'Another public room has this name.',
    badValue: 'This is not possible.',
    lastOwner: 'You are the last owner. Make somebody else an owner first.',
  },
}
