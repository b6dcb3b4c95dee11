// The texts about the people of a room: who they are, what may be done to them, who is banned.

import type { Language } from '../language/chooseLanguage'
import type { Role } from './roomRules'

interface Words {
  members: string
  findMembers: string
  me: string
  roles: Record<Role, string>
  mutedUntil: (time: string) => string
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
  forEver: string
  reason: string
  bans: string
  bannedUntil: (time: string) => string
  unban: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    members: '成员',
    findMembers: '查找成员',
    me: '我',
    roles: { owner: '所有者', moderator: '管理员', member: '成员', reader: '只读' },
    mutedUntil: time => `禁言至 ${time}`,
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
    forEver: '直到解除',
    reason: '原因（可不填）',
    bans: '禁止进入的人',
    bannedUntil: time => `至 ${time}`,
    unban: '解除',
  },
  'en': {
    members: 'Members',
    findMembers: 'Find a member',
    me: 'me',
    roles: { owner: 'Owner', moderator: 'Moderator', member: 'Member', reader: 'Reader' },
    mutedUntil: time => `muted until ${time}`,
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
    forEver: 'Until it is lifted',
    reason: 'Reason (optional)',
    bans: 'Banned people',
    bannedUntil: time => `until ${time}`,
    unban: 'Lift',
  },
}
