// The texts of links into a room.

import type { Language } from '../language/chooseLanguage'

interface Words {
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
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
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
  },
  'en': {
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
  },
}
