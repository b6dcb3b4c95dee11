import { describe, expect, test } from 'vitest'
import type { Message } from '../api/types'
import { unreadThreads } from '../state/followedThreads'
import { concernsThreads } from './concernsThreads'
import { threadFrom, withFrame, withPage } from './thread'

const summary = (replies: number, last: number) => ({ root: 1, replies, author: 2, last_number: last })
const root: Message = { id: 1, room: 7, number: 1, author: 2, at: 0, body: 'root' }
const reply = (number: number, rest: Partial<Message> = {}): Message =>
  ({ id: number, room: 7, number, author: 2, at: 0, body: 'r', thread: summary(1, number), ...rest })
const following = { thread: 1, following: 'follows' }
const open = (next: number | null, ...replies: Message[]) => threadFrom({ root, following, results: replies, next })
const posted = (message: Message) => ({ kind: 'message.posted', offset: 1, message }) as const

describe('a thread that is open', () => {
  test('a reply is put at the end once, and the root knows how many there are', () => {
    const after = [posted(reply(5)), posted(reply(5))].reduce(withFrame, open(null, reply(3)))
    expect(after.replies.map(({ number }) => number)).toEqual([3, 5])
    expect(after.root.thread?.last_number).toBe(5)
  })

  test('what is said elsewhere in the room changes nothing', () => {
    const before = open(null, reply(3))
    expect(withFrame(before, posted({ ...root, id: 9, number: 9 }))).toBe(before)
    expect(withFrame(before, posted(reply(9, { thread: { root: 8, replies: 1 } })))).toBe(before)
  })

  test('behind a page that is not loaded nothing is put', () => {
    expect(withFrame(open(3, reply(3)), posted(reply(9))).replies).toHaveLength(1)
  })

  test('a page lengthens it, and what came before the page is there once', () => {
    const page = { root, following, results: [reply(3), reply(4)], next: null }
    expect(withPage(open(3, reply(3)), page).replies.map(({ number }) => number)).toEqual([3, 4])
  })

  test('R11 reactions are added and taken back in it', () => {
    const added = { kind: 'reaction.added', offset: 1, message: 3, number: 3, emoji: '👍', user: 2 } as const
    const with1 = withFrame(open(null, reply(3)), added)
    expect(with1.replies[0]?.reactions).toEqual([{ emoji: '👍', users: [2] }])
    expect(withFrame(with1, { ...added, kind: 'reaction.removed' }).replies[0]?.reactions).toEqual([])
  })

  test('it is resolved for everybody who looks', () => {
    const thread = { ...summary(1, 3), resolved_at: 5, resolved_by: 2 }
    expect(withFrame(open(null), { kind: 'thread.changed', offset: 1, thread }).root.thread?.resolved_at).toBe(5)
  })
})

test('threads are unread when they are followed and have a newer reply', () => {
  const one = (following: string, readNumber: number) => ({ room: 7, following, readNumber, number: 9, lastNumber: 5 })
  expect(unreadThreads(new Map([[1, one('follows', 4)], [2, one('follows', 5)], [3, one('mutes', 1)], [4, one('none', 1)]]))).toEqual([1])
})

test('the list of threads is asked for again after a reply, and not after a message of the room', () => {
  expect(concernsThreads(posted(reply(3)), new Set())).toBe(true)
  expect(concernsThreads(posted(root), new Set([1]))).toBe(false)
})
