// What becomes of the state when a client comes back and the connection could not recover all: the new state from
// `sync`, with what was loaded of rooms kept where the log can still lengthen it. Pure.

import type { State } from './state'

/** A room that has moved on further than this is loaded anew instead of being followed publication by publication. */
export const MOST_MISSED = 2_000

export interface Return {
  readonly state: State
  /** Rooms to be followed from what was known of them, by id: the offset after which to ask. */
  readonly toFollow: ReadonlyMap<number, number>
}

/** `fresh` is what `sync` says now, `before` what was known. */
export function returned(before: State, fresh: State): Return {
  const rooms = new Map(fresh.rooms)
  const heads = new Map(fresh.heads)
  const toFollow = new Map<number, number>()
  for (const [id, room] of fresh.rooms) {
    const known = before.rooms.get(id)
    const channel = `room:${id}`
    const from = before.heads.get(channel)
    const to = fresh.heads.get(channel)
    if (known === undefined || from === undefined || to === undefined || known.room.history !== room.room.history)
      continue
    if (!known.timeline.isLoaded || from > to || to - from > MOST_MISSED)
      continue
    const { timeline, threads, pins, members } = known
    rooms.set(id, { ...room, timeline, threads, pins, members })
    heads.set(channel, from)
    if (from < to)
      toFollow.set(id, from)
  }
  return {
    state: {
      ...fresh,
      rooms,
      heads,
      people: new Map([...before.people, ...fresh.people]),
      notices: before.notices,
      readings: before.readings,
    },
    toFollow,
  }
}
