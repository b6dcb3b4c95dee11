// The texts of everything that makes, finds, fills and sets up rooms.

import type { Language } from '../language/chooseLanguage'
import type { Role } from './roomRules'

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
  members: string
  findMembers: string
  me: string
  roles: Record<Role, string>
  mutedUntil: (time: string) => string
  here: string
  away: string
  lastSeen: (time: string) => string
  noLonger: string
  openCard: (name: string) => string
  writeTo: string
  role: string
  setRole: string
  roleHints: Record<Role, string>
  mute: string
  unmute: string
  muteHint: string
  remove: string
  removeHint: string
  ban: string
  banHint: string
  term: string
  terms: Readonly<Record<string, string>>
  forEver: string
  reason: string
  bans: string
  bannedUntil: (time: string) => string
  unban: string
  noBans: string
  inviteByLink: string
  inviteTitle: (room: string) => string
  inviteHint: string
  validFor: string
  anyNumber: string
  uses: (count: number) => string
  mostUses: string
  makeLink: string
  copyLink: string
  copied: string
  linkUrl: string
  linkOnce: string
  qr: string
  links: string
  noLinks: string
  used: (uses: number, most: number | null) => string
  expires: (time: string) => string
  neverExpires: string
  revoke: string
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
  nameTaken: string
  badValue: string
  lastOwner: string
  beginHere: string
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
    members: '成员',
    findMembers: '查找成员',
    me: '我',
    roles: { owner: '所有者', moderator: '管理员', member: '成员', reader: '只读' },
    mutedUntil: time => `禁言至 ${time}`,
    here: '在线',
    away: '不在线',
    lastSeen: time => `${time} 还在`,
    noLonger: '此账号已停用',
    openCard: name => `${name} 的名片`,
    writeTo: '发消息',
    role: '角色',
    setRole: '更改角色',
    roleHints: {
      owner: '可以做一切，包括归档房间。', moderator: '可以管理成员、消息和大部分设置。',
      member: '可以阅读和发言。', reader: '只能阅读。',
    },
    mute: '禁言',
    unmute: '解除禁言',
    muteHint: '在期限内只能阅读，不能发言。',
    remove: '移出房间',
    removeHint: '公开房间可以再次加入，私密房间需要重新邀请。',
    ban: '禁止进入',
    banHint: '会被移出房间，期限内不能再进入。',
    term: '期限',
    terms: { 600: '10 分钟', 3600: '1 小时', 86400: '1 天', 604800: '7 天', 2592000: '30 天' },
    forEver: '直到解除',
    reason: '原因（可不填）',
    bans: '禁止进入的人',
    bannedUntil: time => `至 ${time}`,
    unban: '解除',
    noBans: '没有人被禁止进入。',
    inviteByLink: '邀请链接',
    inviteTitle: room => `邀请加入「${room}」`,
    inviteHint: '拿到链接的人可以直接加入这个房间。',
    validFor: '有效期',
    anyNumber: '不限人数',
    uses: count => `${count} 人`,
    mostUses: '可用人数',
    makeLink: '生成链接',
    copyLink: '复制链接',
    copied: '链接已复制',
    linkUrl: '邀请链接',
    linkOnce: '完整链接只在此刻显示，请现在复制。',
    qr: '邀请链接的二维码',
    links: '有效的链接',
    noLinks: '还没有有效的链接。',
    used: (uses, most) => most === null ? `已用 ${uses} 次` : `已用 ${uses} / ${most} 次`,
    expires: time => `${time} 失效`,
    neverExpires: '长期有效',
    revoke: '撤销',
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
    nameTaken: '已有同名的公开房间。',
    badValue: '这个值不可用。',
    lastOwner: '你是最后一位所有者，请先让别人成为所有者。',
    beginHere: '邀请大家',
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
    members: 'Members',
    findMembers: 'Find a member',
    me: 'me',
    roles: { owner: 'Owner', moderator: 'Moderator', member: 'Member', reader: 'Reader' },
    mutedUntil: time => `muted until ${time}`,
    here: 'here',
    away: 'away',
    lastSeen: time => `last seen ${time}`,
    noLonger: 'This account is closed',
    openCard: name => `About ${name}`,
    writeTo: 'Write to them',
    role: 'Role',
    setRole: 'Change role',
    roleHints: {
      owner: 'May do everything, and archive the room.', moderator: 'May manage members, messages and most settings.',
      member: 'May read and write.', reader: 'May only read.',
    },
    mute: 'Mute',
    unmute: 'Unmute',
    muteHint: 'Until then they can read, but not write.',
    remove: 'Remove from the room',
    removeHint: 'They may join a public room again; a private one needs a new invitation.',
    ban: 'Ban',
    banHint: 'They are removed and cannot come back until then.',
    term: 'For how long',
    terms: { 600: '10 minutes', 3600: '1 hour', 86400: '1 day', 604800: '7 days', 2592000: '30 days' },
    forEver: 'Until it is lifted',
    reason: 'Reason (optional)',
    bans: 'Banned people',
    bannedUntil: time => `until ${time}`,
    unban: 'Lift',
    noBans: 'Nobody is banned.',
    inviteByLink: 'Invite by link',
    inviteTitle: room => `Invite to ${room}`,
    inviteHint: 'Whoever has the link can join this room.',
    validFor: 'Good for',
    anyNumber: 'Any number',
    uses: count => count === 1 ? '1 person' : `${count} people`,
    mostUses: 'How many people',
    makeLink: 'Make a link',
    copyLink: 'Copy link',
    copied: 'Link copied',
    linkUrl: 'Invitation link',
    linkOnce: 'The whole link is shown only now. Copy it.',
    qr: 'QR code of the invitation link',
    links: 'Links that work',
    noLinks: 'No links yet.',
    used: (uses, most) => most === null ? `used ${uses} times` : `used ${uses} of ${most} times`,
    expires: time => `until ${time}`,
    neverExpires: 'no end',
    revoke: 'Revoke',
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
    nameTaken: 'Another public room has this name.',
    badValue: 'This is not possible.',
    lastOwner: 'You are the last owner. Make somebody else an owner first.',
    beginHere: 'Invite people',
  },
}
