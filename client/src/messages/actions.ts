// What a person may do with a message, in the order of the menu. Pure; the server has the last word.

import type { Membership, Message, Room } from '../api/types'
import type { IconName } from '../ui/icons'
import { isPersonal } from '../rooms/roomNames'

export type ActionName =
  | 'reply' | 'openThread' | 'forward' | 'save' | 'unsave' | 'pin' | 'unpin' | 'edit' | 'copyText' | 'copyLink'
  | 'markUnread' | 'history' | 'readers' | 'remove'

export const ICONS: Readonly<Record<ActionName, IconName>> = {
  reply: 'reply',
  openThread: 'thread',
  forward: 'forward',
  save: 'bookmark',
  unsave: 'bookmark',
  pin: 'pin',
  unpin: 'pin',
  edit: 'edit',
  copyText: 'copy',
  copyLink: 'link',
  markUnread: 'unread',
  history: 'clock',
  readers: 'people',
  remove: 'trash',
}

const OF_DELETED: readonly ActionName[] = ['copyLink']
const listsKnown = new Map<string, readonly ActionName[]>()

export function mayModerate(membership: Membership): boolean {
  return membership.role === 'owner' || membership.role === 'moderator'
}

/** Whether one may write there; what the server refuses for other reasons it says. */
export function mayWrite(room: Room, membership: Membership, now: number): boolean {
  if (room.archived_at != null || membership.role === 'reader')
    return false
  if (mayModerate(membership))
    return true
  return room.posting !== 'moderators' && (membership.muted_until ?? 0) <= now
}

/** Equal lists are the same one: a row that may do what it might need not be drawn again. */
export function actionsOn(message: Message, { room, membership, me, isSaved, now }: {
  room: Room
  membership: Membership
  me: number
  isSaved: boolean
  now: number
}): readonly ActionName[] {
  if (message.deleted_at != null)
    return OF_DELETED
  const isOwn = message.author === me
  const isOpen = room.archived_at == null
  const isModerator = mayModerate(membership)
  const canWrite = mayWrite(room, membership, now)
  const window = room.edit_window_seconds
  const canEdit = isOwn && canWrite && message.forwarded == null && (window == null || now < message.at + window * 1_000)
  const canPin = isOpen && (isModerator || isPersonal(room))
  const listed: readonly (readonly [ActionName, boolean])[] = [
    ['reply', canWrite],
    ['openThread', canWrite],
    ['forward', true],
    [isSaved ? 'unsave' : 'save', true],
    [message.is_pinned === true ? 'unpin' : 'pin', canPin],
    ['edit', canEdit],
    ['copyText', (message.body ?? '') !== ''],
    ['copyLink', true],
    ['markUnread', true],
    ['history', message.edited_at != null],
    ['readers', true],
    ['remove', isOpen && (isOwn || isModerator)],
  ]
  const names = listed.filter(([, may]) => may).map(([name]) => name)
  const key = names.join(' ')
  const known = listsKnown.get(key) ?? names
  listsKnown.set(key, known)
  return known
}
