import { describe, expect, test } from 'vitest'
import { Refused, Unknown, refusalOf } from './refusal'

describe('refused for good', () => {
  test('is what the chat says, with its word and its detail', () => {
    const refused = refusalOf({ code: 1014, message: 'bad_body: The text is empty.', temporary: false })
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({ slug: 'bad_body', detail: 'The text is empty.', code: 1014 })
  })

  test('may have nothing but its word', () => {
    expect(refusalOf({ code: 1011, message: 'not_a_member' })).toMatchObject({ slug: 'not_a_member', detail: '' })
  })
})

test.each([
  ['an answer that says so', { code: 1000, message: 'try_again', temporary: true }],
  ['a fault of the server', { code: 100, message: 'internal server error', temporary: true }],
  ['a refusal that is temporary', { code: 1500, message: 'later', temporary: true }],
  ['no answer in time', { code: 1, message: 'timeout' }],
  ['a lost connection', { code: 11, message: 'connection closed' }],
  ['anything else', new TypeError('x')],
  ['nothing', undefined],
])('nobody knows after %s', (_, error) => {
  expect(refusalOf(error)).toBeInstanceOf(Unknown)
})
