// What a client knows of one room, and what a publication makes of it. Pure; as the server's own tests have it, old
// state plus publications is new state, whichever of the channels comes first.

import type {
  Member, Membership, Message, PinAdded, PinRemoved, Pinned, ReactionAdded, ReactionRemoved, ReadMoved, Room, SyncedRoom,
  Thread,
} from '../api/types'
import { NOT_LOADED, messageWithId, withChanged, withPosted, type Timeline } from './timeline'

export interface Pin {
  readonly by: number | null
  readonly at: number
}

export interface RoomState {
  readonly room: Room
  readonly membership: Membership
  readonly lastNumber: number
  readonly lastMessage: Message | null
  /** Numbers of unread messages that mention me. */
  readonly mentions: ReadonlySet<number>
  /** Of my own last message, and the room's last number where the read number was told: channels wait for nobody. */
  readonly ownNumber: number
  readonly readAtNumber: number
  readonly timeline: Timeline
  /** By the id of the message that begins each; of loaded messages. */
  readonly threads: ReadonlyMap<number, Thread>
  /** By message, and null until they are loaded; likewise members, by person. */
  readonly pins: ReadonlyMap<number, Pin> | null
  readonly members: ReadonlyMap<number, Member> | null
}

export function roomFrom(synced: SyncedRoom): RoomState {
  return {
    room: synced.room,
    membership: synced.membership,
    lastNumber: synced.last_number,
    lastMessage: synced.last_message ?? null,
    mentions: new Set(synced.mentions),
    ownNumber: 0,
    readAtNumber: synced.last_number,
    timeline: NOT_LOADED,
    threads: new Map(),
    pins: null,
    members: null,
  }
}

/** All up to this number is read, or was never to be. */
export function readUpTo({ room, membership }: RoomState): number {
  return room.history === 'since_join'
    ? Math.max(membership.read_number, membership.joined_number ?? 0)
    : membership.read_number
}

export function unreadOf(state: RoomState): number {
  return Math.max(0, state.lastNumber - readUpTo(state))
}

/** The number to show beside the room, by the level of notification. */
export function badgeOf(state: RoomState): number {
  const { level } = state.membership
  if (level === 'nothing')
    return 0
  return level === 'mentions' ? state.mentions.size : unreadOf(state)
}

/** A timeline that pages have changed, with the threads of what is in it. */
export function withTimeline(state: RoomState, timeline: Timeline): RoomState {
  const known = new Set(state.timeline.messages)
  let threads = state.threads
  for (const message of timeline.messages) {
    if (!known.has(message))
      threads = threadsWith(threads, message.thread, message.id)
  }
  return { ...state, timeline, threads }
}

export function withPins(state: RoomState, pins: readonly Pinned[]): RoomState {
  return { ...state, pins: new Map(pins.map(({ message, by, at }) => [message.id, { by, at }])) }
}

export function withMembers(state: RoomState, members: readonly Member[]): RoomState {
  return { ...state, members: new Map(members.map(member => [member.user, member])) }
}

export function withMember(state: RoomState, member: Member): RoomState {
  return state.members === null
    ? state
    : { ...state, members: new Map(state.members).set(member.user, member) }
}

export function withoutMember(state: RoomState, user: number): RoomState {
  if (!state.members?.has(user))
    return state
  const members = new Map(state.members)
  members.delete(user)
  return { ...state, members }
}

/** A message as it is now, loaded or not: mentions count for all. */
export function withMessage(state: RoomState, message: Message, me: number): RoomState {
  const isDeleted = message.deleted_at != null
  const pins = isDeleted && state.pins?.has(message.id) ? without(state.pins, message.id) : state.pins
  const namesMe = !isDeleted && ((message.mentions ?? []).includes(me) || (message.everyone ?? 0) > 0)
  const isMention = namesMe && message.author !== me && message.number > readUpTo(state)
  return {
    ...state,
    timeline: withChanged(state.timeline, message),
    threads: threadsWith(state.threads, message.thread, message.id),
    pins,
    mentions: withNumber(state.mentions, message.number, isMention),
    lastMessage: state.lastMessage?.id === message.id ? message : state.lastMessage,
  }
}

export function withPostedMessage(state: RoomState, message: Message, me: number): RoomState {
  let next: RoomState = {
    ...state,
    timeline: withPosted(state.timeline, message),
    lastNumber: Math.max(state.lastNumber, message.number),
    lastMessage: (state.lastMessage?.number ?? 0) < message.number ? message : state.lastMessage,
  }
  if (message.author === me) {
    next = { ...next, ownNumber: Math.max(next.ownNumber, message.number) }
    if (message.number > Math.max(next.readAtNumber, next.membership.read_number))
      next = readMovedTo(next, message.number)
  }
  return withMessage(next, message, me)
}

export function withReadMoved(state: RoomState, moved: ReadMoved): RoomState {
  const lastThen = moved.last_number ?? 0
  const own = state.ownNumber > lastThen ? state.ownNumber : 0
  const deleted = new Set(
    state.timeline.messages.filter(message => message.deleted_at != null).map(message => message.number))
  const told = (moved.mentions ?? []).filter(number => !deleted.has(number))
  return readMovedTo(
    { ...state, readAtNumber: lastThen, mentions: new Set([...state.mentions, ...told]) },
    Math.max(moved.read_number, own),
  )
}

/** Level, favourite, role, mute; where one has read is told by `withReadMoved` alone. */
export function withMembership(state: RoomState, membership: Membership): RoomState {
  return { ...state, membership: { ...membership, read_number: state.membership.read_number } }
}

export function withThread(state: RoomState, thread: Thread): RoomState {
  return messageWithId(state.timeline, thread.root) === undefined && !state.threads.has(thread.root)
    ? state
    : { ...state, threads: threadsWith(state.threads, thread, thread.root) }
}

export function withReaction(state: RoomState, change: ReactionAdded | ReactionRemoved): RoomState {
  const message = messageWithId(state.timeline, change.message)
  if (message === undefined || message.deleted_at != null)
    return state
  const users = new Map((message.reactions ?? []).map(reaction => [reaction.emoji, reaction.users]))
  const others = (users.get(change.emoji) ?? []).filter(user => user !== change.user)
  users.set(change.emoji, change.kind === 'reaction.added' ? [...others, change.user] : others)
  const reactions = [...users].filter(([, those]) => those.length > 0).map(([emoji, those]) => ({ emoji, users: those }))
  return { ...state, timeline: withChanged(state.timeline, { ...message, reactions }) }
}

export function withPin(state: RoomState, change: PinAdded | PinRemoved): RoomState {
  const isPinned = change.kind === 'pin.added'
  const message = messageWithId(state.timeline, change.message)
  if (message?.deleted_at != null)
    return state
  let pins = state.pins
  if (pins !== null)
    pins = isPinned ? new Map(pins).set(change.message, { by: change.by, at: change.at }) : without(pins, change.message)
  const timeline = message === undefined
    ? state.timeline
    : withChanged(state.timeline, { ...message, is_pinned: isPinned })
  return { ...state, pins, timeline }
}

function readMovedTo(state: RoomState, number: number): RoomState {
  const moved = { ...state, membership: { ...state.membership, read_number: number } }
  const first = readUpTo(moved) + 1
  return { ...moved, mentions: new Set([...state.mentions].filter(mention => mention >= first)) }
}

function threadsWith(
  threads: ReadonlyMap<number, Thread>, thread: Thread | null | undefined, message: number,
): ReadonlyMap<number, Thread> {
  if (thread == null)
    return threads.has(message) ? without(threads, message) : threads
  if (thread.replies > 0 || thread.resolved_at != null)
    return new Map(threads).set(thread.root, thread)
  return threads.has(thread.root) ? without(threads, thread.root) : threads
}

function without<Value>(map: ReadonlyMap<number, Value>, key: number): ReadonlyMap<number, Value> {
  const rest = new Map(map)
  rest.delete(key)
  return rest
}

function withNumber(numbers: ReadonlySet<number>, number: number, isIn: boolean): ReadonlySet<number> {
  if (numbers.has(number) === isIn)
    return numbers
  const next = new Set(numbers)
  if (isIn)
    next.add(number)
  else
    next.delete(number)
  return next
}
