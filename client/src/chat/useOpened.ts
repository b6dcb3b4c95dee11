// Whether what was asked for is on the screen: what the page can do without until then is loaded after it.

import { shallowRef, watch, type Ref } from 'vue'
import type { Chat } from './useChat'

const PAINTED_MS = 150

/** True once the messages of the room, or another view, are there and painted; it stays true. */
export function useOpened(chat: Chat, openRoom: Readonly<Ref<number | null>>): Readonly<Ref<boolean>> {
  const isOpened = shallowRef(false)
  const stop = watch([chat.state, openRoom], ([state, number]) => {
    if (state === null || (number !== null && state.rooms.get(number)?.timeline.isLoaded === false))
      return
    stop()
    // Some frames, in which the rows are drawn, measured and painted.
    setTimeout(() => isOpened.value = true, PAINTED_MS)
  }, { flush: 'post' })
  return isOpened
}
