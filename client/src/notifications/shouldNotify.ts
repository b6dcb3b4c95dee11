// Which message is worth a notification. Pure; whether the browser allows any, and which tab shows it, is decided in
// useNotifications.ts.

import type { Message } from '../api/types'
import { readUpTo, type RoomState } from '../state/roomState'

export interface Looking {
  /** Some tab of Teahouse has the focus. */
  readonly isFocused: boolean
  /** The room that is open in it. */
  readonly openRoom: number | null
  readonly me: number
}

/** By the level of the room; never one's own, what is read, or what is in the room one looks at. */
export function shouldNotify(message: Message, room: RoomState, { isFocused, openRoom, me }: Looking): boolean {
  if (message.author === me || message.deleted_at != null || message.number <= readUpTo(room))
    return false
  if (isFocused && openRoom === message.room)
    return false
  const { level } = room.membership
  if (level === 'nothing')
    return false
  return level === 'everything' || mentionsMe(message, me)
}

/** What is not to be missed: it mentions me, or everybody, or was said to me alone. */
export function isForMe(message: Message, { room }: RoomState, me: number): boolean {
  return room.kind === 'direct' || mentionsMe(message, me)
}

function mentionsMe(message: Message, me: number): boolean {
  return (message.everyone ?? 0) > 0 || (message.mentions?.includes(me) ?? false)
}
