import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import type { Signal } from '../api/types'
import type { Publication } from '../state/state'
import { Refused, Unknown } from './refusal'
import { SignedOut, useConnection } from './useConnection'

type Message = Record<string, unknown>

/** The wire under the real client: what it says is kept, what it hears is said by the test. */
class Wire {
  static all: Wire[] = []
  readonly said: Message[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number, reason: string }) => void) | null = null
  onerror: (() => void) | null = null
  binaryType = ''

  constructor() {
    Wire.all.push(this)
  }

  send(frame: string): void {
    this.said.push(...frame.split('\n').map(line => JSON.parse(line) as Message))
  }

  close(): void {
    this.onclose?.({ code: 1000, reason: '' })
  }

  hears(...messages: Message[]): void {
    this.onmessage?.({ data: messages.map(message => JSON.stringify(message)).join('\n') })
  }

  command(name: string): Message & { id: number } {
    const found = this.said.findLast(message => name in message)
    if (found === undefined)
      throw new Error(`no ${name} in ${JSON.stringify(this.said)}`)
    return found as Message & { id: number }
  }
}

let scope: EffectScope
let publications: Publication[]
let signals: Signal[]
let unrecovered: string[]
let fetchToken: () => Promise<string>
const wire = () => Wire.all.at(-1) as Wire
const turns = () => vi.advanceTimersByTimeAsync(0)

async function open() {
  scope = effectScope()
  const connection = scope.run(() => useConnection({
    address: 'ws://localhost/connection/websocket',
    fetchToken: () => fetchToken(),
    onPublication: publication => publications.push(publication),
    onSignal: signal => signals.push(signal),
    onUnrecovered: channel => unrecovered.push(channel),
    options: { websocket: Wire },
    random: () => 0,
  }))
  if (connection === undefined)
    throw new Error('the scope has ended')
  await turns()
  return connection
}

async function connected(subs: Message = {}) {
  const connection = await open()
  await welcome(subs)
  return connection
}

async function welcome(subs: Message = {}) {
  wire().onopen?.()
  await turns()
  wire().hears({ id: wire().command('connect').id, connect: { client: 'c', version: '', ping: 25, pong: true, subs } })
  await turns()
}

beforeEach(() => {
  vi.useFakeTimers()
  Wire.all = []
  publications = []
  signals = []
  unrecovered = []
  fetchToken = () => Promise.resolve('token')
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

describe('connected', () => {
  test('it hands on what is published and what is shown', async () => {
    const { link } = await connected({ 'room:1': { recoverable: true, epoch: 'e', offset: 4 } })
    wire().hears(
      { push: { channel: 'room:1', pub: { data: { kind: 'pin.removed' }, offset: 5 } } },
      { push: { channel: 'room:1', pub: { data: { kind: 'typing', room: 1, user: 2 } } } },
    )
    await turns()

    expect(link.value).toEqual({ is: 'connected' })
    expect(publications).toEqual([{ channel: 'room:1', offset: 5, data: { kind: 'pin.removed' } }])
    expect(signals).toEqual([{ kind: 'typing', room: 1, user: 2 }])
  })

  test('commands are answered, refused, or nobody knows', async () => {
    const { call } = await connected()
    const asked = [1, 2, 3].map(message => call('message.get', { message }))
    await turns()
    const [first, second] = wire().said.filter(message => 'rpc' in message) as { id: number }[]
    const outcomes = Promise.allSettled(asked)
    wire().hears(
      { id: first?.id, rpc: { data: { id: 1 } } },
      { id: second?.id, error: { code: 1013, message: 'no_such_message' } },
    )
    await vi.advanceTimersByTimeAsync(11_000)

    const [answer, refused, unknown] = await outcomes
    expect(answer).toEqual({ status: 'fulfilled', value: { id: 1 } })
    expect(refused).toMatchObject({ reason: expect.any(Refused) as unknown })
    expect(unknown).toMatchObject({ reason: expect.any(Unknown) as unknown })
  })
})

describe('lost', () => {
  test('it says when it tries again, and goes on from where it was', async () => {
    const { link } = await connected({ 'room:1': { recoverable: true, epoch: 'e', offset: 4 } })
    wire().onclose?.({ code: 1006, reason: '' })
    await turns()
    expect(link.value).toEqual({ is: 'waiting', until: Date.now() + 250 })

    await vi.advanceTimersByTimeAsync(250)
    expect([Wire.all.length, link.value.is]).toEqual([2, 'connecting'])
    await welcome({ 'room:1': { recoverable: true, epoch: 'e', offset: 4, was_recovering: true, recovered: true } })
    expect(wire().command('connect').connect)
      .toMatchObject({ subs: { 'room:1': { recover: true, epoch: 'e', offset: 4 } } })
    expect([link.value.is, unrecovered]).toEqual(['connected', []])
  })

  test('what was missed for good is to be loaded', async () => {
    await connected({ 'room:1': { recoverable: true, epoch: 'e', offset: 4 } })
    wire().onclose?.({ code: 1006, reason: '' })
    await vi.advanceTimersByTimeAsync(250)
    await welcome({ 'room:1': { recoverable: true, epoch: 'e', offset: 900, was_recovering: true } })

    expect(unrecovered).toEqual(['room:1'])
  })

  test('a server that is not there is tried again, and at once by hand', async () => {
    const { link, retryNow } = await open()
    wire().onclose?.({ code: 1006, reason: '' })
    await turns()
    expect(link.value.is).toBe('waiting')

    retryNow()
    await turns()
    expect([link.value.is, Wire.all.length]).toEqual(['connecting', 2])
    retryNow()
    expect(Wire.all).toHaveLength(2)
  })

  test('a token that cannot be had now is asked for again', async () => {
    fetchToken = () => Promise.reject(new TypeError('Failed to fetch'))
    const { link } = await open()
    expect(link.value.is).toBe('waiting')

    fetchToken = () => Promise.resolve('token')
    await vi.advanceTimersByTimeAsync(250)
    await welcome()
    expect(link.value.is).toBe('connected')
  })
})

describe('N7 silent', () => {
  const look = () => window.dispatchEvent(new Event('online'))
  const probes = () => Wire.all[0]?.said.filter(message => 'presence_stats' in message) as { id: number }[]

  test('without a ping in time there is another connection', async () => {
    const { link } = await connected()
    await vi.advanceTimersByTimeAsync(32_900)
    expect([link.value.is, Wire.all.length]).toEqual(['connected', 1])
    await vi.advanceTimersByTimeAsync(400)
    expect(Wire.all).toHaveLength(2)
  })

  test.each([
    ['the network has changed', () => window.dispatchEvent(new Event('online')), 0],
    ['the tab is looked at again', () => document.dispatchEvent(new Event('visibilitychange')), 0],
    ['the page is shown again', () => window.dispatchEvent(new Event('pageshow')), 0],
    ['the computer has slept', () => vi.setSystemTime(Date.now() + 3_600_000), 5_000],
  ])('it is asked when %s, and without an answer there is another connection at once', async (_, happens, noticedMs) => {
    const { link } = await connected()
    happens()
    await vi.advanceTimersByTimeAsync(noticedMs)
    expect(probes()).toHaveLength(1)
    expect(link.value.is).toBe('connected')
    await vi.advanceTimersByTimeAsync(5_000)
    expect([link.value.is, Wire.all.length]).toEqual(['connecting', 2])

    await welcome()
    expect(link.value.is).toBe('connected')
  })

  test.each([
    ['an answer', (id: number) => ({ id, presence_stats: { num_clients: 1, num_users: 1 } })],
    ['a refusal', (id: number) => ({ id, error: { code: 108, message: 'not available' } })],
    ['anything else', () => ({ push: { channel: 'room:1', pub: { data: { kind: 'typing', room: 1, user: 2 } } } })],
  ])('%s says that it is there', async (_, answer) => {
    const { link } = await connected({ 'room:1': {} })
    look()
    await turns()
    wire().hears(answer(probes()[0]?.id ?? 0))
    await vi.advanceTimersByTimeAsync(12_000)
    expect([link.value.is, Wire.all.length]).toEqual(['connected', 1])
  })

  test('a command without an answer makes it doubtful, before the next ping would', async () => {
    const { call } = await connected()
    const asked = expect(call('message.get', { message: 1 })).rejects.toBeInstanceOf(Unknown)
    await vi.advanceTimersByTimeAsync(9_900)
    expect(Wire.all).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(Wire.all).toHaveLength(2)
    await asked
  })

  test('it is asked once, however often one looks', async () => {
    await connected()
    look()
    look()
    await turns()
    expect(probes()).toHaveLength(1)
  })

  test('looking does not wait for the next attempt', async () => {
    const { link } = await connected()
    wire().onclose?.({ code: 1006, reason: '' })
    await turns()
    expect(link.value.is).toBe('waiting')
    look()
    await turns()
    expect([link.value.is, Wire.all.length]).toEqual(['connecting', 2])
  })
})

describe('ended', () => {
  test('it is when nobody is signed in any more', async () => {
    fetchToken = () => Promise.reject(new SignedOut())
    const { link } = await open()
    expect(link.value.is).toBe('ended')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(Wire.all.every(one => one.said.length === 0)).toBe(true)
  })

  test('it is when the server says so for good', async () => {
    const { link } = await connected()
    wire().onclose?.({ code: 3501, reason: 'signed out' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect([link.value.is, Wire.all.length]).toEqual(['ended', 1])
  })

  test('it is with its scope', async () => {
    const { link } = await connected()
    wire().onclose?.({ code: 1006, reason: '' })
    await turns()
    scope.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([link.value.is, Wire.all.length]).toEqual(['ended', 1])
  })
})
