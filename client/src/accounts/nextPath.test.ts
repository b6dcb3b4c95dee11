import { expect, test } from 'vitest'
import { nextPath, signInPath } from './nextPath'

test.each([
  ['nothing', '', '/classic'],
  ['an empty next', '?next=', '/classic'],
  ['a path', '?next=/admin/', '/admin/'],
  ['a path with a query and a part', '?next=%2Fclassic%3Fa%3D1%23b', '/classic?a=1#b'],
  ['a path with Chinese', '?next=/房间', '/房间'],
  ['another site', '?next=https://evil.example/', '/classic'],
  ['another site without a scheme', '?next=//evil.example', '/classic'],
  ['three slashes', '?next=///evil.example', '/classic'],
  ['a backslash for a slash', '?next=/\\evil.example', '/classic'],
  ['a backslash later', '?next=/a\\..\\\\evil.example', '/classic'],
  ['an escaped backslash', '?next=%2F%5Cevil.example', '/classic'],
  ['a tab between slashes', '?next=/%09/evil.example', '/classic'],
  ['a line end between slashes', '?next=/%0A/evil.example', '/classic'],
  ['a space before', '?next=%20//evil.example', '/classic'],
  ['a script', '?next=javascript:alert(1)', '/classic'],
  ['a relative path', '?next=classic', '/classic'],
  ['the sign-in page', '?next=/sign-in?next=/sign-in', '/classic'],
  ['the setup page', '?next=/setup', '/classic'],
  ['a path that begins like the sign-in page', '?next=/sign-in-help', '/sign-in-help'],
])('after signing in with %s', (_name, search, path) => {
  expect(nextPath(search)).toBe(path)
})

test('what the sign-in address carries is what comes back', () => {
  const address = signInPath('/classic?room=茶&a=1')
  expect(nextPath(address.slice(address.indexOf('?')))).toBe('/classic?room=茶&a=1')
})

test('the sign-in address of the classic page is easy to read', () => {
  expect(signInPath('/classic')).toBe('/sign-in?next=/classic')
})
