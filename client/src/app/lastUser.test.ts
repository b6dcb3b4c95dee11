import { beforeEach, expect, test } from 'vitest'
import { forgetLastUser, keepLastUser, lastUser, userFrom } from './lastUser'
import { personOf } from './tokens'

const alice = { id: 3, username: 'alice', name: '爱丽丝', is_admin: true }
beforeEach(() => localStorage.clear())

test('who was signed in is known until signing out', () => {
  expect(lastUser()).toBeNull()
  keepLastUser(alice)
  expect(lastUser()).toEqual(alice)
  forgetLastUser()
  expect(lastUser()).toBeNull()
})

test.each([null, '', 'null', '{}', '7', '{"id":"3","username":"a","name":"b"}'])('%s is nobody', (kept) => {
  expect(userFrom(kept)).toBeNull()
})

test('a token says for whom it is, in the alphabet of addresses too', () => {
  const payload = btoa(JSON.stringify({ sub: '42', n: '???>>>' })).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  expect(personOf(`a.${payload}.c`)).toBe(42)
})

test.each(['', 'a.b', 'a.!.c', `a.${btoa('{"sub":""}')}.c`, `a.${btoa('null')}.c`])('of the token %s nobody knows', (token) => {
  expect(personOf(token)).toBeNull()
})
