// All that a client knows, taken from `sync`, and what each publication makes of it. Pure: what has to be asked of the
// server because of one is said in `toLoad`, and whoever holds the state asks.

import type {
  DraftChanged, Frame, Message, Notice, NoticeNow, NoticePushed, OneDraft, Someone, Synced, SyncedRoom, ThreadFollowed,
} from '../api/types'
import { followed, following, withReply, type FollowedThread } from './followedThreads'
import {
  roomFrom, withMember, withMembership, withMessage, withPin, withPostedMessage, withReaction, withReadMoved, withThread,
  withoutMember, type RoomState,
} from './roomState'

export interface Draft {
  readonly body: string
  readonly replyTo: number | null
}

export interface ShownNotice {
  readonly push: number
  readonly at: number
  readonly notice: Notice
}

export interface NoticeReadings {
  readonly readAt: number
  readonly confirmedAt: number | null
}

export interface State {
  readonly me: Someone
  /** The offset up to which each channel is in this. */
  readonly heads: ReadonlyMap<string, number>
  readonly rooms: ReadonlyMap<number, RoomState>
  readonly people: ReadonlyMap<number, Someone>
  /** By `draftPlace`. */
  readonly drafts: ReadonlyMap<string, Draft>
  /** Ids of messages, the last saved first. */
  readonly saved: readonly number[]
  /** By the id of the message that begins the thread. */
  readonly threads: ReadonlyMap<number, FollowedThread>
  readonly notices: ReadonlyMap<number, ShownNotice>
  readonly readings: ReadonlyMap<number, NoticeReadings>
  readonly unreadNotices: ReadonlySet<number>
  readonly lastNotice: number
}

export interface Applied {
  readonly state: State
  /** Rooms that are new here or have another history now: `sync` has them. */
  readonly toLoad: readonly number[]
  /** The channel has a hole before this publication, which is not applied. */
  readonly hasHole?: boolean
}

export interface Publication {
  readonly channel: string
  readonly offset: number
  readonly data: Frame
}

export function stateFrom(synced: Synced): State {
  const heads = new Map([[`user:${synced.user.id}`, synced.user_head.offset], ['site', synced.site_head.offset]])
  const rooms = new Map<number, RoomState>()
  for (const one of synced.rooms) {
    heads.set(`room:${one.room.id}`, one.head.offset)
    rooms.set(one.room.id, roomFrom(one))
  }
  return {
    me: synced.user,
    heads,
    rooms,
    people: new Map(synced.people.map(person => [person.id, person])),
    drafts: new Map(synced.drafts.map(draft => [draftPlace(draft.room, draft.thread ?? null), draftFrom(draft)])),
    saved: synced.saved,
    threads: threadsOf(synced, null),
    notices: new Map(),
    readings: new Map(),
    unreadNotices: new Set(synced.notices.unread),
    lastNotice: synced.notices.last,
  }
}

/** One room of a `sync` that was asked later, with what is in it of drafts and threads; without it where it is gone. */
export function withLoadedRoom(state: State, id: number, synced: Synced): State {
  const found = synced.rooms.find(({ room }) => room.id === id)
  const rest = withoutRoom(state, id)
  if (found === undefined)
    return rest
  const drafts = new Map(rest.drafts)
  for (const draft of synced.drafts) {
    if (draft.room === id)
      drafts.set(draftPlace(id, draft.thread ?? null), draftFrom(draft))
  }
  return {
    ...rest,
    heads: new Map(rest.heads).set(`room:${id}`, found.head.offset),
    rooms: new Map(rest.rooms).set(id, roomFrom(found)),
    people: new Map([...rest.people, ...synced.people.map(person => [person.id, person] as const)]),
    drafts,
    threads: new Map([...rest.threads, ...threadsOf(synced, id)]),
  }
}

export function withNotices(state: State, notices: readonly NoticeNow[]): State {
  const read = notices.filter(notice => notice.read_at != null)
  return {
    ...state,
    notices: new Map([...state.notices, ...notices.map(({ push, at, notice }) => [notice.id, { push, at, notice }] as const)]),
    readings: new Map([
      ...state.readings,
      ...read.map(({ notice, read_at, confirmed_at }) =>
        [notice.id, { readAt: read_at ?? 0, confirmedAt: confirmed_at ?? null }] as const),
    ]),
  }
}

export function withPeople(state: State, people: readonly Someone[]): State {
  return { ...state, people: new Map([...state.people, ...people.map(person => [person.id, person] as const)]) }
}

export function withRoom(state: State, id: number, change: (room: RoomState) => RoomState): State {
  const room = state.rooms.get(id)
  const changed = room && change(room)
  return changed === undefined || changed === room ? state : { ...state, rooms: new Map(state.rooms).set(id, changed) }
}

/** Publications of a channel in their order, those of several in any. What is in the state already is passed over. */
export function applied(state: State, { channel, offset, data }: Publication): Applied {
  const known = state.heads.get(channel)
  if (known === undefined || offset <= known)
    return { state, toLoad: [] }
  if (offset !== known + 1)
    return { state, toLoad: [], hasHole: true }
  const moved = { ...state, heads: new Map(state.heads).set(channel, offset) }
  const room = channel.startsWith('room:') ? Number(channel.slice('room:'.length)) : null
  return appliedFrame(moved, data, room)
}

/**
 * Once more what was applied before, of one room: a page that was read by the server before it and has come after it
 * does not know it. Each publication sets what it speaks of, so nothing else changes.
 */
export function appliedAgain(state: State, publications: readonly Publication[]): State {
  return publications.reduce((next, { channel, data }) =>
    appliedFrame(next, data, channel.startsWith('room:') ? Number(channel.slice('room:'.length)) : null).state, state)
}

export function draftPlace(room: number, thread: number | null): string {
  return thread === null ? `${room}` : `${room}/${thread}`
}

function appliedFrame(state: State, frame: Frame, room: number | null): Applied {
  const only = (next: State): Applied => ({ state: next, toLoad: [] })
  const inRoom = (id: number | null, change: (room: RoomState) => RoomState) =>
    only(id === null ? state : withRoom(state, id, change))
  const me = state.me.id
  switch (frame.kind) {
    case 'room.gained':
      return { state, toLoad: [frame.room] }
    case 'room.lost':
      return only(withoutRoom(state, frame.room))
    case 'room.changed': {
      const before = state.rooms.get(frame.room.id)
      const hasOtherHistory = before !== undefined && before.room.history !== frame.room.history
      const next = withRoom(state, frame.room.id, known => ({ ...known, room: frame.room }))
      return { state: next, toLoad: hasOtherHistory ? [frame.room.id] : [] }
    }
    case 'read.moved':
      return inRoom(frame.room, known => withReadMoved(known, frame))
    case 'membership.changed':
      return inRoom(frame.room, known => withMembership(known, frame.membership))
    case 'member.joined':
    case 'member.changed':
      return inRoom(room, known => withMember(known, frame.member))
    case 'member.left':
      return inRoom(room, known => withoutMember(known, frame.user))
    case 'message.posted':
    case 'message.rang':
      return only(posted(state, frame.message))
    case 'message.edited':
      return inRoom(frame.message.room, known => withMessage(known, frame.message, me))
    case 'message.deleted': {
      const next = withRoom(state, frame.message.room, known => withMessage(known, frame.message, me))
      return only({ ...next, saved: next.saved.filter(id => id !== frame.message.id) })
    }
    case 'reaction.added':
    case 'reaction.removed':
      return inRoom(room, known => withReaction(known, frame))
    case 'pin.added':
    case 'pin.removed':
      return inRoom(room, known => withPin(known, frame))
    case 'thread.changed':
      return inRoom(room, known => withThread(known, frame.thread))
    case 'thread.followed':
      return only(withFollowing(state, frame))
    case 'draft.changed':
      return only(withDraft(state, frame))
    case 'saved.added':
      return only(withSaved(state, frame.room, frame.message))
    case 'saved.removed':
      return only({ ...state, saved: state.saved.filter(id => id !== frame.message) })
    case 'notice.pushed':
      return only(withPushedNotice(state, frame))
    case 'notice.read':
      return only({
        ...state,
        readings: new Map(state.readings).set(
          frame.notice, { readAt: frame.read_at, confirmedAt: frame.confirmed_at ?? null }),
        unreadNotices: new Set([...state.unreadNotices].filter(id => id !== frame.notice)),
      })
  }
}

function posted(state: State, message: Message): State {
  const me = state.me.id
  const next = withRoom(state, message.room, known => withPostedMessage(known, message, me))
  const { thread } = message
  if (!state.rooms.has(message.room) || thread == null || thread.root === message.id)
    return next
  const threads = message.author === me || thread.author === me
    ? followed(next.threads, message, thread.root, me)
    : next.threads
  return { ...next, threads: withReply(threads, message, thread.root) }
}

function withFollowing(state: State, frame: ThreadFollowed): State {
  const room = state.rooms.get(frame.room)
  const thread = room?.threads.get(frame.thread)
  const lastNumber = Math.max(thread?.last_number ?? 0, state.threads.get(frame.thread)?.lastNumber ?? 0)
  let threads: ReadonlyMap<number, FollowedThread> = new Map(state.threads).set(frame.thread, following(frame, lastNumber))
  if (room === undefined || thread === undefined)
    return { ...state, threads }
  // What was said after it, and heard before, follows from there.
  for (const reply of room.timeline.messages) {
    const isReply = reply.thread?.root === frame.thread && reply.id !== frame.thread
    if (isReply && (reply.author === state.me.id || thread.author === state.me.id))
      threads = followed(threads, reply, frame.thread, state.me.id)
  }
  return { ...state, threads }
}

function withDraft(state: State, frame: DraftChanged): State {
  const drafts = new Map(state.drafts)
  const place = draftPlace(frame.room, frame.thread ?? null)
  if (frame.body && state.rooms.has(frame.room))
    drafts.set(place, { body: frame.body, replyTo: frame.reply_to ?? null })
  else
    drafts.delete(place)
  return { ...state, drafts }
}

function withSaved(state: State, room: number, message: number): State {
  const known = state.rooms.get(room)?.timeline.messages.find(one => one.id === message)
  return known?.deleted_at != null ? state : { ...state, saved: [message, ...state.saved.filter(id => id !== message)] }
}

function withPushedNotice(state: State, frame: NoticePushed): State {
  const { notice, push, at } = frame
  const isNew = notice.id > state.lastNotice && !state.readings.has(notice.id)
  return {
    ...state,
    notices: new Map(state.notices).set(notice.id, { push, at, notice }),
    unreadNotices: isNew ? new Set([...state.unreadNotices, notice.id]) : state.unreadNotices,
    lastNotice: Math.max(state.lastNotice, notice.id),
  }
}

function withoutRoom(state: State, id: number): State {
  const rooms = new Map(state.rooms)
  const heads = new Map(state.heads)
  rooms.delete(id)
  heads.delete(`room:${id}`)
  return {
    ...state,
    rooms,
    heads,
    drafts: new Map([...state.drafts].filter(([place]) => place.split('/')[0] !== `${id}`)),
    threads: new Map([...state.threads].filter(([, thread]) => thread.room !== id)),
  }
}

function threadsOf(synced: Synced, room: number | null): ReadonlyMap<number, FollowedThread> {
  const lastNumbers = new Map(synced.rooms.map((one: SyncedRoom) => [one.room.id, one.last_number]))
  return new Map(synced.threads.filter(one => room === null || one.room === room).map(one => [one.thread, {
    room: one.room,
    following: one.following,
    readNumber: one.read_number,
    number: lastNumbers.get(one.room) ?? 0,
    lastNumber: one.last_number,
  }]))
}

function draftFrom(draft: OneDraft): Draft {
  return { body: draft.body ?? '', replyTo: draft.reply_to ?? null }
}
