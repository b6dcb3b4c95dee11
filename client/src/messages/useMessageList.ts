// The virtual list of a room: which rows are in view, keeping the one that is read where it is, going to a row. The list
// follows its end by useFollowing; what the rows are is in rows.ts. Four rules hold it still: sizes are exact, following
// is a state, keys outlive being stored, and there is one change a frame.

import { useVirtualizer, type Rect, type Virtualizer } from '@tanstack/vue-virtual'
import { useEventListener } from '@vueuse/core'
import { computed, nextTick, queuePostFlushCb, watch, type Ref } from 'vue'
import type { Message } from '../api/types'
import type { Row } from './rows'
import { useFollowing } from './useFollowing'

const OVERSCAN = 8
/** Kept free above the first row, for the start of the room: it comes without moving anything. */
export const START_PX = 96
const LINE_PX = 23
const CHARS_A_LINE = 70
const ROW_PX = 34
const MOST_IMAGE_PX = 240
// Sizes are measured while it scrolls: a second time it is there.
const ATTEMPTS = 12

export function useMessageList({ scroller, content, rows, mayFollow }: {
  scroller: Readonly<Ref<HTMLElement | null>>
  content: Readonly<Ref<HTMLElement | null>>
  rows: Readonly<Ref<readonly Row[]>>
  mayFollow: () => boolean
}) {
  // On the way to a row. What is scrolled then is not a person's doing, and being at the end for a moment means nothing;
  // whoever wants to be elsewhere ends it, or the two pull at the list.
  let trip: symbol | null = null
  const following = useFollowing({ scroller, content, mayFollow: () => trip === null && mayFollow() })
  useEventListener(scroller, ['wheel', 'touchmove'], () => trip = null, { passive: true })
  // The row that is read, by key, and where its top stands on the screen: before the rows change, until it stands there
  // again. First of all watchers, so that nothing has moved yet.
  let held: { readonly key: string, readonly top: number } | null = null
  watch(rows, (_, before) => held ??= following.isFollowing.value ? null : topRow(before), { flush: 'sync' })
  // What measuring moved is drawn first.
  watch(rows, () => queuePostFlushCb(putBack), { flush: 'post' })
  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>(computed(() => {
    const now = rows.value
    return {
      count: now.length,
      getScrollElement: () => scroller.value,
      getItemKey: (index: number) => now[index]?.key ?? index,
      estimateSize: (index: number) => estimated(now[index]),
      // The default rounds to whole pixels and drifts.
      measureElement: (element: HTMLElement) => element.getBoundingClientRect().height,
      observeElementRect: observeSize,
      overscan: OVERSCAN,
      paddingStart: START_PX,
      // Begun at the end as far as it can be guessed, or the first rows would be drawn for nothing. Without rows it cannot.
      enabled: now.length > 0,
      initialOffset: () => Math.max(0, now.reduce((sum, row) => sum + estimated(row), START_PX) - (scroller.value?.clientHeight ?? innerHeight)),
      anchorTo: 'end' as const,
    }
  }))
  const items = computed(() => virtualizer.value.getVirtualItems())
  const height = computed(() => virtualizer.value.getTotalSize())

  // Rows are measured together when all are drawn, before anything else looks at them: one by one, each would have the
  // browser lay out the page again.
  const drawn = new Set<HTMLElement>()
  const measureDrawn = Object.assign(() => {
    drawn.forEach(element => virtualizer.value.measureElement(element))
    drawn.clear()
    virtualizer.value.measureElement(null)
  }, { id: -1 })

  function measure(element: unknown): void {
    if (element instanceof HTMLElement)
      drawn.add(element)
    queuePostFlushCb(measureDrawn)
  }

  /** The places of the first and last row that are in view, whole or in part; null without any. */
  function inView(): { readonly first: number, readonly last: number } | null {
    const element = scroller.value
    if (element === null)
      return null
    const top = element.scrollTop - offsetOfContent()
    const seen = items.value.filter(item => item.end > top + 1 && item.start < top + element.clientHeight - 1)
    const first = seen[0]
    return first === undefined ? null : { first: first.index, last: seen.at(-1)?.index ?? first.index }
  }

  function topRow(shown: readonly Row[]): { key: string, top: number } | null {
    const element = scroller.value
    const edge = element?.getBoundingClientRect().top ?? 0
    for (const row of element?.querySelectorAll<HTMLElement>('[data-index]') ?? []) {
      const { top, bottom } = row.getBoundingClientRect()
      const key = shown[Number(row.dataset.index)]?.key
      if (bottom > edge && key !== undefined)
        return { key, top }
    }
    return null
  }

  /** The list anchors by itself; where its write came too early for the new height, or beside a person's, this mends it. */
  function putBack(): void {
    const element = scroller.value
    const place = held === null ? -1 : rows.value.findIndex(row => row.key === held?.key)
    if (element !== null && held !== null && place >= 0 && !following.isFollowing.value) {
      const row = element.querySelector<HTMLElement>(`[data-index="${place}"]`)
      const start = virtualizer.value.measurementsCache[place]?.start
      const now = row?.getBoundingClientRect().top
        ?? (start === undefined ? held.top : start + offsetOfContent() - element.scrollTop + element.getBoundingClientRect().top)
      if (Math.abs(now - held.top) >= 1)
        element.scrollTop += now - held.top
    }
    held = null
  }

  /** How far the top of a row is below the top of the view, in pixels. */
  function distanceOf(index: number): number {
    const item = items.value.find(one => one.index === index)
    return item === undefined || scroller.value === null ? 0 : item.start + offsetOfContent() - scroller.value.scrollTop
  }

  /**
   * Brings a row into view and resolves when it is there, or when somebody goes elsewhere meanwhile; `distance` pixels
   * below the top, or in the middle.
   */
  async function goTo(index: number, distance: number | 'middle'): Promise<void> {
    const mine = trip = Symbol('trip')
    following.stop()
    await approach(index, distance, () => trip !== mine)
    if (trip !== mine)
      return
    trip = null
    if (following.isAtEnd() && mayFollow())
      following.follow()
  }

  async function approach(index: number, distance: number | 'middle', isOver: () => boolean): Promise<void> {
    const key = rows.value[index]?.key
    for (let attempt = 0; attempt < ATTEMPTS && !isOver(); attempt++) {
      const place = rows.value.findIndex(row => row.key === key)
      const element = scroller.value
      if (place < 0 || element === null)
        return
      virtualizer.value.scrollToIndex(place, { align: distance === 'middle' ? 'center' : 'start' })
      await nextTick()
      await painted()
      const row = element.querySelector<HTMLElement>(`[data-index="${place}"]`)
      if (row === null || isOver())
        continue
      const below = row.getBoundingClientRect().top - element.getBoundingClientRect().top
      const wanted = distance === 'middle' ? Math.max(0, (element.clientHeight - row.offsetHeight) / 2) : distance
      const most = element.scrollHeight - element.clientHeight
      const next = Math.min(most, Math.max(0, element.scrollTop + below - wanted))
      if (Math.abs(next - element.scrollTop) <= 1)
        return
      element.scrollTop = next
      await painted()
    }
  }

  function follow(): void {
    trip = null
    following.follow()
  }

  function offsetOfContent(): number {
    return content.value?.offsetTop ?? 0
  }

  return { items, height, measure, inView, distanceOf, goTo, ...following, follow }
}

let lastSize: Rect | null = null

/**
 * As the library does, but the first size is that of the list before, which was in the same place: to ask for it would have
 * the browser lay out a page that is half made. The observer tells the right one before anything is painted.
 */
function observeSize({ scrollElement: element }: Virtualizer<HTMLElement, HTMLElement>, tell: (size: Rect) => void) {
  if (element === null)
    return undefined
  const look = () => tell(lastSize = { width: element.offsetWidth, height: element.offsetHeight })
  if (lastSize === null)
    look()
  else
    tell(lastSize)
  const observer = new ResizeObserver(look)
  observer.observe(element)
  return () => observer.disconnect()
}

/** Resolves in the next frame; in a hidden page there is none. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 100)
    requestAnimationFrame(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function estimated(row: Row | undefined): number {
  if (row === undefined)
    return ROW_PX
  const message: Pick<Message, 'body' | 'files'> = row.is === 'stored' ? row.message : { body: row.entry.message.body }
  const lines = (message.body ?? '').split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / CHARS_A_LINE), 0)
  const images = (message.files ?? []).reduce((sum, file) =>
    sum + (file.thumbnail == null ? ROW_PX : Math.min(MOST_IMAGE_PX, file.thumbnail.height)), 0)
  return ROW_PX + lines * LINE_PX + images
}
