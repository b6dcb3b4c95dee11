import { expect, test } from 'vitest'
import { nextPath, signInPath } from './nextPath'

test.each([
  ['nothing', '', '/'],
  ['an empty next', '?next=', '/'],
  ['a path', '?next=/admin/', '/admin/'],
  ['a path with a query and a part', '?next=%2Fclassic%3Fa%3D1%23b', '/classic?a=1#b'],
  ['a path with Chinese', '?next=/房间', '/房间'],
  ['another site', '?next=https://evil.example/', '/'],
  ['another site without a scheme', '?next=//evil.example', '/'],
  ['three slashes', '?next=///evil.example', '/'],
  ['a backslash for a slash', '?next=/\\evil.example', '/'],
  ['a backslash later', '?next=/a\\..\\\\evil.example', '/'],
  ['an escaped backslash', '?next=%2F%5Cevil.example', '/'],
  ['a tab between slashes', '?next=/%09/evil.example', '/'],
  ['a line end between slashes', '?next=/%0A/evil.example', '/'],
  ['a space before', '?next=%20//evil.example', '/'],
  ['a script', '?next=javascript:alert(1)', '/'],
  ['a relative path', '?next=classic', '/'],
  ['the sign-in page', '?next=/sign-in?next=/sign-in', '/'],
  ['the setup page', '?next=/setup', '/'],
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
