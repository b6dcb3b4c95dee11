import { describe, expect, test } from 'vitest'
import type { Membership, Message, Room } from '../api/types'
import { actionsOn, mayWrite } from './actions'

const NOW = 1_000_000
const room: Room = { id: 7, kind: 'public', name: 'Tea', created_at: 0 }
const member: Membership = { role: 'member', level: 'everything', read_number: 0 }
const message: Message = { id: 1, room: 7, number: 1, author: 2, at: NOW - 10_000, body: 'a' }

const on = (
  { own = false, ...rest }: Partial<Message> & { own?: boolean } = {}, of: Partial<Room> = {}, is: Partial<Membership> = {},
) => actionsOn({ ...message, author: own ? 1 : 2, ...rest }, {
  room: { ...room, ...of }, membership: { ...member, ...is }, me: 1, isSaved: false, now: NOW,
})

describe('actions', () => {
  test('one edits and deletes one’s own', () => {
    expect(on({ own: true })).toEqual(expect.arrayContaining(['edit', 'remove']))
    expect(on()).not.toEqual(expect.arrayContaining(['edit']))
    expect(on()).not.toEqual(expect.arrayContaining(['remove']))
  })

  test('R4 equal lists are the same one, so that their rows are not drawn again', () => {
    expect(on({ own: true })).toBe(on({ own: true }))
    expect(on({ own: true })).not.toBe(on())
    expect(on({ deleted_at: NOW })).toBe(on({ deleted_at: NOW }))
  })

  test('the edit window closes', () => {
    expect(on({ own: true }, { edit_window_seconds: 11 })).toContain('edit')
    expect(on({ own: true }, { edit_window_seconds: 10 })).not.toContain('edit')
  })

  test('moderators delete and pin, members of a group pin', () => {
    expect(on({}, {}, { role: 'moderator' })).toEqual(expect.arrayContaining(['remove', 'pin']))
    expect(on()).not.toContain('pin')
    expect(on({}, { kind: 'group' })).toContain('pin')
  })

  test('readers and those who are muted do not reply', () => {
    expect(on({}, {}, { role: 'reader' })).not.toContain('reply')
    expect(on({}, {}, { muted_until: NOW + 1 })).not.toContain('reply')
    expect(on({}, {}, { muted_until: NOW })).toContain('reply')
  })

  test('of a deleted one only its place is left', () => {
    expect(on({ own: true, deleted_at: NOW })).toEqual(['copyLink'])
  })
})

test.each([
  ['a member', {}, {}, true],
  ['where only moderators write', { posting: 'moderators' }, {}, false],
  ['a moderator there', { posting: 'moderators' }, { role: 'moderator' }, true],
  ['in an archived room nobody', { archived_at: 5 }, { role: 'owner' }, false],
])('%s writes', (_, of, is, may) => {
  expect(mayWrite({ ...room, ...of }, { ...member, ...is }, NOW)).toBe(may)
})
