import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { NewMessage } from './outbox'
import { outboxStoreOf, type OutboxStore } from './outboxStore'
import { useOutbox, type Answer } from './useOutbox'

/** A server that answers when it is told to. */
class Server {
  readonly asked: NewMessage[] = []
  private readonly waiting: ((answer: Answer) => void)[] = []

  readonly send = (message: NewMessage): Promise<Answer> => {
    this.asked.push(message)
    return new Promise(resolve => this.waiting.push(resolve))
  }

  async answer(answer: Answer): Promise<void> {
    this.waiting.shift()?.(answer)
    await vi.advanceTimersByTimeAsync(0)
  }
}

const storedAt = (offset: number): Answer => ({ is: 'stored', sent: { id: 1, room: 1, number: 1, offset, at: 1 } })
const text = (body: string, room = 1) => ({ room, body, replyTo: null, thread: null, files: [] })
let user = 0
let server: Server
let store: OutboxStore
let scope: EffectScope
const isConnected = shallowRef(true)
const heads = shallowRef<ReadonlyMap<string, number>>(new Map())

function open() {
  scope = effectScope()
  let keys = 0
  const outbox = scope.run(() =>
    useOutbox({ send: server.send, store, isConnected, heads, random: () => 1, newKey: () => `k${user}-${keys++}` }))
  if (outbox === undefined)
    throw new Error('the scope has ended')
  return outbox
}

beforeEach(() => {
  // Of time only what the outbox waits for: the store has its own.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  isConnected.value = true
  heads.value = new Map()
  server = new Server()
  store = outboxStoreOf(++user)
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

const bodies = () => server.asked.map(message => message.body)
const states = (outbox: ReturnType<typeof open>) => outbox.entries.value.map(({ progress }) => progress.is)

describe('with a connection', () => {
  test('N2 what the room tells before it is answered is done: it waits no more and is not sent again', async () => {
    const outbox = open()
    const key = outbox.write(text('first'))
    outbox.write(text('second'))
    outbox.hear(key)
    expect(outbox.waiting.value).toBe(1)
    expect(bodies()).toEqual(['first', 'second'])
    isConnected.value = false
    await nextTick()
    isConnected.value = true
    await nextTick()
    expect(bodies()).toEqual(['first', 'second', 'second'])
    expect((await store.all()).map(({ body }) => body)).toEqual(['second'])
  })

  test('messages go one after the other, and leave when the room has told of them', async () => {
    const outbox = open()
    outbox.write(text('one'))
    outbox.write(text('two'))
    expect(bodies()).toEqual(['one'])

    await server.answer(storedAt(5))
    expect(bodies()).toEqual(['one', 'two'])
    expect(states(outbox)).toEqual(['saved', 'sending'])

    heads.value = new Map([['room:1', 5]])
    await nextTick()
    expect(states(outbox)).toEqual(['sending'])
  })

  test('one that nobody knows of is sent again, the same, after a while', async () => {
    const outbox = open()
    outbox.write(text('one'))
    await server.answer({ is: 'unknown' })
    expect(states(outbox)).toEqual(['waiting'])

    await vi.advanceTimersByTimeAsync(999)
    expect(server.asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.asked).toHaveLength(2)
    expect(server.asked[1]).toEqual(server.asked[0])
  })

  test('a refused one says why, and goes again under another key', async () => {
    const outbox = open()
    const key = outbox.write(text('one'))
    await server.answer({ is: 'refused', slug: 'muted', detail: '' })
    expect(outbox.entries.value[0]?.progress).toEqual({ is: 'refused', slug: 'muted', detail: '' })

    expect(outbox.retry(key, 'other')).toBe(true)
    expect(outbox.retry(key)).toBe(false)
    expect(bodies()).toEqual(['one', 'other'])
    expect(server.asked[1]?.key).not.toBe(key)
  })
})

describe('without a connection', () => {
  test('messages wait, and go when it is back', async () => {
    isConnected.value = false
    const outbox = open()
    outbox.write(text('one'))
    outbox.write(text('elsewhere', 2))
    expect([server.asked.length, outbox.waiting.value]).toEqual([0, 2])

    isConnected.value = true
    await nextTick()
    expect(bodies()).toEqual(['one', 'elsewhere'])
  })

  test('what was under way goes again at once when it is back', async () => {
    const outbox = open()
    outbox.write(text('one'))
    isConnected.value = false
    await nextTick()
    expect(states(outbox)).toEqual(['waiting'])

    isConnected.value = true
    await nextTick()
    expect(bodies()).toEqual(['one', 'one'])
    // The answer to the first attempt comes after all.
    await server.answer(storedAt(5))
    expect(states(outbox)).toEqual(['saved'])
    await server.answer({ is: 'unknown' })
    expect(states(outbox)).toEqual(['saved'])
  })

  test('a page that is opened later sends what was left, in its order, and no more', async () => {
    isConnected.value = false
    const first = open()
    const key = first.write(text('one'))
    first.write(text('two'))
    const gone = first.write(text('three'))
    expect(first.discard(gone)).toBe(true)
    await vi.waitFor(async () => expect(await store.all()).toHaveLength(2))
    scope.stop()

    isConnected.value = true
    const second = open()
    await second.ready
    expect([bodies(), server.asked[0]?.key]).toEqual([['one'], key])
    await server.answer(storedAt(5))
    await server.answer(storedAt(6))
    await vi.waitFor(async () => expect(await store.all()).toEqual([]))
  })
})

test('a browser that keeps nothing sends all the same, and says so', async () => {
  const broken = () => Promise.reject(new Error('no storage'))
  store = { all: broken, put: broken, remove: broken }
  const outbox = open()
  outbox.write(text('one'))
  await outbox.ready
  expect([bodies(), outbox.isKept.value]).toEqual([['one'], false])
})
