// Messages that others reply to: from what is loaded, else asked for once each.

import { shallowRef } from 'vue'
import type { Message } from '../api/types'
import type { Chat } from '../chat/useChat'
import { Refused } from '../realtime/refusal'
import { messageWithId } from '../state/timeline'
import type { RoomState } from '../state/roomState'

export function useOrigins(chat: Chat) {
  const known = shallowRef<ReadonlyMap<number, Message | 'gone'>>(new Map())
  const asked = new Map<number, Promise<Message | 'gone' | null>>()

  /** Null while it is on its way, or where there is none. */
  function of(message: Message, room: RoomState): Message | 'gone' | null {
    const id = message.reply_to
    if (id == null)
      return null
    const found = messageWithId(room.timeline, id) ?? known.value.get(id)
    if (found === undefined)
      void ask(id)
    return found ?? null
  }

  async function numberOf(id: number, room: RoomState): Promise<number | null> {
    const found = messageWithId(room.timeline, id) ?? await ask(id)
    return found === null || found === 'gone' ? null : found.number
  }

  function ask(id: number): Promise<Message | 'gone' | null> {
    const running = asked.get(id) ?? load(id)
    asked.set(id, running)
    return running
  }

  async function load(id: number): Promise<Message | 'gone' | null> {
    try {
      const message = await chat.call('message.get', { message: id })
      known.value = new Map(known.value).set(id, message)
      return message
    }
    catch (error) {
      if (!(error instanceof Refused)) {
        asked.delete(id)
        return null
      }
      known.value = new Map(known.value).set(id, 'gone')
      return 'gone'
    }
  }

  return { of, numberOf }
}
