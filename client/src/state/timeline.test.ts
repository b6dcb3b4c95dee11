import { describe, expect, test } from 'vitest'
import type { Message, MessagePage } from '../api/types'
import {
  NOT_LOADED, placeOf, startedWith, trimmed, withChanged, withNewer, withOlder, withPosted, type Timeline,
} from './timeline'

const message = (number: number, body = 'a'): Message => ({ id: 100 + number, room: 1, number, author: 1, at: number, body })
const page = (from: number, to: number, previous: number | null, next: number | null): MessagePage => ({
  results: Array.from({ length: to - from + 1 }, (_, place) => message(from + place)),
  previous,
  next,
})
const numbers = (timeline: Timeline) => timeline.messages.map(({ number }) => number)
const atTheEnd = startedWith(page(5, 7, 5, null))

describe('pages', () => {
  test('lengthen it at both ends', () => {
    const middle = startedWith(page(5, 6, 5, 6))
    const longer = withNewer(withOlder(middle, page(1, 4, null, 4)), page(7, 9, 7, null))
    expect(numbers(longer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect([longer.hasOlder, longer.hasNewer]).toEqual([false, false])
  })

  test('that come twice, or late, change nothing', () => {
    const once = withOlder(atTheEnd, page(3, 4, 3, 4))
    expect(withOlder(once, page(3, 4, 3, 4))).toBe(once)
    const newer = withNewer(startedWith(page(1, 2, null, 2)), page(3, 4, 3, null))
    expect(withNewer(newer, page(3, 4, 3, null))).toBe(newer)
  })

  test('an empty one says that there is no more', () => {
    expect(withOlder(atTheEnd, page(1, 0, null, null)).hasOlder).toBe(false)
  })
})

describe('what is posted', () => {
  test('stands at the end', () => {
    expect(numbers(withPosted(atTheEnd, message(8)))).toEqual([5, 6, 7, 8])
  })

  test('a second time replaces what is there', () => {
    const again = withPosted(atTheEnd, message(6, 'b'))
    expect(again.messages[1]?.body).toBe('b')
    expect(numbers(again)).toEqual([5, 6, 7])
  })

  test('beyond a hole only says that there is more', () => {
    const beyond = withPosted(atTheEnd, message(9))
    expect([numbers(beyond), beyond.hasNewer]).toEqual([[5, 6, 7], true])
  })

  test('is not shown behind what is not loaded', () => {
    expect(withPosted(NOT_LOADED, message(1))).toBe(NOT_LOADED)
    const early = startedWith(page(1, 2, null, 2))
    expect(withPosted(early, message(3))).toBe(early)
  })

  test('is the first of an empty room', () => {
    expect(numbers(withPosted(startedWith(page(1, 0, null, null)), message(4)))).toEqual([4])
  })
})

describe('what is loaded', () => {
  test('is changed where it stands, and nowhere else', () => {
    const changed = withChanged(atTheEnd, message(6, 'b'))
    expect(changed.messages.map(({ body }) => body)).toEqual(['a', 'b', 'a'])
    expect(changed.messages[0]).toBe(atTheEnd.messages[0])
    expect(withChanged(atTheEnd, message(4))).toBe(atTheEnd)
    expect(placeOf(atTheEnd, 8)).toBe(-1)
  })

  test('is trimmed at the end that nobody reads', () => {
    expect([numbers(trimmed(atTheEnd, 2, 'newest')), trimmed(atTheEnd, 2, 'newest').hasOlder]).toEqual([[6, 7], true])
    expect([numbers(trimmed(atTheEnd, 2, 'oldest')), trimmed(atTheEnd, 2, 'oldest').hasNewer]).toEqual([[5, 6], true])
    expect(trimmed(atTheEnd, 3, 'newest')).toBe(atTheEnd)
  })
})
