// The connection of the classic page through time: a token for each connect, the heartbeat, coming back after a loss.
// How long to wait is in reconnect.ts, what a frame means in frames.ts; nothing is kept of what was said.

import { useEventListener, useIntervalFn, useWebSocket, type Pausable } from '@vueuse/core'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { ApiError } from '../api/request'
import { withToken } from './address'
import { decode, encodeMessage, type MessageFrame, type NoticeFrame } from './frames'
import { reconnectDelayMs } from './reconnect'

export type ConnectionState = 'open' | 'connecting' | 'returning' | 'closed'

const HEARTBEAT_MS = 1000
const PONG_TIMEOUT_MS = 5000

/** Connects at once and until the scope ends; `onFrame` gets each frame by itself, equal ones included. */
export function useClassicConnection({ address, fetchToken, onFrame, onOpened, onSignedOut, random = Math.random }: {
  address: string
  fetchToken: () => Promise<string>
  onFrame: (frame: MessageFrame | NoticeFrame) => void
  onOpened?: () => void
  onSignedOut: () => void
  random?: () => number
}) {
  const isWanted = shallowRef(false)
  const wasOpen = shallowRef(false)
  const url = shallowRef<string>()
  let failures = 0
  let connects = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  let heartbeat: Pausable

  const socket = useWebSocket<string>(url, {
    immediate: false,
    autoConnect: false,
    autoReconnect: false,
    heartbeat: {
      message: 'ping',
      // `responseMessage` is left as it is, so that the pong comes to `onMessage` as proof that the server is there.
      pongTimeout: PONG_TIMEOUT_MS,
      scheduler: beat => heartbeat = useIntervalFn(beat, HEARTBEAT_MS, { immediate: false }),
    },
    onConnected: opened,
    onDisconnected: disconnected,
    // The callback, not `data`: a ref tells equal neighbours once and of several in one tick only the last.
    onMessage: (_, { data }: MessageEvent<unknown>) => heard(data),
  })

  const state = computed<ConnectionState>(() => {
    if (!isWanted.value)
      return 'closed'
    if (socket.status.value === 'OPEN')
      return 'open'
    return wasOpen.value ? 'returning' : 'connecting'
  })

  // A missing pong ends the connection here at once; the close event of a dead network may come a minute later.
  watch(socket.status, status => status === 'CLOSED' && lost(null), { flush: 'sync' })
  useEventListener(window, 'online', () => waiting !== undefined && void connect())
  onScopeDispose(close)
  open()

  return { state, open, close, send }

  function open(): void {
    if (isWanted.value)
      return
    isWanted.value = true
    failures = 0
    void connect()
  }

  function close(): void {
    isWanted.value = false
    wasOpen.value = false
    connects++
    stopWaiting()
    socket.close()
  }

  /** Whether it went out; nothing is kept for later. */
  function send(text: string, toUserId: number | null): boolean {
    return state.value === 'open' && socket.send(encodeMessage(text, toUserId), false)
  }

  async function connect(): Promise<void> {
    stopWaiting()
    const connect = ++connects
    try {
      const token = await fetchToken()
      if (connect !== connects)
        return
      url.value = withToken(address, token)
      socket.open()
    }
    catch (error) {
      if (connect === connects)
        withoutToken(error)
    }
  }

  function withoutToken(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) {
      close()
      onSignedOut()
    }
    else {
      lost(null)
    }
  }

  function opened(): void {
    wasOpen.value = true
    onOpened?.()
  }

  function heard(data: unknown): void {
    // Not on opening: a server that accepts and then refuses the token has said nothing yet.
    failures = 0
    const frame = decode(data)
    if (frame.kind !== 'ignored')
      onFrame(frame)
  }

  function disconnected(closed: WebSocket, { code }: CloseEvent): void {
    if (closed === socket.ws.value)
      lost(code)
    // VueUse stops the heartbeat at any close, also at that of a socket which was given up long ago.
    else if (socket.status.value === 'OPEN')
      heartbeat.resume()
  }

  // Called twice for one loss: by the status, and again by the close event, which knows the code.
  function lost(code: number | null): void {
    if (!isWanted.value)
      return
    stopWaiting()
    waiting = setTimeout(() => {
      failures++
      void connect()
    }, reconnectDelayMs(failures, code, random()))
  }

  function stopWaiting(): void {
    clearTimeout(waiting)
    waiting = undefined
  }
}
