import { describe, expect, test } from 'vitest'
import type { Member, Room } from '../api/types'
import {
  actionsOn, changedSettings, choicesWith, fieldOfRefusal, inOrderOfRank, mayInvite, mayLeave, mayMakeLinks, rolesToGive,
  settingsOf, standingIn, type Role,
} from './roomRules'

const standing = (role: Role, isLobby = false) => ({ role, isLobby })
const member = (role: Role, user = 2, muted_until: number | null = null): Member => ({ user, role, muted_until })
const room = (kind: string, rest: Partial<Room> = {}): Room => ({ id: 1, kind, created_at: 0, ...rest })
const membership = (role: string) => ({ role, level: 'everything', read_number: 0 })

describe('what may be done to a member', () => {
  test.each([
    ['a member to a member', standing('member'), member('member'), []],
    ['a reader to an owner', standing('reader'), member('owner'), []],
    ['a moderator to a member', standing('moderator'), member('member'), ['role', 'mute', 'remove', 'ban']],
    ['a moderator to a moderator', standing('moderator'), member('moderator'), []],
    ['an owner to a moderator, who cannot be muted', standing('owner'), member('moderator'), ['role', 'remove', 'ban']],
    ['an owner to who is muted', standing('owner'), member('member', 2, 101), ['role', 'unmute', 'remove', 'ban']],
    ['an owner to who was muted', standing('owner'), member('reader', 2, 100), ['role', 'mute', 'remove', 'ban']],
    ['an owner of the lobby, which nobody leaves', standing('owner', true), member('member'), ['role', 'mute']],
  ])('by %s', (_, by, to, actions) => {
    expect(actionsOn(to, by, 100)).toEqual(actions)
  })

  test('moderators give only the roles below their own', () => {
    expect(rolesToGive(standing('moderator'))).toEqual(['member', 'reader'])
    expect(rolesToGive(standing('owner'))).toContain('owner')
  })
})

describe('what one may do oneself', () => {
  test('superusers are owners of the lobby alone', () => {
    expect(standingIn(membership('member'), true, true).role).toBe('owner')
    expect(standingIn(membership('member'), false, true).role).toBe('member')
    expect(standingIn(membership('member'), true, false).role).toBe('member')
  })

  test.each([
    ['a member of a public room', room('public'), standing('member'), true, false, true],
    ['a member of a private room', room('private'), standing('member'), false, false, true],
    ['a moderator of a private room', room('private'), standing('moderator'), true, true, true],
    ['an owner of an archived room', room('public', { archived_at: 1 }), standing('owner'), false, false, true],
    ['a superuser in the lobby', room('public'), standing('owner', true), false, true, false],
    ['one of two', room('direct'), standing('member'), false, false, false],
  ])('%s', (_, of, as, invites, links, leaves) => {
    expect([mayInvite(of, as), mayMakeLinks(of, as), mayLeave(of, as)]).toEqual([invites, links, leaves])
  })
})

test('members are listed by rank, those who are here first in each', () => {
  const members = [member('member', 1), member('reader', 2), member('owner', 3), member('member', 4), member('moderator', 5)]
  expect(inOrderOfRank(members, new Set([2, 4])).map(({ user }) => user)).toEqual([3, 5, 2, 4, 1])
})

describe('settings', () => {
  test('only what was changed is sent, null too', () => {
    const before = settingsOf(room('public', { name: 'Tea', edit_window_seconds: 900 }))
    expect(changedSettings(before, before)).toEqual({})
    expect(changedSettings(before, { ...before, topic: 'Leaves', edit_window_seconds: null }))
      .toEqual({ topic: 'Leaves', edit_window_seconds: null })
  })

  test('a value that was set elsewhere is among the choices', () => {
    expect(choicesWith([0, 10, 60], 15)).toEqual([0, 10, 15, 60])
    expect(choicesWith([0, 10], 10)).toEqual([0, 10])
    expect(choicesWith([7, 30], null)).toEqual([7, 30])
  })
})

test.each([
  ['conflict', 'another public room has this name', 'name'],
  ['conflict', 'the last owner', ''],
  ['bad_argument', 'topic: it is too long', 'topic'],
  ['bad_argument', 'seconds', ''],
  ['not_allowed', 'name', ''],
])('a refusal %s (%s) stands at the field "%s"', (slug, detail, field) => {
  expect(fieldOfRefusal(slug, detail, ['name', 'topic'])).toBe(field)
})
