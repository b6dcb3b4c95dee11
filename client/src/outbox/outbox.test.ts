import { describe, expect, test } from 'vitest'
import {
  EMPTY_OUTBOX, added, begun, discarded, interrupted, refused, restored, retried, retryDelayMs, sendable, settled,
  stored, told, uncertain, waitingCount, type NewMessage, type Outbox,
} from './outbox'

const message = (key: string, room = 1, writtenAt = 0): NewMessage =>
  ({ key, room, body: 'a', replyTo: null, thread: null, files: [], writtenAt })
const outboxOf = (...messages: NewMessage[]) => messages.reduce(added, EMPTY_OUTBOX)
const sent = (offset: number) => ({ id: 9, room: 1, number: 3, offset, at: 5 })
const keys = (entries: Outbox) => entries.map(entry => entry.message.key)
const next = (outbox: Outbox) => keys(sendable(outbox))

describe('what goes next', () => {
  test('is the first of each room', () => {
    expect(next(outboxOf(message('a'), message('b'), message('c', 2)))).toEqual(['a', 'c'])
  })

  test('is nothing more of a room while one is under way, or nobody knows of it', () => {
    const under = begun(outboxOf(message('a'), message('b')), 'a')
    expect(next(under)).toEqual([])
    expect(next(uncertain(under, 'a'))).toEqual(['a'])
  })

  test('is the one behind what was stored or refused', () => {
    const two = begun(outboxOf(message('a'), message('b')), 'a')
    expect(next(stored(two, 'a', sent(7)))).toEqual(['b'])
    expect(next(refused(two, 'a', 'muted', ''))).toEqual(['b'])
  })

  test('is in the order of writing after a reload', () => {
    expect(next(restored([message('late', 1, 20), message('early', 1, 10)]))).toEqual(['early'])
  })
})

describe('an answer', () => {
  test('that nobody knows leaves what was answered before as it is', () => {
    const known = stored(begun(outboxOf(message('a')), 'a'), 'a', sent(7))
    expect(uncertain(known, 'a')[0]).toBe(known[0])
  })

  test('counts how often there was none', () => {
    const once = uncertain(begun(outboxOf(message('a')), 'a'), 'a')
    expect(once[0]?.progress).toEqual({ is: 'waiting', failures: 1 })
    expect(uncertain(begun(once, 'a'), 'a')[0]?.progress).toEqual({ is: 'waiting', failures: 2 })
  })

  test('is not waited for over a connection that is lost', () => {
    expect(interrupted(begun(outboxOf(message('a')), 'a'))[0]?.progress).toEqual({ is: 'waiting', failures: 0 })
  })

  test('stays until the room has told of the message itself', () => {
    const saved = stored(outboxOf(message('a')), 'a', sent(7))
    expect(settled(saved, new Map([['room:1', 6]]))).toBe(saved)
    expect(settled(saved, new Map([['room:1', 7]]))).toEqual([])
  })
})

describe('a refused message', () => {
  const outbox = refused(begun(outboxOf(message('a'), message('b')), 'a'), 'a', 'muted', '')

  test('goes once more as another one, behind the others', () => {
    const again = retried(outbox, 'a', { key: 'c', body: 'b', writtenAt: 9 })
    expect(keys(again)).toEqual(['b', 'c'])
    expect(again[1]?.message.body).toBe('b')
  })

  test('is discarded, and others that are not under way', () => {
    expect(keys(discarded(outbox, 'a'))).toEqual(['b'])
    expect(keys(discarded(outbox, 'b'))).toEqual(['a'])
    expect(keys(discarded(begun(outbox, 'b'), 'b'))).toEqual(['a', 'b'])
  })

  test('is not one that a person waits for', () => {
    expect(waitingCount(outbox)).toBe(1)
  })
})

test('what is told has left, whatever was thought of it, and nothing else', () => {
  const two = uncertain(begun(outboxOf(message('a'), message('b')), 'a'), 'a')
  expect(keys(told(two, 'a'))).toEqual(['b'])
  expect(told(two, 'c')).toBe(two)
})

test('the same key is in it once', () => {
  const once = outboxOf(message('a'))
  expect(added(once, message('a'))).toBe(once)
})

test('attempts are further and further apart, up to half a minute, and at random', () => {
  expect([0, 1, 2, 3, 6, 60].map(failures => retryDelayMs(failures, 1))).toEqual([0, 1000, 2000, 4000, 30_000, 30_000])
  expect(retryDelayMs(3, 0.5)).toBe(2000)
})
