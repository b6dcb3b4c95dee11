import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import type { NewMessage } from './outbox'
import { outboxStoreOf } from './outboxStore'

const message = (key: string): NewMessage =>
  ({ key, room: 1, body: 'a', replyTo: null, thread: null, files: [], writtenAt: 1 })
const left = () => Object.keys(localStorage)

beforeEach(() => localStorage.clear())

test('until it is in the database, what was written is where a page that ends at once leaves it', async () => {
  const kept = outboxStoreOf(1).put(message('a'))
  const atOnce = Object.keys(localStorage).map(key => [key, localStorage.getItem(key) ?? ''] as const)
  await kept
  expect(left()).toEqual([])
  expect((await outboxStoreOf(1).all()).map(({ key }) => key)).toEqual(['a'])

  // Another browser, in which the page has ended before its database had anything.
  for (const [key, value] of atOnce)
    localStorage.setItem(key.replace('-1-', '-2-'), value)
  const store = outboxStoreOf(2)
  expect(await store.all()).toEqual([message('a')])
  await store.remove('a')
  expect([await store.all(), left()]).toEqual([[], []])
})

test('nobody gets what somebody else has left', async () => {
  localStorage.setItem('teahouse-outbox-31-a', JSON.stringify(message('a')))
  expect(await outboxStoreOf(3).all()).toEqual([])
})

test('what is in both places is one message', async () => {
  const store = outboxStoreOf(4)
  await store.put(message('a'))
  localStorage.setItem('teahouse-outbox-4-a', JSON.stringify(message('a')))
  expect(await store.all()).toHaveLength(1)
})
