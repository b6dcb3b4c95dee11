import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, shallowRef, type EffectScope } from 'vue'
import type { Piece, UploadAnswer, UploadTransport } from '../api/files'
import { useTray, type TrayMessage } from './useTray'

/** A server that answers when it is told to; by the names of files. */
class Server implements UploadTransport {
  readonly waiting = new Map<string, { answer: (answer: UploadAnswer) => void, signal: AbortSignal }>()

  send({ name }: Piece, _onSent: unknown, signal: AbortSignal): Promise<UploadAnswer> {
    return new Promise(answer => this.waiting.set(name, { answer, signal }))
  }

  received(): Promise<UploadAnswer> {
    return Promise.resolve({ is: 'lost' })
  }

  async answer(name: string, answer: UploadAnswer): Promise<void> {
    this.waiting.get(name)?.answer(answer)
    await vi.advanceTimersByTimeAsync(0)
  }
}

let server: Server
let scope: EffectScope
let sent: TrayMessage[]
const fileOf = (name: string, size = 3) => new File([new Uint8Array(size)], name)
const complete = (id: number): UploadAnswer => ({ is: 'complete', file: { id, name: '', type: '', size: 3 } })
const refused = (status: number, slug = ''): UploadAnswer => ({ is: 'refused', status, slug, retryAfterMs: 0, receivedBytes: null })

function open() {
  const tray = scope.run(() =>
    useTray({ room: 4, thread: 7, isConnected: shallowRef(true), send: message => sent.push(message), transport: server }))
  if (tray === undefined)
    throw new Error('the scope has ended')
  return tray
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  server = new Server()
  sent = []
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

test('C7 a message goes when the last of its files has arrived, with them in their order', async () => {
  const tray = open()
  tray.add([fileOf('a'), fileOf('b')])
  expect(tray.depart({ body: 'look', replyTo: 3 })).toBe(true)
  await server.answer('b', complete(2))
  expect([sent, tray.departing.value.length]).toEqual([[], 1])

  await server.answer('a', complete(1))
  expect(sent).toEqual([{ room: 4, thread: 7, body: 'look', replyTo: 3, files: [1, 2] }])
  expect(tray.departing.value).toEqual([])
})

test('C7 while it waits, the next message has files of its own', async () => {
  const tray = open()
  tray.add([fileOf('a')])
  tray.depart({ body: 'first', replyTo: null })
  expect(tray.hasFiles.value).toBe(false)
  tray.add([fileOf('b')])
  tray.depart({ body: 'second', replyTo: null })
  await server.answer('b', complete(2))
  await server.answer('a', complete(1))

  expect(sent.map(({ body, files }) => [body, files])).toEqual([['second', [2]], ['first', [1]]])
})

test('C7 files that are there go at once, and without any it is a message like another', async () => {
  const tray = open()
  expect(tray.depart({ body: 'x', replyTo: null })).toBe(false)
  tray.add([fileOf('a')])
  await server.answer('a', complete(1))
  expect(tray.depart({ body: '', replyTo: null })).toBe(true)
  expect(sent).toMatchObject([{ body: '', files: [1] }])
})

test('C8 a file that fails keeps its message back, until it is there or was taken out', async () => {
  const tray = open()
  tray.add([fileOf('a'), fileOf('b')])
  tray.depart({ body: 'look', replyTo: null })
  await server.answer('a', complete(1))
  await server.answer('b', refused(415))
  expect(sent).toEqual([])

  const [message] = tray.departing.value
  message?.batch.cancel(message.batch.uploads.value[1]?.key ?? '')
  expect(sent).toMatchObject([{ body: 'look', files: [1] }])
})

test('C8 what was refused before it was sent does not keep a message back', () => {
  const tray = open()
  tray.add([fileOf('empty', 0)])
  expect(tray.hasFiles.value).toBe(false)
  expect(tray.depart({ body: 'hello', replyTo: null })).toBe(false)
  expect(tray.current.value.uploads.value).toEqual([])
})

test('C7 a message that is taken back has its files in the tray again, still on their way', async () => {
  const tray = open()
  tray.add([fileOf('a')])
  tray.depart({ body: 'look', replyTo: 3 })
  const id = tray.departing.value[0]?.id ?? 0
  expect(tray.takeBack(id)).toMatchObject({ body: 'look', replyTo: 3 })
  expect([tray.departing.value.length, tray.current.value.uploads.value.length]).toEqual([0, 1])

  await server.answer('a', complete(1))
  expect(sent).toEqual([])
  tray.depart({ body: 'better', replyTo: null })
  expect(sent).toMatchObject([{ body: 'better', files: [1] }])
})

test('a message without text whose files are all removed is none', () => {
  const tray = open()
  tray.add([fileOf('a')])
  tray.depart({ body: '', replyTo: null })
  const batch = tray.departing.value[0]?.batch
  batch?.cancel(batch.uploads.value[0]?.key ?? '')

  expect([sent, tray.departing.value]).toEqual([[], []])
  expect(server.waiting.get('a')?.signal.aborted).toBe(true)
})

test('with the page all of it ends', () => {
  const tray = open()
  tray.add([fileOf('a')])
  tray.depart({ body: 'x', replyTo: null })
  tray.add([fileOf('b')])
  scope.stop()

  expect([...server.waiting.values()].map(({ signal }) => signal.aborted)).toEqual([true, true])
})
