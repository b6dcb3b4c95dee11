// Which notices stand where: the one of the banner, the list of the inbox, the four lists of readers. Pure.

import type { NoticeReaders, PublishNotice } from '../api/types'
import { isLobby } from '../rooms/roomRules'
import type { RoomState } from '../state/roomState'
import type { ShownNotice, State } from '../state/state'

export type ListName = 'read' | 'unread' | 'confirmed' | 'unconfirmed'

/** The last pushed first. */
export function inOrder(state: State): readonly ShownNotice[] {
  return [...state.notices.values()].sort((one, other) => other.push - one.push)
}

/** Those that are unread or were pushed once more while this page was open, the last pushed first. */
export function forBanner(state: State, again: ReadonlySet<number>): readonly ShownNotice[] {
  return inOrder(state).filter(({ notice }) => state.unreadNotices.has(notice.id) || again.has(notice.id))
}

/** Some that are unread are known by their number alone. */
export function lacksUnread(state: State): boolean {
  return [...state.unreadNotices].some(id => !state.notices.has(id))
}

/** It asks for a confirmation that was not given yet. */
export function wantsConfirmation({ notice }: ShownNotice, state: State): boolean {
  return notice.asks_confirmation === true && state.readings.get(notice.id)?.confirmedAt == null
}

export function countsOf({ people, read, confirmed }: NoticeReaders): Readonly<Record<ListName, number>> {
  return { read, unread: people - read, confirmed, unconfirmed: people - confirmed }
}

export function listsOf(asksConfirmation: boolean): readonly ListName[] {
  return asksConfirmation ? ['read', 'unread', 'confirmed', 'unconfirmed'] : ['read', 'unread']
}

/** Rooms whose members a notice may be for. The lobby is everyone, which is said otherwise. */
export function roomsToTell(rooms: readonly RoomState[]): readonly RoomState[] {
  return rooms.filter(({ room }) => !isLobby(room) && room.archived_at == null)
}

export interface Entered {
  readonly title: string
  readonly content: string
  readonly type: 1 | 2
  readonly audience: 'everyone' | 'people' | 'rooms'
  readonly people: readonly number[]
  readonly rooms: readonly number[]
  readonly asksConfirmation: boolean
}

export function mayPublish({ title, audience, people, rooms }: Entered): boolean {
  const hasSome = audience === 'everyone' || (audience === 'people' ? people : rooms).length > 0
  return title.trim() !== '' && hasSome
}

/** Without the client key, which stays the same for the same request. */
export function requestOf(entered: Entered): Omit<PublishNotice, 'client_key'> {
  return {
    title: entered.title.trim(),
    content: entered.content,
    type: entered.type,
    asks_confirmation: entered.asksConfirmation,
    ...(entered.audience === 'people' ? { people: entered.people } : {}),
    ...(entered.audience === 'rooms' ? { rooms: entered.rooms } : {}),
  }
}
