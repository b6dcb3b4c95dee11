import { describe, expect, test } from 'vitest'
import { csrfToken, refusal } from './request'

test.each([
  ['nothing', '', null],
  ['only others', 'sessionid=1; theme=dark', null],
  ['among others', 'a=1; csrftoken=abc; b=2', 'abc'],
  ['alone', 'csrftoken=xyz', 'xyz'],
  ['empty', 'csrftoken=', null],
  ['a longer name that ends alike', 'xcsrftoken=no', null],
])('the CSRF token of a cookie line with %s', (_name, cookies, token) => {
  expect(csrfToken(cookies)).toBe(token)
})

describe('a refusal', () => {
  test('keeps the fields of a problem', () => {
    const error = refusal(400, 'Bad Request', '{"title":"Invalid","detail":"No.","errors":{"username":["Taken."]}}')
    expect(error).toMatchObject({ status: 400, title: 'Invalid', detail: 'No.', errors: { username: ['Taken.'] } })
  })

  test.each([
    ['a page of HTML', '<h1>502</h1>'],
    ['nothing', ''],
    ['null', 'null'],
    ['a problem of wrong types', '{"title":1,"detail":[],"errors":"no"}'],
  ])('is made from %s too', (_name, body) => {
    expect(refusal(502, 'Bad Gateway', body)).toMatchObject({ status: 502, title: 'Bad Gateway', detail: '', errors: {} })
  })
})
