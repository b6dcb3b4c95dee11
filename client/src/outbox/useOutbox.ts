// The outbox through time: kept before it is sent, sent while there is a connection, sent again while nobody knows.
// What may go next is in outbox.ts, where it is kept in outboxStore.ts.

import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { Sent } from '../api/types'
import {
  EMPTY_OUTBOX, added, begun, discarded, interrupted, refused, restored, retried, retryDelayMs, sendable, settled,
  stored, told, uncertain, waitingCount, type NewMessage, type Outbox, type OutboxEntry,
} from './outbox'
import type { OutboxStore } from './outboxStore'

export type Answer =
  | { readonly is: 'stored', readonly sent: Sent }
  | { readonly is: 'refused', readonly slug: string, readonly detail: string }
  | { readonly is: 'unknown' }

export type Written = Pick<NewMessage, 'room' | 'body' | 'replyTo' | 'thread' | 'files'>

/** `send` never rejects: what goes wrong is an answer. `heads` are the offsets that the state has reached, by channel. */
export function useOutbox({ send, store, isConnected, heads, now = Date.now, random = Math.random, newKey = randomKey }: {
  send: (message: NewMessage) => Promise<Answer>
  store: OutboxStore
  isConnected: Readonly<Ref<boolean>>
  heads: Readonly<Ref<ReadonlyMap<string, number>>>
  now?: () => number
  random?: () => number
  newKey?: () => string
}) {
  const outbox = shallowRef<Outbox>(EMPTY_OUTBOX)
  /** Whether messages outlive this page. */
  const isKept = shallowRef(true)
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let lastWrittenAt = 0

  const ready = store.all().then(
    (messages) => {
      outbox.value = messages.length === 0 ? outbox.value : merged(restored(messages), outbox.value)
      goOn()
    },
    () => void (isKept.value = false),
  )

  watch(isConnected, (is) => {
    // A new connection is worth an attempt at once; without one, nothing is under way.
    for (const timer of timers.values())
      clearTimeout(timer)
    timers.clear()
    if (!is)
      outbox.value = interrupted(outbox.value)
    goOn()
  })
  watch(heads, () => outbox.value = settled(outbox.value, heads.value))
  onScopeDispose(() => timers.forEach(timer => clearTimeout(timer)))

  /** Kept and on its way from now on; gives its key. */
  function write(written: Written): string {
    const message = { ...written, key: newKey(), writtenAt: nextMoment() }
    outbox.value = added(outbox.value, message)
    keep(message)
    goOn()
    return message.key
  }

  /** A refused message once more, with another text if there is one; false when it is not a refused one. */
  function retry(key: string, body?: string): boolean {
    const entry = outbox.value.find(({ message, progress }) => message.key === key && progress.is === 'refused')
    if (entry === undefined)
      return false
    const again = { key: newKey(), body: body ?? entry.message.body, writtenAt: nextMoment() }
    outbox.value = retried(outbox.value, key, again)
    forget(key)
    keep({ ...entry.message, ...again })
    goOn()
    return true
  }

  /** False for one that is under way or stored. */
  function discard(key: string): boolean {
    const rest = discarded(outbox.value, key)
    if (rest.length === outbox.value.length)
      return false
    outbox.value = rest
    forget(key)
    goOn()
    return true
  }

  /** For each message of one's own that is told: what is stored waits for no answer, and is not sent again. */
  function hear(key: string): void {
    const rest = told(outbox.value, key)
    if (rest === outbox.value)
      return
    outbox.value = rest
    clearTimeout(timers.get(key))
    timers.delete(key)
    forget(key)
    goOn()
  }

  function goOn(): void {
    if (!isConnected.value)
      return
    for (const { message, progress } of sendable(outbox.value)) {
      if (progress.is !== 'waiting' || timers.has(message.key))
        continue
      const delay = retryDelayMs(progress.failures, random())
      if (delay === 0)
        void sendOne(message)
      else
        timers.set(message.key, setTimeout(() => retryNow(message), delay))
    }
  }

  function retryNow(message: NewMessage): void {
    timers.delete(message.key)
    if (sendable(outbox.value).some(entry => entry.message.key === message.key) && isConnected.value)
      void sendOne(message)
  }

  async function sendOne(message: NewMessage): Promise<void> {
    outbox.value = begun(outbox.value, message.key)
    const answer = await send(message)
    if (answer.is === 'stored') {
      outbox.value = settled(stored(outbox.value, message.key, answer.sent), heads.value)
      forget(message.key)
    }
    else if (answer.is === 'refused') {
      outbox.value = refused(outbox.value, message.key, answer.slug, answer.detail)
    }
    else {
      outbox.value = uncertain(outbox.value, message.key)
    }
    goOn()
  }

  function keep(message: NewMessage): void {
    store.put(message).catch(() => isKept.value = false)
  }

  function forget(key: string): void {
    store.remove(key).catch(() => isKept.value = false)
  }

  /** Never the same twice, so that the order of writing is that of these. */
  function nextMoment(): number {
    lastWrittenAt = Math.max(now(), lastWrittenAt + 1)
    return lastWrittenAt
  }

  return {
    entries: computed<readonly OutboxEntry[]>(() => outbox.value),
    waiting: computed(() => waitingCount(outbox.value)),
    isKept,
    ready,
    write,
    retry,
    discard,
    hear,
  }
}

/** What was kept, before what was written while it was read. */
function merged(before: Outbox, since: Outbox): Outbox {
  const known = new Set(since.map(({ message }) => message.key))
  return [...before.filter(({ message }) => !known.has(message.key)), ...since]
}

function randomKey(): string {
  return crypto.randomUUID()
}
