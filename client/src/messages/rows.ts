// What the list of a room shows, as values: the messages that are stored and, behind them, those of one's own on their
// way. How each row looks follows from the one before it. Pure.

import type { Message } from '../api/types'
import type { OutboxEntry } from '../outbox/outbox'
import { isSameDay } from '../ui/times'

export interface StoredRow {
  readonly is: 'stored'
  readonly key: string
  readonly message: Message
}

export interface PendingRow {
  readonly is: 'pending'
  readonly key: string
  readonly entry: OutboxEntry
}

export type Row = StoredRow | PendingRow

/** What is beside the message itself, by the row before. */
export interface Surroundings {
  /** A line with the time stands above it. */
  readonly hasTimeLine: boolean
  /** Of the same author, right after: without name and picture. */
  readonly isContinued: boolean
  /** The line "new messages" stands above it. */
  readonly isFirstNew: boolean
}

const GROUP_MS = 5 * 60_000

const storedRows = new WeakMap<Message, StoredRow>()
const surroundingsKnown = new Map<string, Surroundings>()

/**
 * Of a message one sent oneself the key is the client key, so that being stored does not make another row of it. It may
 * be told before it is answered: then it is stored, whatever the outbox still believes, and has one row.
 */
export function rowsOf(messages: readonly Message[], pending: readonly OutboxEntry[], me: number): readonly Row[] {
  const rows: Row[] = messages.map(message => storedRow(message, me))
  if (pending.length === 0)
    return rows
  const first = messages[0]?.number ?? 0
  const last = messages.at(-1)?.number ?? 0
  const shown = new Set(rows.map(({ key }) => key))
  for (const entry of pending) {
    const key = `own ${entry.message.key}`
    const { progress } = entry
    // Among what is loaded: its own row says it.
    const isStored = progress.is === 'saved' && progress.sent.number >= first && progress.sent.number <= last
    if (!isStored && !shown.has(key))
      rows.push({ is: 'pending', key, entry })
  }
  return rows
}

/** The same ones are the same object: a row that looks as before need not be drawn again. */
export function surroundings(row: Row, before: Row | undefined, newFrom: number | null, firstAfterNew: boolean): Surroundings {
  const at = momentOf(row)
  const hasTimeLine = before === undefined || at - momentOf(before) > GROUP_MS || isNewDay(row, before)
  const isFirstNew = newFrom !== null && firstAfterNew
  const isContinued = !hasTimeLine && !isFirstNew && continues(row, before)
  const key = `${hasTimeLine} ${isFirstNew} ${isContinued}`
  const known = surroundingsKnown.get(key) ?? { hasTimeLine, isFirstNew, isContinued }
  surroundingsKnown.set(key, known)
  return known
}

/** Whether this row is the first of the new ones. */
export function isFirstFrom(row: Row, before: Row | undefined, newFrom: number | null): boolean {
  if (newFrom === null || row.is !== 'stored' || row.message.number < newFrom)
    return false
  return before?.is !== 'stored' || before.message.number < newFrom
}

/** Whether a day begins with this row. */
export function isNewDay(row: Row, before: Row | undefined): boolean {
  return before === undefined || !isSameDay(momentOf(row), momentOf(before))
}

export function momentOf(row: Row): number {
  return row.is === 'stored' ? row.message.at : row.entry.message.writtenAt
}

export function numberOf(row: Row | undefined): number | null {
  return row?.is === 'stored' ? row.message.number : null
}

/** The row of the message with this number, or the first behind it; -1 when all are before it. */
export function rowAt(rows: readonly Row[], number: number): number {
  const first = numberOf(rows[0])
  if (first === null)
    return -1
  const place = Math.max(0, number - first)
  return place < rows.length && rows[place]?.is === 'stored' ? place : -1
}

function storedRow(message: Message, me: number): StoredRow {
  let row = storedRows.get(message)
  if (row === undefined) {
    const key = message.author === me && message.key ? `own ${message.key}` : `message ${message.id}`
    row = { is: 'stored', key, message }
    storedRows.set(message, row)
  }
  return row
}

function continues(row: Row, before: Row): boolean {
  if (row.is === 'stored' && (row.message.reply_to != null || row.message.forwarded != null))
    return false
  return authorOf(row) === authorOf(before) && authorOf(row) !== null
}

/** One's own pending ones are continued by each other only; a null author never. */
function authorOf(row: Row): number | 'me' | null {
  if (row.is === 'pending')
    return 'me'
  return row.key.startsWith('own ') ? 'me' : row.message.author
}
