import { describe, expect, test } from 'vitest'
import type { MessageFrame } from './frames'
import {
  EMPTY_LIST, LENGTH_AT_MOST, arrived, fromFrame, fromNotice, fromSending, merged, type ListedMessage,
} from './messageList'

const frame = (id: number | null, text = 'a'): MessageFrame => ({ kind: 'broadcast', id, fromUserId: 1, text, sentAtMs: 5 })
const message = (id: number, atMs = id): ListedMessage => ({ key: `message:${id}`, kind: 'broadcast', fromUserId: 1, text: 'a', atMs })
const notice = (pushId: number, atMs: number): ListedMessage => ({ key: `notice:${pushId}`, kind: 'notice', type: 1, title: 't', text: '', atMs })
const keys = (list: readonly ListedMessage[]) => list.map(({ key }) => key)

describe('what arrives', () => {
  test('stands on top', () => {
    expect(keys([message(1), message(2), message(3)].reduce(arrived, EMPTY_LIST)))
      .toEqual(['message:3', 'message:2', 'message:1'])
  })

  test('stands on top even when its clock is behind', () => {
    expect(keys([message(1, 100), message(2, 50)].reduce(arrived, EMPTY_LIST))).toEqual(['message:2', 'message:1'])
  })

  test('a second time with the same key is dropped and the list is the same', () => {
    const list = [message(1), message(2)].reduce(arrived, EMPTY_LIST)
    expect(arrived(list, message(1))).toBe(list)
  })

  test('with equal text but another id is another message', () => {
    const list = [frame(1), frame(2)].map((each, at) => fromFrame(each, at, 0)).reduce(arrived, EMPTY_LIST)
    expect(list).toHaveLength(2)
  })

  test('twice without an id is two messages', () => {
    const list = [frame(null), frame(null)].map((each, at) => fromFrame(each, at, 0)).reduce(arrived, EMPTY_LIST)
    expect(list).toHaveLength(2)
  })

  test('pushes the oldest out of a full list', () => {
    const list = Array.from({ length: LENGTH_AT_MOST + 2 }, (_, id) => message(id)).reduce(arrived, EMPTY_LIST)
    expect(list).toHaveLength(LENGTH_AT_MOST)
    expect(list[0]?.key).toBe(`message:${LENGTH_AT_MOST + 1}`)
    expect(list.at(-1)?.key).toBe('message:2')
  })

  test('leaves the list it came to as it was', () => {
    const list = arrived(EMPTY_LIST, message(1))
    arrived(list, message(2))
    expect(list).toHaveLength(1)
  })
})

describe('the history', () => {
  test('takes the places of its times', () => {
    const list = [message(1, 10), message(2, 30)].reduce(arrived, EMPTY_LIST)
    expect(keys(merged(list, [notice(3, 40), notice(2, 20), notice(1, 5)])))
      .toEqual(['notice:3', 'message:2', 'notice:2', 'message:1', 'notice:1'])
  })

  test('does not repeat what came over the connection', () => {
    const list = arrived(EMPTY_LIST, notice(9, 20))
    expect(merged(list, [notice(9, 20)])).toEqual(list)
  })

  test('is not repeated by what comes over the connection later', () => {
    expect(arrived(merged(EMPTY_LIST, [notice(9, 20)]), notice(9, 20))).toHaveLength(1)
  })

  test('does not push newer messages out of a full list', () => {
    const list = Array.from({ length: LENGTH_AT_MOST }, (_, id) => message(id, 100 + id)).reduce(arrived, EMPTY_LIST)
    expect(keys(merged(list, [notice(1, 5)]))).toEqual(keys(list))
  })
})

describe('an entry', () => {
  test('of a message and one of a notice with the same number differ', () => {
    const pushed = fromFrame({ kind: 'notice', pushId: 1, title: 't', content: 'c', type: 2, pushedAtMs: null }, 0, 7)
    expect(pushed).toEqual({ key: 'notice:1', kind: 'notice', type: 2, title: 't', text: 'c', atMs: 7 })
    expect(fromFrame(frame(1), 0, 7).key).toBe('message:1')
  })

  test('of a notice is the same from the history and from the connection', () => {
    const read = fromNotice({ id: 4, push_id: 9, title: 't', content: 'c', type: 1, pushed_at: '2026-11-23T00:00:00Z' })
    const pushedAtMs = Date.UTC(2026, 10, 23)
    expect(fromFrame({ kind: 'notice', pushId: 9, title: 't', content: 'c', type: 1, pushedAtMs }, 0, 7)).toEqual(read)
  })

  test('of what I sent says to whom and when', () => {
    expect(fromSending('hi', 2, 3, 7)).toEqual({ key: 'arrival:3', kind: 'sent', toUserId: 2, text: 'hi', atMs: 7 })
  })
})
