import { expect, test } from 'vitest'
import { nextPath, signInPath } from './nextPath'
import { secretIn, suggestedUsername } from './invitation'

test.each([
  ['an invitation', '/invite/0a1b', '0a1b'],
  ['an invitation with a slash behind it', '/invite/0a1b/', '0a1b'],
  ['no secret', '/invite/', null],
  ['more than a secret', '/invite/0a1b/more', null],
  ['another page', '/sign-in', null],
])('the secret in the address of %s', (_name, path, secret) => {
  expect(secretIn(path)).toBe(secret)
})

test.each([
  ['Tom', 'tom'],
  ['  Tom   Baker ', 'tom.baker'],
  ['Mary-Jane O\'Neil', 'mary-jane.oneil'],
  ['tom@tea.example', 'tom@tea.example'],
  ['王小明', ''],
  ['Tom 王', ''],
  ['José', ''],
  ['!?', ''],
  ['', ''],
])('the name %j suggests the username %j', (name, username) => {
  expect(suggestedUsername(name)).toBe(username)
})

test('who has an account comes back to the invitation after signing in', () => {
  const address = signInPath('/invite/0a1b')

  expect(nextPath(address.slice(address.indexOf('?')))).toBe('/invite/0a1b')
})
