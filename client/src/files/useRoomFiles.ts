// The files of a room, page after page, and which kind of them is shown. The list is RoomFiles.vue.

import { computed, onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'
import { readRoomFiles, type RoomFile, type RoomFilePage } from '../api/files'
import { pictureOf } from './fileKind'

export type FileFilter = 'all' | 'pictures' | 'others'

// The server knows no filter: pages are read until there is something to see.
const ENOUGH = 12
const MOST_PAGES_AT_ONCE = 5

export function useRoomFiles(
  room: Readonly<Ref<number>>,
  readPage: (room: number, before: string | null) => Promise<RoomFilePage> = readRoomFiles,
) {
  const files = shallowRef<readonly RoomFile[]>([])
  const filter = shallowRef<FileFilter>('all')
  const isLoading = shallowRef(false)
  const hasFailed = shallowRef(false)
  /** Null after the last page. */
  const next = shallowRef<string | null>(null)
  // Of which room, and which time, the answers are that still count.
  let round = 0

  const shown = computed(() => files.value.filter(file => isOfKind(file, filter.value)))

  watch(room, () => void begin(), { immediate: true })
  watch(filter, () => {
    if (shown.value.length < ENOUGH && next.value !== null)
      void loadMore()
  })
  onScopeDispose(() => round++)

  function begin(): Promise<void> {
    round++
    files.value = []
    next.value = null
    isLoading.value = false
    return loadMore()
  }

  /** Another page, or as many as bring something of the kind that is shown. */
  async function loadMore(): Promise<void> {
    if (isLoading.value)
      return
    const mine = round
    const enough = shown.value.length + ENOUGH
    isLoading.value = true
    hasFailed.value = false
    try {
      for (let pages = 0; pages < MOST_PAGES_AT_ONCE; pages++) {
        const page = await readPage(room.value, next.value)
        if (mine !== round)
          return
        files.value = [...files.value, ...page.results]
        next.value = page.next
        if (page.next === null || shown.value.length >= enough)
          break
      }
    }
    catch {
      if (mine === round)
        hasFailed.value = true
    }
    finally {
      if (mine === round)
        isLoading.value = false
    }
  }

  return {
    shown,
    filter,
    isLoading: readonly(isLoading),
    hasFailed: readonly(hasFailed),
    isEmpty: computed(() => files.value.length === 0),
    hasMore: computed(() => next.value !== null),
    loadMore,
  }
}

function isOfKind(file: RoomFile, filter: FileFilter): boolean {
  return filter === 'all' || (pictureOf(file) !== null) === (filter === 'pictures')
}
