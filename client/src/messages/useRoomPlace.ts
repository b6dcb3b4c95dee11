// Where one is in a room: it opens where one was reading, else at the first unread message, else at its end; it goes to a
// message and back, and loads pages at either end. How the rows are held still is in useMessageList.ts.

import { useEventListener } from '@vueuse/core'
import { nextTick, onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import type { Chat } from '../chat/useChat'
import { useWords } from '../language/useLanguage'
import { readUpTo, type RoomState } from '../state/roomState'
import { placeOf } from '../state/timeline'
import { keepPlace, keptPlace } from './readingPlaces'
import { numberOf, rowAt, type Row } from './rows'
import { useToasts } from '../ui/useToasts'
import { painted, type useMessageList } from './useMessageList'
import { WORDS } from './words'

const EDGE_ROWS = 30
const SPINNER_AFTER_MS = 300
const FLASH_MS = 2_000
const NEW_LINE_PX = 48

/** `target` is the number of a message to go to. For one room; of another one it is called anew. */
export function useRoomPlace(chat: Chat, { room, target, rows, list, scroller }: {
  room: () => RoomState
  target: () => number | null
  rows: Readonly<Ref<readonly Row[]>>
  list: ReturnType<typeof useMessageList>
  scroller: Readonly<Ref<HTMLElement | null>>
}) {
  const { id } = room().room
  const toasts = useToasts()
  const words = useWords(WORDS)
  const timeline = () => room().timeline
  // The line "new" stays where it was when the room was opened.
  const newFrom = shallowRef<number | null>(null)
  const isPlaced = shallowRef(false)
  const flashing = shallowRef<number | null>(null)
  const hasFailed = shallowRef(false)
  const isSlow = shallowRef(false)
  const seenNumber = shallowRef(0)
  let isLooking: Promise<void> | null = null
  chat.pages.show(id)

  onMounted(() => void open())
  onBeforeUnmount(leave)
  // After a return that could not be followed the room is begun anew.
  watch(() => timeline().isLoaded, (isLoaded) => {
    if (!isLoaded)
      void open()
  })
  // What a network that went took away comes with the next one.
  watch(chat.isCaughtUp, (isSo) => {
    if (isSo && hasFailed.value && !isPlaced.value)
      void open()
  })
  watch(target, (number, before) => {
    if (number !== null) {
      if (before === null)
        leave()
      void goToNumber(number)
    }
    else {
      void restore()
    }
  })
  watch([rows, list.items], lookSoon, { flush: 'post' })
  useEventListener(window, 'focus', lookSoon)

  async function open(): Promise<void> {
    isPlaced.value = false
    hasFailed.value = false
    const firstUnread = room().lastNumber > readUpTo(room()) ? readUpTo(room()) + 1 : null
    newFrom.value ??= firstUnread
    const place = keptPlace(id)
    const number = target() ?? place?.number ?? firstUnread
    const timer = setTimeout(() => isSlow.value = true, SPINNER_AFTER_MS)
    try {
      if (number !== null && placeOf(timeline(), number) < 0)
        await chat.pages.around(id, number)
      else if (!timeline().isLoaded)
        await chat.pages.latest(id)
    }
    catch {
      hasFailed.value = true
      return
    }
    finally {
      clearTimeout(timer)
      isSlow.value = false
    }
    await nextTick()
    const wanted = target()
    if (wanted !== null)
      await goToNumber(wanted)
    else if (place !== null && place.number !== null)
      await show(place.number, place.distance)
    else if (firstUnread !== null && rowAt(rows.value, firstUnread) >= 0)
      await show(firstUnread, NEW_LINE_PX)
    else
      list.follow()
    isPlaced.value = true
    if (list.isAtEnd() && !timeline().hasNewer)
      list.follow()
    lookSoon()
  }

  async function show(number: number, distance: number | 'middle'): Promise<void> {
    const place = rowAt(rows.value, number)
    if (place >= 0)
      await list.goTo(place, distance)
  }

  async function goToNumber(number: number): Promise<void> {
    if (placeOf(timeline(), number) < 0 && !await isLoaded(chat.pages.around(id, number)))
      return
    await nextTick()
    if (placeOf(timeline(), number) < 0) {
      toasts.show(words.value.noSuchMessage)
      // Where it was opened by its address nothing is shown yet.
      if (!isPlaced.value)
        await goToEnd()
      return
    }
    await show(number, 'middle')
    isPlaced.value = true
    flashing.value = number
    setTimeout(() => flashing.value = flashing.value === number ? null : flashing.value, FLASH_MS)
    // Who goes from hit to hit stays in the bar.
    if (document.activeElement?.closest('[data-keeps-focus]') == null)
      scroller.value?.querySelector<HTMLElement>(`[data-number="${number}"]`)?.focus({ preventScroll: true })
  }

  /** Back to where one was before going to a message. */
  async function restore(): Promise<void> {
    const place = keptPlace(id)
    if (place === null || place.number === null) {
      await goToEnd()
      return
    }
    if (placeOf(timeline(), place.number) >= 0 || await isLoaded(chat.pages.around(id, place.number))) {
      await nextTick()
      await show(place.number, place.distance)
    }
  }

  async function goToEnd(): Promise<void> {
    if (timeline().hasNewer && !await isLoaded(chat.pages.latest(id)))
      return
    await nextTick()
    list.follow()
  }

  /** What could not be loaded is said over the messages, with a way to try again. */
  async function isLoaded(loading: Promise<void>): Promise<boolean> {
    hasFailed.value = !await loading.then(() => true, () => false)
    return !hasFailed.value
  }

  /** Where one reads is kept, so that coming back to the room finds it. Of who follows the end nothing has to be laid out. */
  function leave(): void {
    const view = list.isFollowing.value || list.isAtEnd() ? null : list.inView()
    keepPlace(id, view === null ? null : { number: numberOf(rows.value[view.first]), distance: list.distanceOf(view.first) })
  }

  /** Once a frame, before anything of it has changed: where things are is known then and need not be laid out. */
  function lookSoon(): void {
    isLooking ??= painted().then(() => {
      isLooking = null
      lookAround()
    })
  }

  function lookAround(): void {
    const view = list.inView()
    if (view === null || !isPlaced.value)
      return
    seenNumber.value = Math.max(seenNumber.value, lastSeen() ?? 0)
    if (view.first < EDGE_ROWS && timeline().hasOlder)
      load('older')
    else if (view.last > rows.value.length - EDGE_ROWS && timeline().hasNewer)
      load('newer')
    else if (list.isFollowing.value && rows.value.length > 2 * chat.pages.FOLLOWED_LENGTH)
      chat.pages.trim(id, chat.pages.FOLLOWED_LENGTH)
  }

  function load(direction: 'older' | 'newer'): void {
    if (chat.pages.isLoading(id, direction))
      return
    const timer = setTimeout(() => isSlow.value = true, SPINNER_AFTER_MS)
    chat.pages.more(id, direction)
      .then(() => hasFailed.value = false, () => hasFailed.value = true)
      .finally(() => {
        clearTimeout(timer)
        isSlow.value = false
      })
  }

  /** The number of the last message in view. */
  function lastSeen(): number | null {
    const view = isPlaced.value ? list.inView() : null
    for (let place = view?.last ?? -1; place >= 0 && view !== null && place >= view.first; place--) {
      const number = numberOf(rows.value[place])
      if (number !== null)
        return number
    }
    return null
  }

  return { newFrom, isPlaced, flashing, hasFailed, isSlow, seenNumber, lastSeen, open, goToEnd, goToNumber, lookSoon }
}
