// The threads that one follows or mutes. Pure.

import type { Message, ThreadFollowed } from '../api/types'

export interface FollowedThread {
  readonly room: number
  /** follows, mutes or none. */
  readonly following: string
  readonly readNumber: number
  /** The room's last number when this was told: replies up to it change nothing any more. */
  readonly number: number
  /** Of the last reply, as far as it was told. */
  readonly lastNumber: number
}

export function following(frame: ThreadFollowed, lastNumber: number): FollowedThread {
  return { room: frame.room, following: frame.following, readNumber: frame.read_number ?? 0, number: frame.number, lastNumber }
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
    lastNumber: Math.max(known?.lastNumber ?? 0, reply.number),
  })
}

/** A reply of anybody: one that is followed or muted has something newer. */
export function withReply(
  threads: ReadonlyMap<number, FollowedThread>, reply: Message, root: number,
): ReadonlyMap<number, FollowedThread> {
  const known = threads.get(root)
  return known === undefined || known.lastNumber >= reply.number
    ? threads
    : new Map(threads).set(root, { ...known, lastNumber: reply.number })
}

/** Followed, not muted, and with replies that are not read. */
export function unreadThreads(threads: ReadonlyMap<number, FollowedThread>): readonly number[] {
  return [...threads]
    .filter(([, { following, lastNumber, readNumber }]) => following === 'follows' && lastNumber > readNumber)
    .map(([root]) => root)
}
