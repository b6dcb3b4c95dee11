// The state through time: `sync` after connecting, then what is published, applied once per animation frame however
// much the socket has brought. What comes out of order waits here; what each publication means is in state/.

import { onScopeDispose, readonly, shallowReadonly, shallowRef, watch, type Ref } from 'vue'
import type { Commands, Synced } from '../api/types'
import type { Link } from '../realtime/useConnection'
import { Refused } from '../realtime/refusal'
import { returned } from '../state/missed'
import { applied, appliedAgain, stateFrom, withLoadedRoom, type Publication, type State } from '../state/state'

export type Call = <Name extends keyof Commands>(
  name: Name, request: Commands[Name]['request'],
) => Promise<Commands[Name]['answer']>

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
// Of a hidden page no frame is drawn, and it should still count.
const HIDDEN_FLUSH_MS = 200
const RECOVERY_MS = 50
const PAGE_LENGTH = 500

/**
 * `publish` is for the connection's publications, `lost` for channels that it could not recover. `state` is null until
 * the first `sync`. `isCaughtUp` is false while something is known to be missing.
 */
export function useFeed({ call, link, heard }: {
  call: Call
  link: Readonly<Ref<Link>>
  /** Told of each publication as it is applied. */
  heard: (publication: Publication) => void
}) {
  const state = shallowRef<State | null>(null)
  const isCaughtUp = shallowRef(false)
  let queue: Publication[] = []
  // Channels whose publications wait until something of them is loaded, with what came meanwhile.
  const held = new Map<string, Publication[]>()
  const recordings = new Set<{ channel: string, publications: Publication[] }>()
  let frame: number | null = null
  let fallback: ReturnType<typeof setTimeout> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let isSyncing = false
  let isSyncWanted = true

  watch(link, ({ is }) => {
    if (is !== 'connected')
      isCaughtUp.value = false
    else if (state.value === null || isSyncWanted || held.size > 0)
      void sync()
    else
      // Recovered: what was missed is told before anything else of this connection.
      setTimeout(nothingIsMissing, RECOVERY_MS)
  }, { immediate: true })
  onScopeDispose(() => {
    stopWaiting()
    clearTimeout(timer)
  })

  function publish(publication: Publication): void {
    queue.push(publication)
    schedule()
  }

  function schedule(): void {
    if (frame !== null)
      return
    frame = requestAnimationFrame(flush)
    fallback = setTimeout(flush, HIDDEN_FLUSH_MS)
  }

  function stopWaiting(): void {
    if (frame !== null)
      cancelAnimationFrame(frame)
    clearTimeout(fallback)
    frame = null
  }

  function flush(): void {
    stopWaiting()
    if (state.value === null || queue.length === 0)
      return
    const taken = queue
    queue = []
    let next = state.value
    for (const publication of taken) {
      const waiting = held.get(publication.channel)
      if (waiting !== undefined) {
        waiting.push(publication)
        continue
      }
      for (const recording of recordings) {
        if (recording.channel === publication.channel)
          recording.publications.push(publication)
      }
      const { state: after, toLoad, hasHole } = applied(next, publication)
      if (after !== next)
        heard(publication)
      next = after
      if (hasHole)
        lost()
      for (const room of toLoad)
        void loadRoom(room)
    }
    state.value = next
  }

  /** What has come is shown with it, and not a frame later. */
  function nothingIsMissing(): void {
    flush()
    isCaughtUp.value = link.value.is === 'connected' && !isSyncing && !isSyncWanted
  }

  /** Something of a channel was missed and does not come any more. */
  function lost(): void {
    isSyncWanted = true
    isCaughtUp.value = false
    void sync()
  }

  async function sync(): Promise<void> {
    if (isSyncing || link.value.is !== 'connected')
      return
    isSyncing = true
    isSyncWanted = false
    try {
      begin(await call('sync', {}))
      failures = 0
    }
    catch (error) {
      isSyncWanted = true
      failures += 1
      if (error instanceof Refused)
        throw error
      timer = setTimeout(() => void sync(), Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + Math.random() / 2))
    }
    finally {
      isSyncing = false
    }
    if (isSyncWanted && failures === 0)
      void sync()
  }

  function begin(synced: Synced): void {
    const fresh = stateFrom(synced)
    for (const channel of [...held.keys()])
      release(channel)
    if (state.value === null) {
      state.value = fresh
      isCaughtUp.value = true
      schedule()
      return
    }
    const { state: next, toFollow } = returned(state.value, fresh)
    state.value = next
    for (const room of toFollow.keys())
      held.set(`room:${room}`, [])
    void Promise.all([...toFollow].map(([room, after]) => follow(room, after)))
      .then(all => all.every(Boolean) && nothingIsMissing())
  }

  /** All of a room's publications that were missed, from the log; false when the connection was lost meanwhile. */
  async function follow(room: number, after: number): Promise<boolean> {
    const channel = `room:${room}`
    const missed: Publication[] = []
    try {
      for (let next: number | null = after; next !== null;) {
        const page: Commands['room.publications']['answer'] =
          await call('room.publications', { room, after: next, limit: PAGE_LENGTH })
        missed.push(...page.results.map(({ offset, data }) => ({ channel, offset, data })))
        next = page.next
      }
    }
    catch (error) {
      // Gone, or not ours any more: without what was loaded, the next `sync` begins it anew.
      if (error instanceof Refused)
        forgetTimeline(room)
      isSyncWanted = true
      release(channel)
      void sync()
      return false
    }
    queue = [...missed, ...queue]
    release(channel)
    return true
  }

  /** A room that is new here: `sync` has it. Its publications wait meanwhile. */
  async function loadRoom(room: number): Promise<void> {
    const channel = `room:${room}`
    if (held.has(channel))
      return
    held.set(channel, [])
    try {
      const synced = await call('sync', {})
      if (state.value !== null)
        state.value = withLoadedRoom(state.value, room, synced)
    }
    catch {
      isSyncWanted = true
      void sync()
    }
    release(channel)
  }

  function release(channel: string): void {
    const waiting = held.get(channel)
    held.delete(channel)
    if (waiting !== undefined && waiting.length > 0) {
      queue = [...waiting, ...queue]
      schedule()
    }
  }

  function forgetTimeline(room: number): void {
    const known = state.value?.rooms.get(room)
    if (state.value === null || known === undefined)
      return
    const heads = new Map(state.value.heads)
    heads.delete(`room:${room}`)
    state.value = { ...state.value, heads }
  }

  /** A change of what is loaded: pages, members, people. Nothing happens before the first `sync`. */
  function change(how: (state: State) => State): void {
    if (state.value !== null)
      state.value = how(state.value)
  }

  /** Asks for something of a room and puts it in, behind it again what was published since it was asked for. */
  async function load<Answer>(room: number, ask: () => Promise<Answer>, put: (state: State, answer: Answer) => State): Promise<Answer> {
    const recording = { channel: `room:${room}`, publications: [] as Publication[] }
    recordings.add(recording)
    try {
      const answer = await ask()
      change(before => appliedAgain(put(before, answer), recording.publications))
      return answer
    }
    finally {
      recordings.delete(recording)
    }
  }

  // Not `readonly`, which would put a proxy before every message and every map, and each look at one through it.
  return { state: shallowReadonly(state), isCaughtUp: readonly(isCaughtUp), publish, lost, change, load }
}
