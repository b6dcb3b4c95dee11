// Reading through time: what was to be seen for half a second, in a window that has the focus, is read. It is told to the
// server at most once in half a second.

import { onScopeDispose, shallowRef } from 'vue'

const SEEN_MS = 500

/** `lastSeen` gives the number of the last message in view; `tell` moves the read number up to one. */
export function useReading({ lastSeen, readNumber, tell }: {
  lastSeen: () => number | null
  readNumber: () => number
  tell: (number: number) => void
}) {
  /** After marking as unread nothing is read by looking, until the room is left. */
  const isHeld = shallowRef(false)
  let candidate: number | null = null
  let told = 0
  const timer = setInterval(look, SEEN_MS)
  onScopeDispose(() => clearInterval(timer))

  function look(): void {
    if (isHeld.value || document.visibilityState === 'hidden' || !document.hasFocus()) {
      candidate = null
      return
    }
    const seen = lastSeen()
    const number = seen === null || candidate === null ? null : Math.min(seen, candidate)
    candidate = seen
    if (number !== null && number > Math.max(readNumber(), told)) {
      told = number
      tell(number)
    }
  }

  function hold(): void {
    isHeld.value = true
  }

  return { hold, isHeld }
}
