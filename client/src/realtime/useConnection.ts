// The native door through time: connected, lost, and when it comes back. What is heard is handed on as it comes;
// positions, recovery, pings and fresh tokens are the `centrifuge` client's. Its delays are ours, to be shown, and so is
// the question whether a silent link is still one.

import { Centrifuge, UnauthorizedError, type Options, type TransportEndpoint } from 'centrifuge'
import { onScopeDispose, readonly, shallowRef } from 'vue'
import type { Commands, Frame, Signal } from '../api/types'
import type { Publication } from '../state/state'
import { reconnectDelayMs } from './backoff'
import { refusalOf } from './refusal'
import { useWaking } from './useWaking'

export type Link =
  | { readonly is: 'connecting' }
  | { readonly is: 'connected' }
  /** The next attempt is at `until`, in milliseconds since 1970. */
  | { readonly is: 'waiting', readonly until: number }
  /** Signed out, or not wanted any more: nothing is tried. */
  | { readonly is: 'ended' }

export class SignedOut extends Error {
  override readonly name = 'SignedOut'
}

// Longer than the server waits for its database, shorter than a person does.
const ANSWER_TIMEOUT_MS = 10_000
// The server pings every 25 s; so much later it counts as gone.
const LATE_PING_MS = 8_000
// A command that is not answered for so long makes the link doubtful, and so long its answer to a question may take.
const DOUBT_MS = 5_000
const CHECK_MS = 5_000
// Its presence is asked for: the cheapest question. An error is an answer, too.
const ANY_CHANNEL = 'online:all'
const FIRST_OF_SERVER = 100

/**
 * Connects at once and until the scope ends. `fetchToken` raises SignedOut when there is nobody to connect as.
 * `onUnrecovered` is told of a channel of which publications were missed that do not come any more: load it anew.
 */
export function useConnection({ address, fetchToken, onPublication, onSignal, onUnrecovered, options = {}, now = Date.now, random = Math.random }: {
  /** Of the socket; or all ways to the server, tried in turn until one has opened. */
  address: string | TransportEndpoint[]
  fetchToken: () => Promise<string>
  onPublication: (publication: Publication) => void
  onSignal: (signal: Signal) => void
  onUnrecovered: (channel: string) => void
  options?: Partial<Options>
  now?: () => number
  random?: () => number
}) {
  const link = shallowRef<Link>({ is: 'connecting' })
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let checking: ReturnType<typeof setTimeout> | undefined

  const centrifuge = new Centrifuge(address, {
    ...options, timeout: ANSWER_TIMEOUT_MS, maxServerPingDelay: LATE_PING_MS, getToken: token,
  })
  centrifuge
    .on('connected', () => {
      failures = 0
      link.value = { is: 'connected' }
    })
    // Lost, or not reached: it would come back by itself, after a delay that it does not say.
    .on('connecting', () => link.value.is === 'connected' && waitForNext())
    .on('error', () => link.value.is === 'connecting' && waitForNext())
    .on('disconnected', () => link.value.is !== 'waiting' && end())
    .on('publication', ({ channel, data, offset }) => {
      heard()
      if (offset)
        onPublication({ channel, offset, data: data as Frame })
      else
        onSignal(data as Signal)
    })
    .on('subscribed', ({ channel, wasRecovering, recovered }) => {
      if (wasRecovering && !recovered)
        onUnrecovered(channel)
    })
  useWaking(check, now)
  onScopeDispose(end)
  centrifuge.connect()

  /** Raises Refused, or Unknown when it may be done or not. */
  async function call<Name extends keyof Commands>(
    name: Name, request: Commands[Name]['request'],
  ): Promise<Commands[Name]['answer']> {
    const doubt = setTimeout(check, DOUBT_MS)
    try {
      const answered = await centrifuge.rpc(name, request)
      heard()
      return answered.data as Commands[Name]['answer']
    }
    catch (error) {
      throw refusalOf(error)
    }
    finally {
      clearTimeout(doubt)
    }
  }

  /** Whether the other end is still there: at once tried anew where not, and where the next attempt is waited for. */
  function check(): void {
    retryNow()
    if (link.value.is !== 'connected' || checking !== undefined)
      return
    checking = setTimeout(again, CHECK_MS)
    centrifuge.presenceStats(ANY_CHANNEL).then(heard, (error: unknown) => isOfServer(error) && heard())
  }

  /** Something came, whatever it is. */
  function heard(): void {
    clearTimeout(checking)
    checking = undefined
  }

  /** Nobody is there: another link, without waiting for the end of this one. */
  function again(): void {
    heard()
    if (link.value.is !== 'connected')
      return
    link.value = { is: 'waiting', until: now() }
    centrifuge.disconnect()
    retryNow()
  }

  /** The next attempt is now, where one is waited for. */
  function retryNow(): void {
    if (link.value.is !== 'waiting')
      return
    clearTimeout(timer)
    link.value = { is: 'connecting' }
    centrifuge.connect()
  }

  function waitForNext(): void {
    heard()
    failures += 1
    const delay = reconnectDelayMs(failures, random())
    link.value = { is: 'waiting', until: now() + delay }
    timer = setTimeout(retryNow, delay)
    // What it hears it goes on from: positions outlive this.
    centrifuge.disconnect()
  }

  function end(): void {
    heard()
    clearTimeout(timer)
    if (link.value.is === 'ended')
      return
    link.value = { is: 'ended' }
    centrifuge.disconnect()
  }

  async function token(): Promise<string> {
    try {
      return await fetchToken()
    }
    catch (error) {
      if (error instanceof SignedOut)
        throw new UnauthorizedError(error.message)
      throw error
    }
  }

  return { link: readonly(link), call, retryNow, end, centrifuge }
}

/** And not of the client, which says below 100 that it heard nothing. */
function isOfServer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && Number(error.code) >= FIRST_OF_SERVER
}
