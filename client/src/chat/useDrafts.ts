// What is written and not sent, of each room and thread: kept in this browser at once, told to the server a moment after
// the last key, and heard from other devices. The server's is the truth once it has been told.

import { onScopeDispose, watch, type Ref } from 'vue'
import { draftPlace, type Draft, type State } from '../state/state'
import { Refused } from '../realtime/refusal'
import type { Call } from './useFeed'

const TELL_AFTER_MS = 1_200

interface Unsaid extends Draft {
  readonly room: number
  readonly thread: number | null
}

export function useDrafts({ call, state, change, user }: {
  call: Call
  state: Readonly<Ref<State | null>>
  change: (how: (state: State) => State) => void
  user: number
}) {
  const keptAs = `teahouse-drafts-${user}`
  // Not told to the server yet, by place. They outlive this page.
  const unsaid = new Map<string, Unsaid>(kept(keptAs))
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  // After `sync`, and after a time without a connection: what is unsaid here is newer than what the server knows.
  const stop = watch(state, (now, before) => {
    if (now === null || before !== null)
      return
    for (const draft of unsaid.values())
      set(draft.room, draft.thread, draft.body, draft.replyTo)
  })
  onScopeDispose(() => {
    stop()
    timers.forEach(timer => clearTimeout(timer))
  })

  function draft(room: number, thread: number | null = null): Draft {
    const place = draftPlace(room, thread)
    return unsaid.get(place) ?? state.value?.drafts.get(place) ?? { body: '', replyTo: null }
  }

  /** For each key; an empty text removes it. */
  function set(room: number, thread: number | null, body: string, replyTo: number | null): void {
    const place = draftPlace(room, thread)
    unsaid.set(place, { room, thread, body, replyTo })
    keep()
    change(now => withOwnDraft(now, place, { body, replyTo }))
    clearTimeout(timers.get(place))
    timers.set(place, setTimeout(() => void tell(place), body === '' ? 0 : TELL_AFTER_MS))
  }

  async function tell(place: string): Promise<void> {
    const told = unsaid.get(place)
    if (told === undefined)
      return
    const { room, thread, body, replyTo } = told
    try {
      await call('draft.set', { room, thread, body, reply_to: replyTo })
    }
    catch (error) {
      if (!(error instanceof Refused)) {
        timers.set(place, setTimeout(() => void tell(place), TELL_AFTER_MS * 4))
        return
      }
    }
    if (unsaid.get(place) === told) {
      unsaid.delete(place)
      keep()
    }
  }

  function keep(): void {
    try {
      localStorage.setItem(keptAs, JSON.stringify([...unsaid]))
    }
    catch {
      // A browser that keeps nothing still has them until the page is left.
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

function kept(key: string): [string, Unsaid][] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '[]') as [string, Unsaid][]
  }
  catch {
    return []
  }
}
