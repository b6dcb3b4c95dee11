// The threads that one follows or mutes. Pure.

import type { Message, ThreadFollowed } from '../api/types'

export interface FollowedThread {
  readonly room: number
  /** follows, mutes or none. */
  readonly following: string
  readonly readNumber: number
  /** The room's last number when this was told: replies up to it change nothing any more. */
  readonly number: number
}

export function following(frame: ThreadFollowed): FollowedThread {
  return { room: frame.room, following: frame.following, readNumber: frame.read_number ?? 0, number: frame.number }
}

/** After a reply by oneself, or to a thread that one began: as `MessagePosted` says. */
export function followed(
  threads: ReadonlyMap<number, FollowedThread>, reply: Message, root: number, me: number,
): ReadonlyMap<number, FollowedThread> {
  const known = threads.get(root)
  if (known !== undefined && known.number >= reply.number)
    return threads
  const isNew = known === undefined || known.following === 'none'
  let readNumber = known?.readNumber ?? 0
  if (reply.author === me)
    readNumber = Math.max(readNumber, reply.number)
  else if (isNew)
    readNumber = reply.number - 1
  return new Map(threads).set(root, {
    room: reply.room,
    following: isNew ? 'follows' : known.following,
    readNumber,
    number: reply.number,
  })
}
