// What is shown and forgotten: who writes just now, and how far others have read. Only times are kept here.

import { onScopeDispose, shallowRef } from 'vue'
import type { Signal } from '../api/types'

// As the server says: a signal of typing holds for five seconds.
const TYPING_MS = 5_000
const TYPING_PACE_MS = 3_000

/** `tell` says to the server that one writes oneself. */
export function useSignals({ tell, now = Date.now }: {
  tell: (room: number, thread: number | null) => void
  now?: () => number
}) {
  /** By room or `room/thread`: until when each person writes. */
  const typing = shallowRef<ReadonlyMap<string, ReadonlyMap<number, number>>>(new Map())
  /** By room and person: the number up to which they have read, as far as it was heard. */
  const receipts = shallowRef<ReadonlyMap<number, ReadonlyMap<number, number>>>(new Map())
  const toldAt = new Map<string, number>()
  const timer = setInterval(forgetOld, 1_000)
  onScopeDispose(() => clearInterval(timer))

  function hear(signal: Signal): void {
    if (signal.kind === 'typing')
      setTyping(placeOf(signal.room, signal.thread ?? null), people => people.set(signal.user, now() + TYPING_MS))
    else
      hearReceipt(signal.room, signal.user, signal.read_number)
  }

  function hearReceipt(room: number, user: number, number: number): void {
    const people = new Map(receipts.value.get(room))
    people.set(user, Math.max(number, people.get(user) ?? 0))
    receipts.value = new Map(receipts.value).set(room, people)
  }

  /** Whose message has come does not write it any more. */
  function stopTyping(room: number, thread: number | null, user: number): void {
    if (typing.value.get(placeOf(room, thread))?.has(user))
      setTyping(placeOf(room, thread), people => people.delete(user))
  }

  /** For each key that is pressed; told at most once in three seconds. */
  function type(room: number, thread: number | null = null): void {
    const place = placeOf(room, thread)
    if (now() - (toldAt.get(place) ?? 0) < TYPING_PACE_MS)
      return
    toldAt.set(place, now())
    tell(room, thread)
  }

  /** After sending: the next key is told at once. */
  function stopOwn(room: number, thread: number | null = null): void {
    toldAt.delete(placeOf(room, thread))
  }

  function setTyping(place: string, change: (people: Map<number, number>) => void): void {
    const people = new Map(typing.value.get(place))
    change(people)
    typing.value = new Map(typing.value).set(place, people)
  }

  function forgetOld(): void {
    const moment = now()
    for (const [place, people] of typing.value) {
      const still = [...people].filter(([, until]) => until > moment)
      if (still.length < people.size)
        typing.value = new Map(typing.value).set(place, new Map(still))
    }
  }

  return { typing, receipts, hear, type, stopTyping, stopOwn }
}

export function placeOf(room: number, thread: number | null): string {
  return thread === null ? `${room}` : `${room}/${thread}`
}
