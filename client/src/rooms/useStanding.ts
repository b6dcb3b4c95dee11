// What the person is in a room: their role, and whether it is the lobby, which has rules of its own.

import { computed, type ComputedRef } from 'vue'
import type { Chat } from '../chat/useChat'
import type { RoomState } from '../state/roomState'
import { isLobby, standingIn, type Standing } from './roomRules'

export function useStanding(chat: Chat, room: () => RoomState | undefined): ComputedRef<Standing> {
  return computed(() => {
    const state = room()
    return state === undefined
      ? { role: 'reader' as const, isLobby: false }
      : standingIn(state.membership, isLobby(state.room), chat.user.is_admin)
  })
}
