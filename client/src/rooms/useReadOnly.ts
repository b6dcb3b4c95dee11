// Why nothing can be written in a room, as it is said in place of the composer; "" where one may write.

import { computed, type ComputedRef } from 'vue'
import { WORDS } from '../chat/words'
import { useWords } from '../language/useLanguage'
import { mayWrite } from '../messages/actions'
import type { RoomState } from '../state/roomState'

export function useReadOnly(room: () => RoomState | undefined): ComputedRef<string> {
  const words = useWords(WORDS)
  return computed(() => {
    const state = room()
    if (state === undefined || mayWrite(state.room, state.membership, Date.now()))
      return ''
    if (state.room.archived_at != null)
      return words.value.readOnly.archived
    if (state.membership.role === 'reader')
      return words.value.readOnly.reader
    return (state.membership.muted_until ?? 0) > Date.now() ? words.value.readOnly.muted : words.value.readOnly.moderators
  })
}
