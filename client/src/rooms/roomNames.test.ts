import { describe, expect, test } from 'vitest'
import type { Membership, Room } from '../api/types'
import { NOT_LOADED } from '../state/timeline'
import type { RoomState } from '../state/roomState'
import { countText, inOrder, markOf, nameOf, sectioned } from './roomNames'

const people = new Map([[2, { id: 2, username: 'bob', name: 'Bob', is_active: true }], [3, { id: 3, username: 'ming', name: '小明', is_active: true }]])
const person = (id: number) => people.get(id)
const room = (id: number, kind: string, rest: Partial<Room> = {}): Room => ({ id, kind, created_at: 0, ...rest })

function state(of: Room, membership: Partial<Membership> = {}, lastNumber = 5, mentions: readonly number[] = []): RoomState {
  return {
    room: of,
    membership: { role: 'member', level: 'everything', read_number: 3, ...membership },
    lastNumber,
    lastMessage: null,
    mentions: new Set(mentions),
    ownNumber: 0,
    readAtNumber: 0,
    timeline: NOT_LOADED,
    threads: new Map(),
    pins: null,
    members: null,
  }
}

describe('names', () => {
  test.each([
    ['a public room', room(1, 'public', { name: '大厅' }), '大厅'],
    ['somebody', room(1, 'direct', { people: [1, 2] }), 'Bob'],
    ['oneself', room(1, 'direct', { people: [1] }), 'Notes'],
    ['several', room(1, 'group', { people: [1, 2, 3] }), 'Bob, 小明'],
    ['somebody not known yet', room(1, 'direct', { people: [1, 9] }), '…'],
  ])('%s', (_, one, name) => {
    expect(nameOf(one, 1, person, 'Notes')).toBe(name)
  })
})

describe('A1 marks', () => {
  test.each([
    ['unread in a room', state(room(1, 'public')), { count: 0, hasDot: true }],
    ['a mention', state(room(1, 'public'), {}, 5, [4]), { count: 1, hasDot: true }],
    ['direct', state(room(1, 'direct')), { count: 2, hasDot: true }],
    ['all read', state(room(1, 'direct'), { read_number: 5 }), { count: 0, hasDot: false }],
    ['muted', state(room(1, 'direct'), { level: 'nothing' }, 5, [4]), { count: 0, hasDot: false }],
    ['mentions only, none', state(room(1, 'public'), { level: 'mentions' }), { count: 0, hasDot: false }],
  ])('%s', (_, one, mark) => {
    expect(markOf(one)).toEqual(mark)
  })

  test('stop at 99', () => {
    expect([countText(99), countText(100)]).toEqual(['99', '99+'])
  })
})

test('rooms are in one section each, favourites first, archived ones last', () => {
  const rooms = [
    state(room(1, 'public', { name: 'b' })), state(room(2, 'public', { name: 'a' })),
    state(room(3, 'direct', { people: [1, 2] })), state(room(4, 'private', { name: 'z' }), { is_favourite: true }),
    state(room(5, 'public', { name: 'old', archived_at: 1 })),
  ]
  expect(inOrder(sectioned(rooms, one => one.name ?? '')).map(one => one.room.id)).toEqual([4, 2, 1, 3, 5])
})
