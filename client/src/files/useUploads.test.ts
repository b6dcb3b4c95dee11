import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { Piece, UploadAnswer, UploadTransport } from '../api/files'
import { PIECE_BYTES } from './uploads'
import { useUploads } from './useUploads'

/** A server that answers when it is told to. */
class Server implements UploadTransport {
  readonly asked: (Piece | string)[] = []
  readonly waiting: { answer: (answer: UploadAnswer) => void, onSent: (bytes: number) => void, signal: AbortSignal }[] = []

  send(piece: Piece, onSent: (bytes: number) => void, signal: AbortSignal): Promise<UploadAnswer> {
    this.asked.push(piece)
    return new Promise(answer => this.waiting.push({ answer, onSent, signal }))
  }

  received(_room: number, key: string, signal: AbortSignal): Promise<UploadAnswer> {
    this.asked.push(key)
    return new Promise(answer => this.waiting.push({ answer, onSent: () => undefined, signal }))
  }

  async answer(answer: UploadAnswer): Promise<void> {
    this.waiting.shift()?.answer(answer)
    await vi.advanceTimersByTimeAsync(0)
  }
}

let server: Server
let scope: EffectScope
const isConnected = shallowRef(true)
const complete = (id: number): UploadAnswer => ({ is: 'complete', file: { id, name: '', type: '', size: 1 } })
const fileOf = (name: string, size = 3, type = 'text/plain') => new File([new Uint8Array(size)], name, { type })

function open() {
  scope = effectScope()
  let keys = 0
  const uploads = scope.run(() =>
    useUploads({ room: 4, transport: server, isConnected, random: () => 1, newKey: () => `k${keys++}` }))
  if (uploads === undefined)
    throw new Error('the scope has ended')
  return uploads
}

const states = (uploads: ReturnType<typeof open>) => uploads.uploads.value.map(({ state }) => state.is)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  isConnected.value = true
  server = new Server()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('C7 several are queued at once, three are sent, the fourth follows', async () => {
  const uploads = open()
  uploads.add(['a', 'b', 'c', 'd'].map(name => fileOf(name)))
  expect(states(uploads)).toEqual(['uploading', 'uploading', 'uploading', 'waiting'])
  await server.answer(complete(9))
  expect(states(uploads)).toEqual(['done', 'uploading', 'uploading', 'uploading'])
  expect([uploads.readyIds.value, uploads.isBusy.value]).toEqual([[9], true])
})

test('C8 a large one goes in pieces, its progress moves, and it resumes after a lost connection under its key', async () => {
  const uploads = open()
  uploads.add([fileOf('large', PIECE_BYTES + 100)])
  server.waiting[0]?.onSent(PIECE_BYTES / 2)
  expect(uploads.uploads.value[0]?.progress).toBeCloseTo(0.5, 3)
  await server.answer({ is: 'lost' })
  expect(server.asked).toHaveLength(1)

  await vi.advanceTimersByTimeAsync(500)
  expect(server.asked[1]).toBe('k0')
  await server.answer({ is: 'partial', receivedBytes: 100 })
  expect(server.asked[2]).toMatchObject({ key: 'k0', first: 100, total: PIECE_BYTES + 100, isWhole: false })
  expect((server.asked[2] as Piece).body.size).toBe(PIECE_BYTES)
  await server.answer(complete(1))
  expect([states(uploads), uploads.uploads.value[0]?.progress]).toEqual([['done'], 1])
})

test('C8 who has given up is tried again by a click, under the same key', async () => {
  const uploads = open()
  uploads.add([fileOf('a')])
  await server.answer({ is: 'refused', status: 413, slug: 'quota_exceeded', retryAfterMs: 0, receivedBytes: null })
  expect(uploads.uploads.value[0]?.state).toEqual({ is: 'failed', reason: 'noSpace', mayRetry: true })
  expect(uploads.isBusy.value).toBe(false)
  expect([uploads.retry('k0'), uploads.retry('k0')]).toEqual([true, false])
  expect(server.asked).toHaveLength(2)
  expect(server.asked[1]).toMatchObject({ key: 'k0' })
})

test('the connection that is back ends the waiting', async () => {
  const uploads = open()
  uploads.add([fileOf('a')])
  isConnected.value = false
  await server.answer({ is: 'lost' })
  isConnected.value = true
  await nextTick()
  await vi.advanceTimersByTimeAsync(0)
  expect(server.asked).toHaveLength(2)
})

test('C7 a cancelled one is aborted, and its place is the next one’s', async () => {
  const uploads = open()
  uploads.add(['a', 'b', 'c', 'd'].map(name => fileOf(name)))
  const aborted = server.waiting[1]?.signal
  uploads.cancel('k1')
  expect([aborted?.aborted, states(uploads)]).toEqual([true, ['uploading', 'uploading', 'uploading']])
  await server.answer(complete(1))
  await server.answer(complete(2))
  expect(states(uploads)).toEqual(['done', 'uploading', 'uploading'])
})

test('one that waits to be sent again can be cancelled, and stays away', async () => {
  const uploads = open()
  uploads.add([fileOf('a')])
  await server.answer({ is: 'lost' })
  uploads.cancel('k0')
  await vi.advanceTimersByTimeAsync(60_000)
  expect([server.asked.length, uploads.uploads.value]).toEqual([1, []])
})

test('C7 images have a preview, and leave nothing behind', () => {
  const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:1')
  const revoked = vi.spyOn(URL, 'revokeObjectURL').mockReturnValue()
  const uploads = open()
  uploads.add([fileOf('a.png', 3, 'image/png'), fileOf('b.svg', 3, 'image/svg+xml')])
  expect(uploads.uploads.value.map(({ previewUrl }) => previewUrl)).toEqual(['blob:1', null])
  uploads.clear()
  expect([made.mock.calls.length, revoked.mock.calls]).toEqual([1, [['blob:1']]])
})

test('C8 what is too large, empty or too many never reaches the server', () => {
  const uploads = open()
  const large = fileOf('large')
  Object.defineProperty(large, 'size', { value: 60 * 1024 * 1024 })
  uploads.add([large, fileOf('empty', 0)])
  expect(uploads.uploads.value.map(({ state }) => state)).toMatchObject([{ reason: 'tooLarge' }, { reason: 'empty' }])
  uploads.add(Array.from({ length: 12 }, (_, n) => fileOf(String(n))))
  expect([uploads.leftOut.value, server.asked.length]).toEqual([2, 3])
})
