// The rooms of the person as the page names and orders them, and what is unread in all of them.

import { computed } from 'vue'
import type { Room } from '../api/types'
import type { Chat } from '../chat/useChat'
import { WORDS } from '../chat/words'
import { useWords } from '../language/useLanguage'
import { inOrder, markOf, nameOf, sectioned } from './roomNames'

export function useRooms(chat: Chat) {
  const words = useWords(WORDS)
  const titleOf = (room: Room) => nameOf(room, chat.user.id, chat.people.person, words.value.ownNotes)
  /** Nothing for a room that one is not in any more. */
  const titleOfId = (id: number) => {
    const state = chat.state.value?.rooms.get(id)
    return state === undefined ? '' : titleOf(state.room)
  }
  const sections = computed(() => sectioned(chat.state.value?.rooms.values() ?? [], titleOf))
  const ordered = computed(() => inOrder(sections.value))
  const unread = computed(() => {
    const marks = ordered.value.map(markOf)
    return { count: marks.reduce((sum, mark) => sum + mark.count, 0), hasDot: marks.some(mark => mark.hasDot) }
  })
  return { sections, ordered, titleOf, titleOfId, unread }
}
