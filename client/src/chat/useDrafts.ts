// What is written and not sent, of each room and thread: kept in this browser at once, told to the server a moment after
// the last key, and heard from other devices. The server's is the truth once it has been told. Other tabs hear of it with
// each key, by the storage that they share.

import { useEventListener } from '@vueuse/core'
import { onScopeDispose, watch, type Ref } from 'vue'
import { draftPlace, type Draft, type State } from '../state/state'
import { Refused } from '../realtime/refusal'
import { changedIn, isSame, unsaidOf, withUnsaid, type Unsaid } from './unsaidDrafts'
import type { Call } from './useFeed'

const TELL_AFTER_MS = 1_200

export function useDrafts({ call, state, change, user }: {
  call: Call
  state: Readonly<Ref<State | null>>
  change: (how: (state: State) => State) => void
  user: number
}) {
  const keptAs = `teahouse-drafts-${user}`
  // Not told to the server yet, by place. They outlive this page.
  const unsaid = new Map<string, Unsaid>(unsaidOf(kept()))
  // Of an earlier page, or of a tab that is still there and will tell it by itself.
  const inherited = new Set(unsaid.keys())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  // After `sync`, and after a time without a connection: what is unsaid here is newer than what the server knows.
  const stop = watch(state, (now, before) => {
    if (now === null || before !== null)
      return
    for (const [place, draft] of unsaid) {
      change(state => withOwnDraft(state, place, draft))
      later(place, TELL_AFTER_MS * 2)
    }
  })
  useEventListener(window, 'storage', ({ key, oldValue, newValue }: StorageEvent) => {
    if (key !== keptAs || document.hasFocus())
      return
    for (const [place, draft] of changedIn(unsaidOf(oldValue), unsaidOf(newValue))) {
      forget(place)
      change(now => withOwnDraft(now, place, draft))
    }
  })
  onScopeDispose(() => {
    stop()
    timers.forEach(timer => clearTimeout(timer))
  })

  function draft(room: number, thread: number | null = null): Draft {
    const place = draftPlace(room, thread)
    // The state first: whoever watches this has to hear of what comes after the unsaid one.
    const said = state.value?.drafts.get(place)
    return unsaid.get(place) ?? said ?? { body: '', replyTo: null }
  }

  /** For each key; an empty text removes it. */
  function set(room: number, thread: number | null, body: string, replyTo: number | null): void {
    const place = draftPlace(room, thread)
    const draft = { room, thread, body, replyTo }
    unsaid.set(place, draft)
    inherited.delete(place)
    keep(place, draft)
    change(now => withOwnDraft(now, place, draft))
    later(place, body === '' ? 0 : TELL_AFTER_MS)
  }

  function later(place: string, ms: number): void {
    clearTimeout(timers.get(place))
    timers.set(place, setTimeout(() => void tell(place), ms))
  }

  function forget(place: string): void {
    unsaid.delete(place)
    inherited.delete(place)
    clearTimeout(timers.get(place))
  }

  async function tell(place: string): Promise<void> {
    const told = unsaid.get(place)
    if (told === undefined)
      return
    if (inherited.has(place) && !isSame(unsaidOf(kept()).get(place), told)) {
      forget(place)
      return
    }
    const { room, thread, body, replyTo } = told
    try {
      await call('draft.set', { room, thread, body, reply_to: replyTo })
    }
    catch (error) {
      if (!(error instanceof Refused)) {
        later(place, TELL_AFTER_MS * 4)
        return
      }
    }
    if (unsaid.get(place) === told) {
      forget(place)
      keep(place, null)
    }
  }

  function keep(place: string, draft: Unsaid | null): void {
    try {
      localStorage.setItem(keptAs, withUnsaid(kept(), place, draft))
    }
    catch {
      // A browser that keeps nothing still has them until the page is left.
    }
  }

  function kept(): string | null {
    try {
      return localStorage.getItem(keptAs)
    }
    catch {
      return null
    }
  }

  /** Something was written here that the server has not been told yet. */
  function isUnsaid(room: number, thread: number | null = null): boolean {
    return unsaid.has(draftPlace(room, thread))
  }

  return { draft, set, isUnsaid }
}

function withOwnDraft(state: State, place: string, draft: Draft): State {
  const drafts = new Map(state.drafts)
  if (draft.body.trim() === '')
    drafts.delete(place)
  else
    drafts.set(place, draft)
  return { ...state, drafts }
}
