// Where a message may be forwarded to, and under which key. Pure.

import type { Room, Someone } from '../api/types'
import { isPersonal, othersIn } from '../rooms/roomNames'
import type { RoomState } from '../state/roomState'
import { mayWrite } from './actions'

export interface Target {
  /** `room 7` or `person 3`. */
  readonly key: string
  readonly room: number | null
  readonly person: number | null
  readonly title: string
}

/** Rooms by name, then people with whom there is no talk yet. */
export function targetsOf({ rooms, people, title, query, me, now }: {
  rooms: readonly RoomState[]
  people: readonly Someone[]
  title: (room: Room) => string
  query: string
  me: number
  now: number
}): readonly Target[] {
  const wanted = query.trim().toLocaleLowerCase()
  const found = rooms
    .filter(({ room, membership }) => mayWrite(room, membership, now) && title(room).toLocaleLowerCase().includes(wanted))
    .map(({ room }) => ({ key: `room ${room.id}`, room: room.id, person: null, title: title(room) }))
  const talked = new Set(rooms.filter(({ room }) => isPersonal(room) && room.kind === 'direct').flatMap(({ room }) => othersIn(room, me)))
  return [
    ...found,
    ...people.filter(({ id }) => id !== me && !talked.has(id))
      .map(({ id, name }) => ({ key: `person ${id}`, room: null, person: id, title: name })),
  ]
}

export interface Attempt {
  readonly of: string
  readonly key: string
}

/** The same copy again has the key of before, so that it is stored once; another one has a new key. */
export function attemptOf(before: Attempt | null, target: string, body: string, newKey: () => string): Attempt {
  const of = JSON.stringify([target, body])
  return before?.of === of ? before : { of, key: newKey() }
}
