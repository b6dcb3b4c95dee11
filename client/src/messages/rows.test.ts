import { describe, expect, test } from 'vitest'
import type { Message } from '../api/types'
import type { OutboxEntry, Progress } from '../outbox/outbox'
import { isFirstFrom, rowAt, rowsOf, surroundings } from './rows'

const MINUTE = 60_000
const noon = new Date(2026, 10, 23, 12).getTime()
const ME = 1

function message(number: number, rest: Partial<Message> = {}): Message {
  return { id: 100 + number, room: 7, number, author: 2, at: noon, body: 'a', ...rest }
}

function pending(key: string, progress: Progress = { is: 'waiting', failures: 0 }): OutboxEntry {
  return { message: { key, room: 7, body: 'a', replyTo: null, thread: null, files: [], writtenAt: noon }, progress }
}

const saved = (number: number): Progress => ({ is: 'saved', sent: { id: 100 + number, room: 7, number, offset: number, at: noon } })

describe('rows', () => {
  test('N1 a message keeps its row when it is stored', () => {
    const before = rowsOf([message(1)], [pending('k')], ME)
    const after = rowsOf([message(1), message(2, { author: ME, key: 'k' })], [], ME)
    expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key))
  })

  test('N6 two equal messages are two rows', () => {
    const rows = rowsOf([message(1), message(2)], [pending('a'), pending('b')], ME)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(4)
  })

  test('a stored one is shown once while both say it', () => {
    expect(rowsOf([message(1), message(2, { author: ME, key: 'k' })], [pending('k', saved(2))], ME)).toHaveLength(2)
    expect(rowsOf([message(1)], [pending('k', saved(2))], ME)).toHaveLength(2)
  })

  test.each([
    ['sending', { is: 'sending', failures: 0 }],
    ['waiting to be sent again', { is: 'waiting', failures: 1 }],
  ] as const)('N1 told before it is answered, while it is %s, it is one row', (_, progress) => {
    const rows = rowsOf([message(1), message(2, { author: ME, key: 'k' })], [pending('k', progress)], ME)
    expect(rows.map(({ is, key }) => [is, key])).toEqual([['stored', 'message 101'], ['stored', 'own k']])
  })

  test('another person with the same key is another row', () => {
    const rows = rowsOf([message(1, { key: 'k', author: 3 })], [pending('k')], ME)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(2)
  })

  test('are found by number', () => {
    const rows = rowsOf([message(5), message(6)], [pending('k')], ME)
    expect([rowAt(rows, 4), rowAt(rows, 6), rowAt(rows, 7), rowAt([], 1)]).toEqual([0, 1, -1, -1])
  })
})

describe('R6 the row before', () => {
  const look = (before: Message, after: Message, newFrom: number | null = null) => {
    const [one, two] = rowsOf([before, after], [], ME)
    if (one === undefined || two === undefined)
      throw new Error('two rows were made')
    return surroundings(two, one, newFrom, isFirstFrom(two, one, newFrom))
  }

  test.each([
    ['the same author, soon', message(2, { at: noon + 4 * MINUTE }), { hasTimeLine: false, isContinued: true }],
    ['the same author, later', message(2, { at: noon + 6 * MINUTE }), { hasTimeLine: true, isContinued: false }],
    ['another author', message(2, { author: 3 }), { hasTimeLine: false, isContinued: false }],
    ['a reply', message(2, { reply_to: 101 }), { hasTimeLine: false, isContinued: false }],
    ['a deleted account', message(2, { author: null }), { hasTimeLine: false, isContinued: false }],
  ])('%s', (_, after, expected) => {
    expect(look(message(1), after)).toEqual({ ...expected, isFirstNew: false })
  })

  test('R4 a row that looks as before is given the same look, so that it is not drawn again', () => {
    expect(look(message(1), message(2))).toBe(look(message(1), message(2)))
    expect(look(message(1), message(2))).not.toBe(look(message(1), message(2, { author: 3 })))
  })

  test('another day has a line, however soon', () => {
    const late = new Date(2026, 10, 23, 23, 59).getTime()
    expect(look(message(1, { at: late }), message(2, { at: late + 2 * MINUTE })).hasTimeLine).toBe(true)
  })

  test('R1 the new line stands before the first unread one alone', () => {
    expect(look(message(1), message(2), 2)).toEqual({ hasTimeLine: false, isContinued: false, isFirstNew: true })
    expect(look(message(2), message(3), 2).isFirstNew).toBe(false)
    expect(look(message(1), message(2), null).isFirstNew).toBe(false)
  })
})
