import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { computed, effectScope, shallowRef, type EffectScope } from 'vue'
import type { Draft, State } from '../state/state'
import { useDrafts } from './useDrafts'

const KEPT_AS = 'teahouse-drafts-3'

interface Told { room: number, body: string }

let scopes: EffectScope[]
let told: Told[]

/** A tab of the browser: all have one storage, and each hears what another writes into it. */
function tab() {
  const scope = effectScope()
  scopes.push(scope)
  const state = shallowRef<State | null>(null)
  const drafts = scope.run(() => useDrafts({
    call: ((_, request) => {
      told.push(request as unknown as Told)
      return Promise.resolve({})
    }),
    state,
    change: how => state.value = state.value === null ? null : how(state.value),
    user: 3,
  }))
  if (drafts === undefined)
    throw new Error('the scope has ended')
  const sync = async (...known: [string, Draft][]) => {
    state.value = { drafts: new Map(known) } as unknown as State
    await vi.advanceTimersByTimeAsync(0)
  }
  return { ...drafts, sync, body: (room: number) => drafts.draft(room).body }
}

/** What the browser tells the other tabs; happy-dom has one window, so all of them hear it. */
function storageChanged(before: string | null) {
  window.dispatchEvent(Object.assign(new Event('storage'), { key: KEPT_AS, oldValue: before, newValue: localStorage.getItem(KEPT_AS) }))
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(document, 'hasFocus').mockReturnValue(false)
  localStorage.clear()
  scopes = []
  told = []
})
afterEach(() => {
  scopes.forEach(scope => scope.stop())
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('N9 what is written in one tab is in the other with the same key', async () => {
  const one = tab()
  await one.sync()
  const other = tab()
  await other.sync()
  const before = localStorage.getItem(KEPT_AS)
  one.set(1, null, 'hel', null)
  // The one that writes hears nothing of it.
  scopes[0]?.stop()
  storageChanged(before)

  expect(other.body(1)).toBe('hel')
  expect(other.isUnsaid(1)).toBe(false)
})

test('N9 what another tab wrote a moment ago does not take the place of what is written here now', async () => {
  const one = tab()
  await one.sync()
  const before = localStorage.getItem(KEPT_AS)
  const other = tab()
  await other.sync()
  one.set(1, null, 'in the first', null)
  other.set(1, null, 'in the second', null)
  vi.spyOn(document, 'hasFocus').mockReturnValue(true)
  localStorage.setItem(KEPT_AS, JSON.stringify([['1', { room: 1, thread: null, body: 'in the first', replyTo: null }]]))
  storageChanged(before)

  expect(other.body(1)).toBe('in the second')
  expect(other.isUnsaid(1)).toBe(true)
})

test('N9 two tabs without a network take nothing from each other', async () => {
  const one = tab()
  const other = tab()
  await one.sync()
  await other.sync()
  one.set(1, null, 'in the first', null)
  other.set(2, null, 'in the second', null)

  const later = tab()
  expect([later.body(1), later.body(2)]).toEqual(['in the first', 'in the second'])
})

test('N9 a tab that opens while another one is being written in does not take the text back', async () => {
  const one = tab()
  await one.sync()
  one.set(1, null, 'hel', null)
  const other = tab()
  await other.sync()
  one.set(1, null, 'hello', null)
  await vi.advanceTimersByTimeAsync(10_000)

  expect(told.map(({ body }) => body)).toEqual(['hello'])
})

test('N9 who has written here still sees what another tab or device writes after it', async () => {
  const one = tab()
  await one.sync()
  const shown = computed(() => one.body(1))
  one.set(1, null, 'from here', null)
  expect(shown.value).toBe('from here')
  await vi.advanceTimersByTimeAsync(2_000)
  await one.sync(['1', { body: 'from elsewhere', replyTo: null }])

  expect(shown.value).toBe('from elsewhere')
})

test('C4 what an earlier page could not tell is told by the next one', async () => {
  const one = tab()
  one.set(1, null, 'in a tunnel', null)
  scopes[0]?.stop()
  const next = tab()
  await next.sync(['1', { body: 'older', replyTo: null }])
  expect(next.body(1)).toBe('in a tunnel')
  await vi.advanceTimersByTimeAsync(5_000)

  expect(told).toMatchObject([{ room: 1, body: 'in a tunnel' }])
  expect(localStorage.getItem(KEPT_AS)).toBe('[]')
})
