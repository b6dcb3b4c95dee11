// The members of a room: all pages once, when they are first looked at, then as publications tell. A search asks the
// server, which knows pinyin.

import { refDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import type { Member } from '../api/types'
import type { Chat } from '../chat/useChat'
import { withMembers } from '../state/roomState'
import { withRoom } from '../state/state'
import { inOrderOfRank } from './roomRules'

const PAGE_LENGTH = 200
const MOST_PAGES = 50
const SHOWN = 100
const FOUND = 50

export function useMembers(chat: Chat, room: number) {
  const query = shallowRef('')
  const settled = refDebounced(query, 150)
  const found = shallowRef<ReadonlySet<number> | null>(null)
  const most = shallowRef(SHOWN)
  const hasFailed = shallowRef(false)
  const members = computed(() => chat.state.value?.rooms.get(room)?.members ?? null)
  const ordered = computed(() => inOrderOfRank(members.value?.values() ?? [], chat.presence.online.value))
  const matching = computed(() => found.value === null ? ordered.value : ordered.value.filter(({ user }) => found.value?.has(user)))
  const shown = computed(() => matching.value.slice(0, most.value))

  // Forgotten when the room is loaded anew.
  watch(members, (now) => {
    if (now === null)
      void load()
  }, { immediate: true })

  watch(settled, async (text) => {
    const wanted = text.trim()
    if (wanted === '') {
      found.value = null
      return
    }
    try {
      const people = await chat.people.find(wanted, room, FOUND)
      if (text === settled.value)
        found.value = new Set(people.map(({ id }) => id))
    }
    catch {
      // The next letter asks again.
    }
  })

  async function load(): Promise<void> {
    hasFailed.value = false
    try {
      await chat.load(room, all, (state, loaded) => withRoom(state, room, known => withMembers(known, loaded)))
    }
    catch {
      hasFailed.value = true
    }
  }

  async function all(): Promise<readonly Member[]> {
    const loaded: Member[] = []
    let after: number | null = 0
    for (let page = 0; after !== null && page < MOST_PAGES; page++) {
      const { results, next }: { results: readonly Member[], next: number | null }
        = await chat.call('room.members', { room, after, limit: PAGE_LENGTH })
      loaded.push(...results)
      after = next
    }
    return loaded
  }

  return {
    query,
    members,
    shown,
    hasFailed,
    load,
    hasMore: computed(() => matching.value.length > shown.value.length),
    showMore: () => most.value += SHOWN,
  }
}
