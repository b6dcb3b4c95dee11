import { describe, expect, test } from 'vitest'
import { decode, encodeMessage } from './frames'

const frame = (type: unknown, content: unknown) => JSON.stringify({ type, content })
const message = (content: unknown) => frame('demo-message-receive', JSON.stringify(content))
const notice = (content: unknown) => frame('notice-push', JSON.stringify(content))

describe('a message', () => {
  test('to everyone is a broadcast', () => {
    const text = '{"type":"demo-message-receive","content":"{\\"fromUserId\\":1,\\"text\\":\\"你好\\",\\"single\\":false,\\"id\\":17,\\"sentAt\\":1763827200000}"}'
    expect(decode(text)).toEqual({ kind: 'broadcast', id: 17, fromUserId: 1, text: '你好', sentAtMs: 1763827200000 })
  })

  test('to me alone is a single', () => {
    expect(decode(message({ fromUserId: 2, text: 'hi', single: true, id: 3, sentAt: 5 })))
      .toEqual({ kind: 'single', id: 3, fromUserId: 2, text: 'hi', sentAtMs: 5 })
  })

  test('of a server without ids and times is still a message', () => {
    expect(decode(message({ fromUserId: 2, text: 'hi', single: false })))
      .toEqual({ kind: 'broadcast', id: null, fromUserId: 2, text: 'hi', sentAtMs: null })
  })

  test('from a user whose long id is a string of digits is understood', () => {
    expect(decode(message({ fromUserId: '12', text: 'hi' }))).toMatchObject({ fromUserId: 12 })
  })

  test('keeps text that looks like markup as it is', () => {
    expect(decode(message({ fromUserId: 2, text: '<b>"\\n' }))).toMatchObject({ text: '<b>"\\n' })
  })
})

describe('a notice', () => {
  test('carries its push, title, content, type and time', () => {
    expect(decode(notice({ id: 4, pushId: 9, title: '维护', type: 2, content: '今晚', createTime: 7, status: 0 })))
      .toEqual({ kind: 'notice', pushId: 9, title: '维护', content: '今晚', type: 2, pushedAtMs: 7 })
  })

  test('needs only a title', () => {
    expect(decode(notice({ title: '维护' })))
      .toEqual({ kind: 'notice', pushId: null, title: '维护', content: '', type: 1, pushedAtMs: null })
  })

  test('prefers the time of its push to that of its writing', () => {
    expect(decode(notice({ title: 'a', createTime: 7, pushedAt: 8 }))).toMatchObject({ pushedAtMs: 8 })
  })
})

test.each<[string, unknown]>([
  ['the pong', 'pong'],
  ['an empty text', ''],
  ['what is not JSON', '{"type":'],
  ['null', 'null'],
  ['a number', '17'],
  ['a string', '"demo-message-receive"'],
  ['an array', '[]'],
  ['an array of frames', `[${message({ fromUserId: 1, text: 'a' })}]`],
  ['an empty object', '{}'],
  ['binary data', new ArrayBuffer(2)],
  ['nothing at all', undefined],
  ['a frame without a type', '{"content":"{}"}'],
  ['a frame without a content', '{"type":"demo-message-receive"}'],
  ['a type that is not a string', frame(1, '{}')],
  ['an unknown type', frame('kefu_message_type', '{"conversationId":1}')],
  ['a type of the prototype', frame('toString', '{}')],
  ['a content that is an object', frame('demo-message-receive', { fromUserId: 1, text: 'a' })],
  ['a content that is null', frame('demo-message-receive', null)],
  ['a content that is not JSON', frame('demo-message-receive', 'hello')],
  ['a content of an array', frame('demo-message-receive', '[1]')],
  ['a content of null', frame('demo-message-receive', 'null')],
  ['a content of a string', frame('notice-push', '"a"')],
  ['a message without a sender', message({ text: 'a' })],
  ['a message from an object', message({ fromUserId: {}, text: 'a' })],
  ['a message from words', message({ fromUserId: 'me', text: 'a' })],
  ['a message without a text', message({ fromUserId: 1 })],
  ['a message whose text is a number', message({ fromUserId: 1, text: 5 })],
  ['a notice without a title', notice({ pushId: 1 })],
  ['a notice whose title is an array', notice({ pushId: 1, title: ['a'] })],
])('%s is ignored', (_name, data) => {
  expect(decode(data)).toEqual({ kind: 'ignored' })
})

test('a message to everyone goes out with an empty receiver, as JSON within JSON', () => {
  expect(encodeMessage('你好', null))
    .toBe('{"type":"demo-message-send","content":"{\\"text\\":\\"你好\\",\\"toUserId\\":\\"\\"}"}')
})

test('a message to one user goes out with a number', () => {
  expect(encodeMessage('hi 2', 2))
    .toBe('{"type":"demo-message-send","content":"{\\"text\\":\\"hi 2\\",\\"toUserId\\":2}"}')
})
