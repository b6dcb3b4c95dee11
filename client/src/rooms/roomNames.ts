// What a room is called by the one who looks at it, and in which order and sections rooms are listed. Pure.

import type { Room, Someone } from '../api/types'
import { badgeOf, unreadOf, type RoomState } from '../state/roomState'

export type PersonOf = (id: number) => Someone | undefined

export type Section = 'favourites' | 'rooms' | 'people' | 'archived'

export const SECTIONS: readonly Section[] = ['favourites', 'rooms', 'people', 'archived']

/** The name, or those of the others in it; `ownNotes` is of the room with oneself alone. */
export function nameOf(room: Room, me: number, person: PersonOf, ownNotes: string): string {
  if (room.kind !== 'direct' && room.kind !== 'group')
    return room.name ?? ''
  const others = othersIn(room, me)
  return others.length === 0 ? ownNotes : others.map(id => person(id)?.name ?? '…').join(', ')
}

export function othersIn(room: Room, me: number): readonly number[] {
  return (room.people ?? []).filter(id => id !== me)
}

export function isPersonal(room: Room): boolean {
  return room.kind === 'direct' || room.kind === 'group'
}

export function sectionOf({ room, membership }: RoomState): Section {
  if (room.archived_at != null)
    return 'archived'
  if (membership.is_favourite === true)
    return 'favourites'
  return isPersonal(room) ? 'people' : 'rooms'
}

/** Rooms by name, people by the last message; each room in one section. */
export function sectioned(
  rooms: Iterable<RoomState>, title: (room: Room) => string,
): ReadonlyMap<Section, readonly RoomState[]> {
  const sections = new Map<Section, RoomState[]>(SECTIONS.map(section => [section, []]))
  for (const room of rooms)
    sections.get(sectionOf(room))?.push(room)
  for (const [section, listed] of sections) {
    listed.sort(section === 'people'
      ? (one, other) => lastAt(other) - lastAt(one) || one.room.id - other.room.id
      : (one, other) => byName().compare(title(one.room), title(other.room)))
  }
  return sections
}

/** Rooms in the order in which the list shows them. */
export function inOrder(sections: ReadonlyMap<Section, readonly RoomState[]>): readonly RoomState[] {
  return SECTIONS.flatMap(section => sections.get(section) ?? [])
}

export interface Mark {
  /** A number for what is meant for me: mentions, and all in direct rooms; 0 for none. */
  readonly count: number
  /** Something is unread, and wanted. */
  readonly hasDot: boolean
}

/** A1: a dot for messages, a number for mentions and direct ones, nothing for a room that is muted. */
export function markOf(state: RoomState): Mark {
  if (state.membership.level === 'nothing')
    return { count: 0, hasDot: false }
  const isForMe = isPersonal(state.room) && state.membership.level === 'everything'
  return {
    count: isForMe ? unreadOf(state) : state.mentions.size,
    hasDot: badgeOf(state) > 0,
  }
}

/** 99+ from a hundred on. */
export function countText(count: number): string {
  return count > 99 ? '99+' : `${count}`
}

// Made when it is first needed, and once: of each comparison one was made.
let collator: Intl.Collator | undefined

function byName(): Intl.Collator {
  return collator ??= new Intl.Collator('zh-Hans')
}

function lastAt(state: RoomState): number {
  return state.lastMessage?.at ?? state.room.created_at
}
