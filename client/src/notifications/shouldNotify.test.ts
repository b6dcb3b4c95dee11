import { describe, expect, test } from 'vitest'
import type { Message, Room } from '../api/types'
import { NOT_LOADED } from '../state/timeline'
import type { RoomState } from '../state/roomState'
import { isForMe, shouldNotify } from './shouldNotify'

const ME = 1
const AWAY = { isFocused: false, openRoom: 5, me: ME }
const message = (changes: Partial<Message> = {}): Message => ({ id: 100, room: 5, number: 8, author: 2, at: 0, body: 'a', ...changes })

function room(level: string, changes: Partial<Room> = {}, readNumber = 7): RoomState {
  return {
    room: { id: 5, kind: 'public', created_at: 0, ...changes },
    membership: { role: 'member', level, read_number: readNumber },
    lastNumber: 8, lastMessage: null, mentions: new Set(), ownNumber: 0, readAtNumber: 0, timeline: NOT_LOADED,
    threads: new Map(), pins: null, members: null,
  }
}

describe('A5 by the level of the room', () => {
  const plain = message()
  const naming = message({ mentions: [3, ME] })
  const toAll = message({ everyone: 2 })
  test.each([
    ['everything', plain, true],
    ['everything', naming, true],
    ['mentions', plain, false],
    ['mentions', message({ mentions: [3] }), false],
    ['mentions', naming, true],
    ['mentions', toAll, true],
    ['nothing', naming, false],
    ['nothing', toAll, false],
  ])('%s', (level, said, expected) => {
    expect(shouldNotify(said, room(level), AWAY)).toBe(expected)
  })
})

describe('A5 there is no notification', () => {
  test('of one\'s own message', () => {
    expect(shouldNotify(message({ author: ME }), room('everything'), AWAY)).toBe(false)
  })

  test('of what is read already, here or elsewhere', () => {
    expect(shouldNotify(message(), room('everything', {}, 8), AWAY)).toBe(false)
  })

  test('of what was said before one came to a room that hides it', () => {
    const late = room('everything', { history: 'since_join' }, 0)
    expect(shouldNotify(message(), { ...late, membership: { ...late.membership, joined_number: 8 } }, AWAY)).toBe(false)
  })

  test('of what is deleted', () => {
    expect(shouldNotify(message({ deleted_at: 9 }), room('everything'), AWAY)).toBe(false)
  })

  test('in the room one looks at, and there is in another one or while looking elsewhere', () => {
    const is = (isFocused: boolean, openRoom: number | null) =>
      shouldNotify(message(), room('everything'), { isFocused, openRoom, me: ME })
    expect([is(true, 5), is(true, 6), is(true, null), is(false, 5)]).toEqual([false, true, true, true])
  })
})

test('what is said to me alone, to everybody or by name is for me', () => {
  const of = (said: Message, kind = 'public') => isForMe(said, room('everything', { kind }), ME)
  expect([of(message()), of(message({ mentions: [ME] })), of(message({ everyone: 1 })), of(message(), 'direct')])
    .toEqual([false, true, true, true])
})
