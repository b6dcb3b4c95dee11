// Pages of a room's messages through time: the newest, those above, those below, those around one. Each of them is asked
// for once at a time; what they make of the timeline is in state/timeline.ts.

import { onScopeDispose, shallowRef } from 'vue'
import type { MessagePage } from '../api/types'
import { withTimeline } from '../state/roomState'
import { withRoom } from '../state/state'
import { startedWith, trimmed, withNewer, withOlder, type Timeline } from '../state/timeline'
import type { Call, useFeed } from './useFeed'

const FIRST_LENGTH = 60
const PAGE_LENGTH = 100
/** Of a room that is not shown, so that coming back to it costs no request. */
const KEPT_LENGTH = 200
const MOST_LENGTH = 5_000
/** Of one that is followed at its end: it is as long again before it is cut, and every message that comes costs less. */
const FOLLOWED_LENGTH = 500

const TIDY_MS = 60_000

export type Direction = 'older' | 'newer'

export function usePages({ call, feed }: { call: Call, feed: ReturnType<typeof useFeed> }) {
  /** What is asked for, by room and kind: the same is not asked twice at once. */
  const underWay = shallowRef<ReadonlyMap<string, Promise<void>>>(new Map())

  const shown = new Set<number>()
  const timer = setInterval(tidy, TIDY_MS)
  onScopeDispose(() => clearInterval(timer))

  /** Rooms that are shown are left as they are; what comes into the others would pile up as long as the page is open. */
  function tidy(): void {
    for (const [room, { timeline }] of feed.state.value?.rooms ?? []) {
      if (!shown.has(room) && timeline.messages.length > 2 * KEPT_LENGTH)
        trim(room, KEPT_LENGTH)
    }
  }

  /** That it is on the screen, until the scope ends. */
  function show(room: number): void {
    shown.add(room)
    onScopeDispose(() => shown.delete(room))
  }

  function once(key: string, ask: () => Promise<void>): Promise<void> {
    const running = underWay.value.get(key)
    if (running !== undefined)
      return running
    const asked = ask().finally(() => {
      const rest = new Map(underWay.value)
      rest.delete(key)
      underWay.value = rest
    })
    underWay.value = new Map(underWay.value).set(key, asked)
    return asked
  }

  function load(room: number, ask: () => Promise<MessagePage>, put: (timeline: Timeline, page: MessagePage) => Timeline) {
    return feed.load(room, ask, (state, page) =>
      withRoom(state, room, known => withTimeline(known, put(known.timeline, page)))).then(() => undefined)
  }

  /** The newest page. */
  function latest(room: number): Promise<void> {
    return once(`${room} latest`, () =>
      load(room, () => call('room.messages', { room, limit: FIRST_LENGTH }), (_, page) => startedWith(page)))
  }

  /** A page around a number, where that is not loaded yet. */
  function around(room: number, number: number): Promise<void> {
    return once(`${room} around ${number}`, () =>
      load(room, () => call('room.messages', { room, around: number, limit: FIRST_LENGTH }), (_, page) => startedWith(page)))
  }

  /** One page more at an end that has more; at once done where it has none. */
  async function more(room: number, direction: Direction): Promise<void> {
    const timeline = feed.state.value?.rooms.get(room)?.timeline
    const edge = direction === 'older' ? timeline?.messages[0] : timeline?.messages.at(-1)
    if (!timeline?.isLoaded || edge === undefined || !(direction === 'older' ? timeline.hasOlder : timeline.hasNewer))
      return
    await once(`${room} ${direction}`, () => direction === 'older'
      ? load(room, () => call('room.messages', { room, before: edge.number, limit: PAGE_LENGTH }),
          (now, page) => trimmed(withOlder(now, page), MOST_LENGTH, 'oldest'))
      : load(room, () => call('room.messages', { room, after: edge.number, limit: PAGE_LENGTH }),
          (now, page) => trimmed(withNewer(now, page), MOST_LENGTH, 'newest')))
  }

  function isLoading(room: number, direction: Direction): boolean {
    return underWay.value.has(`${room} ${direction}`)
  }

  /** What is above the newest ones is forgotten. */
  function trim(room: number, most: number): void {
    feed.change(state => withRoom(state, room, (known) => {
      // Only a timeline that reaches the end; another one is begun anew.
      const { timeline } = known
      if (!timeline.isLoaded || timeline.hasNewer || timeline.messages.length <= most)
        return known
      return { ...known, timeline: trimmed(timeline, most, 'newest') }
    }))
  }

  return { latest, around, more, isLoading, trim, show, FOLLOWED_LENGTH }
}
