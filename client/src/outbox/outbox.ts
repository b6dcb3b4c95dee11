// Messages on their way: what each of them waits for, and which may go next. Pure.
//
// An answer is one of three: stored, refused for good, or nobody knows. In the last case the same message is sent again
// under the same key, and is stored once. In a room one goes after the other, or a repeated one would be overtaken.

import type { Sent } from '../api/types'

export interface NewMessage {
  /** Made by this client, of the message for ever. */
  readonly key: string
  readonly room: number
  readonly body: string
  readonly replyTo: number | null
  readonly thread: number | null
  readonly files: readonly number[]
  /** By the clock of this device, in milliseconds; they are sent and shown in this order. */
  readonly writtenAt: number
}

export type Progress =
  | { readonly is: 'waiting', readonly failures: number }
  | { readonly is: 'sending', readonly failures: number }
  /** Stored; it stays until the room's own publication of it has come. */
  | { readonly is: 'saved', readonly sent: Sent }
  | { readonly is: 'refused', readonly slug: string, readonly detail: string }

export interface OutboxEntry {
  readonly message: NewMessage
  readonly progress: Progress
}

export type Outbox = readonly OutboxEntry[]

export const EMPTY_OUTBOX: Outbox = []

const LONGEST_WAIT_MS = 30_000
const FIRST_WAIT_MS = 1_000

/** What was kept from before: whether the last of it was stored, nobody knows. */
export function restored(messages: readonly NewMessage[]): Outbox {
  return messages.toSorted((one, other) => one.writtenAt - other.writtenAt).reduce(added, EMPTY_OUTBOX)
}

/** Again it changes nothing. */
export function added(outbox: Outbox, message: NewMessage): Outbox {
  return outbox.some(entry => entry.message.key === message.key)
    ? outbox
    : [...outbox, { message, progress: { is: 'waiting', failures: 0 } }]
}

/** Those to be sent now: of each room the first that is not stored or refused, unless it is under way. */
export function sendable(outbox: Outbox): readonly OutboxEntry[] {
  const firsts = new Map<number, OutboxEntry>()
  for (const entry of outbox) {
    const { is } = entry.progress
    if ((is === 'waiting' || is === 'sending') && !firsts.has(entry.message.room))
      firsts.set(entry.message.room, entry)
  }
  return [...firsts.values()].filter(({ progress }) => progress.is === 'waiting')
}

export function begun(outbox: Outbox, key: string): Outbox {
  return changed(outbox, key, progress => ({ is: 'sending', failures: failuresOf(progress) }))
}

export function stored(outbox: Outbox, key: string, sent: Sent): Outbox {
  return changed(outbox, key, () => ({ is: 'saved', sent }))
}

export function refused(outbox: Outbox, key: string, slug: string, detail: string): Outbox {
  return changed(outbox, key, () => ({ is: 'refused', slug, detail }))
}

/** No answer, or none that says anything: it waits to be sent again. What was answered otherwise stays so. */
export function uncertain(outbox: Outbox, key: string): Outbox {
  return changed(outbox, key, progress =>
    progress.is === 'sending' ? { is: 'waiting', failures: progress.failures + 1 } : progress)
}

/** After the connection was lost: nothing of it is under way any more. */
export function interrupted(outbox: Outbox): Outbox {
  return outbox.some(({ progress }) => progress.is === 'sending')
    ? outbox.map(entry => entry.progress.is === 'sending'
      ? { ...entry, progress: { is: 'waiting', failures: entry.progress.failures } }
      : entry)
    : outbox
}

/** A refused one once more, as another message: what was refused under its key stays refused. */
export function retried(outbox: Outbox, key: string, again: Pick<NewMessage, 'key' | 'body' | 'writtenAt'>): Outbox {
  const entry = outbox.find(({ message, progress }) => message.key === key && progress.is === 'refused')
  return entry === undefined ? outbox : added(discarded(outbox, key), { ...entry.message, ...again })
}

/** Of what may be stored already nobody can get rid by this. */
export function discarded(outbox: Outbox, key: string): Outbox {
  return outbox.filter(({ message, progress }) =>
    message.key !== key || progress.is === 'sending' || progress.is === 'saved')
}

/** The room has told of it, before the answer or without one: it is stored, and done here. */
export function told(outbox: Outbox, key: string): Outbox {
  const rest = outbox.filter(({ message }) => message.key !== key)
  return rest.length === outbox.length ? outbox : rest
}

/** Without those whose publication the room has had; `heads` are offsets by channel. */
export function settled(outbox: Outbox, heads: ReadonlyMap<string, number>): Outbox {
  const rest = outbox.filter(({ message, progress }) =>
    progress.is !== 'saved' || (heads.get(`room:${message.room}`) ?? 0) < progress.sent.offset)
  return rest.length === outbox.length ? outbox : rest
}

/** Those that a person still waits for. */
export function waitingCount(outbox: Outbox): number {
  return outbox.filter(({ progress }) => progress.is === 'waiting' || progress.is === 'sending').length
}

/** How long to wait before the next attempt: at random up to twice as long each time, at most half a minute. */
export function retryDelayMs(failures: number, random: number): number {
  return failures === 0 ? 0 : random * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
}

function failuresOf(progress: Progress): number {
  return progress.is === 'waiting' || progress.is === 'sending' ? progress.failures : 0
}

function changed(outbox: Outbox, key: string, change: (progress: Progress) => Progress): Outbox {
  return outbox.map((entry) => {
    if (entry.message.key !== key)
      return entry
    const progress = change(entry.progress)
    return progress === entry.progress ? entry : { ...entry, progress }
  })
}
