import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { ApiError } from '../api/request'
import type { MessageFrame, NoticeFrame } from './frames'
import { useClassicConnection } from './useClassicConnection'

const HELLO = JSON.stringify({
  type: 'demo-message-receive',
  content: JSON.stringify({ fromUserId: 1, text: '你好', single: false }),
})

/** The browser's socket as far as VueUse uses it; the test plays the server. */
class FakeWebSocket {
  static opened: FakeWebSocket[] = []
  static get last(): FakeWebSocket {
    const last = FakeWebSocket.opened.at(-1)
    if (last === undefined)
      throw new Error('no socket was opened')
    return last
  }

  readonly sent: string[] = []
  closedWith: number | undefined
  onopen?: () => void
  onmessage?: (event: { data: unknown }) => void
  onclose?: (event: { code: number }) => void

  constructor(readonly url: string) {
    FakeWebSocket.opened.push(this)
  }

  send(data: string) {
    this.sent.push(data)
  }

  // As on a dead network: the close event comes only when the test says so.
  close(code: number) {
    this.closedWith = code
  }
}

let scope: EffectScope

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeWebSocket)
  FakeWebSocket.opened = []
  scope = effectScope()
})

afterEach(() => {
  scope.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function connecting() {
  const fetchToken = vi.fn<() => Promise<string>>()
  let tokens = 0
  fetchToken.mockImplementation(() => Promise.resolve(`token-${++tokens}`))
  const frames: (MessageFrame | NoticeFrame)[] = []
  const onSignedOut = vi.fn()
  const onOpened = vi.fn()
  const connection = scope.run(() => useClassicConnection({
    address: 'ws://tea.example/infra/ws',
    fetchToken,
    onFrame: frame => frames.push(frame),
    onOpened,
    onSignedOut,
    random: () => 0.5,
  }))
  if (connection === undefined)
    throw new Error('the scope is over')
  await settled()
  return { ...connection, fetchToken, frames, onSignedOut, onOpened }
}

async function connected() {
  const connection = await connecting()
  FakeWebSocket.last.onopen?.()
  pong()
  return connection
}

const settled = () => vi.advanceTimersByTimeAsync(0)
const pong = () => FakeWebSocket.last.onmessage?.({ data: 'pong' })
const closedByServer = (code: number) => FakeWebSocket.last.onclose?.({ code })
const sockets = () => FakeWebSocket.opened.length

describe('connecting', () => {
  test('fetches a token and puts it into the address', async () => {
    const { state } = await connecting()
    expect(FakeWebSocket.last.url).toBe('ws://tea.example/infra/ws?token=token-1')
    expect(state.value).toBe('connecting')
    FakeWebSocket.last.onopen?.()
    expect(state.value).toBe('open')
  })

  test('is tried again when the token cannot be had', async () => {
    const { fetchToken, close, open, state } = await connecting()
    close()
    fetchToken.mockRejectedValueOnce(new TypeError('fetch failed'))
    open()
    await settled()
    expect(sockets()).toBe(1)
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets()).toBe(2)
    expect(state.value).toBe('connecting')
  })

  test('ends at the sign-in page when nobody is signed in any more', async () => {
    const { fetchToken, onSignedOut, state } = await connected()
    fetchToken.mockRejectedValueOnce(new ApiError(401, 'Unauthorized', ''))
    closedByServer(4003)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(onSignedOut).toHaveBeenCalledOnce()
    expect(state.value).toBe('closed')
    expect(sockets()).toBe(1)
  })

  test('stops when it is closed while the token is on its way', async () => {
    const { fetchToken, open, close } = await connected()
    close()
    fetchToken.mockImplementationOnce(() => new Promise(resolve => setTimeout(resolve, 100, 'late')))
    open()
    close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets()).toBe(1)
  })
})

describe('frames', () => {
  test('that are equal and follow at once both arrive', async () => {
    const { frames } = await connected()
    FakeWebSocket.last.onmessage?.({ data: HELLO })
    FakeWebSocket.last.onmessage?.({ data: HELLO })
    expect(frames).toHaveLength(2)
  })

  test('that mean nothing do not arrive', async () => {
    const { frames } = await connected()
    for (const data of ['pong', '', '[]', new ArrayBuffer(1)])
      FakeWebSocket.last.onmessage?.({ data })
    expect(frames).toEqual([])
  })
})

describe('sending', () => {
  test('writes one frame to the open socket', async () => {
    const { send } = await connected()
    expect(send('hi', 2)).toBe(true)
    expect(FakeWebSocket.last.sent).toEqual(['{"type":"demo-message-send","content":"{\\"text\\":\\"hi\\",\\"toUserId\\":2}"}'])
  })

  test('does nothing without an open socket, then or later', async () => {
    const { send } = await connecting()
    expect(send('hi', null)).toBe(false)
    FakeWebSocket.last.onopen?.()
    expect(FakeWebSocket.last.sent).toEqual([])
  })
})

describe('the heartbeat', () => {
  test('pings every second', async () => {
    await connected()
    for (let second = 0; second < 8; second++) {
      await vi.advanceTimersByTimeAsync(1000)
      pong()
    }
    expect(FakeWebSocket.last.sent).toEqual(Array.from({ length: 8 }, () => 'ping'))
  })

  test('bears a pong that is four seconds late', async () => {
    const { state } = await connected()
    await vi.advanceTimersByTimeAsync(1000 + 4000)
    pong()
    await vi.advanceTimersByTimeAsync(1500)
    expect(state.value).toBe('open')
  })

  test('without an answer for five seconds leads to a new connection, without waiting for the close event', async () => {
    const { state } = await connected()
    await vi.advanceTimersByTimeAsync(1000 + 5000)
    expect(state.value).toBe('returning')
    expect(FakeWebSocket.last.closedWith).toBe(1000)
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets()).toBe(2)
  })

  test('goes on in the new connection when the close event of the old one comes late', async () => {
    await connected()
    const old = FakeWebSocket.last
    await vi.advanceTimersByTimeAsync(6500)
    FakeWebSocket.last.onopen?.()
    old.onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(2000)
    expect(FakeWebSocket.last.sent).toEqual(['ping', 'ping'])
    expect(sockets()).toBe(2)
  })
})

describe('after a loss', () => {
  test('a refused token is replaced by a new one at once', async () => {
    const { fetchToken } = await connected()
    closedByServer(4003)
    await settled()
    expect(fetchToken).toHaveBeenCalledTimes(2)
    expect(FakeWebSocket.last.url).toContain('token-2')
  })

  test('a server that accepts and refuses every token is not asked without pause', async () => {
    await connecting()
    for (let refusals = 0; refusals < 3; refusals++) {
      FakeWebSocket.last.onopen?.()
      closedByServer(4003)
      await settled()
    }
    expect(sockets()).toBe(2)
    await vi.advanceTimersByTimeAsync(1000)
    expect(sockets()).toBe(3)
  })

  test.each([1001, 1006, 1012, 1013, 4000])('by the code %i the waits grow, and the tries do not end', async (code) => {
    await connected()
    for (const delayMs of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const before = sockets()
      closedByServer(code)
      await vi.advanceTimersByTimeAsync(delayMs - 1)
      expect(sockets()).toBe(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(sockets()).toBe(before + 1)
    }
  })

  test('the waits are short again once the server was heard', async () => {
    await connected()
    for (const delayMs of [500, 1000, 2000]) {
      closedByServer(1012)
      await vi.advanceTimersByTimeAsync(delayMs)
    }
    FakeWebSocket.last.onopen?.()
    pong()
    closedByServer(1012)
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets()).toBe(5)
  })

  test('a network that is back ends the wait', async () => {
    await connected()
    closedByServer(1006)
    window.dispatchEvent(new Event('online'))
    await settled()
    expect(sockets()).toBe(2)
  })

  test('each opening is told', async () => {
    const { onOpened, state } = await connected()
    closedByServer(1012)
    expect(state.value).toBe('returning')
    await vi.advanceTimersByTimeAsync(500)
    FakeWebSocket.last.onopen?.()
    expect(onOpened).toHaveBeenCalledTimes(2)
    expect(state.value).toBe('open')
  })
})

describe('closing by hand', () => {
  test('ends the connection and it stays closed', async () => {
    const { close, state } = await connected()
    close()
    expect(FakeWebSocket.last.closedWith).toBe(1000)
    closedByServer(1000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(state.value).toBe('closed')
    expect(sockets()).toBe(1)
  })

  test('ends the waiting for the next try', async () => {
    const { close } = await connected()
    closedByServer(1006)
    close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets()).toBe(1)
  })

  test('may be followed by opening, with a new token', async () => {
    const { close, open, state } = await connected()
    close()
    open()
    open()
    await settled()
    expect(sockets()).toBe(2)
    FakeWebSocket.last.onopen?.()
    expect(state.value).toBe('open')
    expect(FakeWebSocket.last.url).toContain('token-2')
  })

  test('happens by itself when the page goes', async () => {
    await connected()
    scope.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(FakeWebSocket.last.closedWith).toBe(1000)
    expect(sockets()).toBe(1)
  })
})
