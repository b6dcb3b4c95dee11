// The moments after which a connection may be gone without a word: the network is another one, the tab is looked at
// again, the computer has slept.

import { useEventListener, useIntervalFn } from '@vueuse/core'

const TICK_MS = 5_000
// A clock that is late by more has stood still. Of hidden tabs browsers slow the clocks down, to a tick a minute.
const SLEPT_MS = 70_000

/** Until the scope ends; more than one call for one waking is to be expected. */
export function useWaking(woken: () => void, now: () => number = Date.now): void {
  let tickedAt = now()

  useEventListener(window, ['online', 'pageshow'], woken)
  useEventListener(document, 'visibilitychange', () => document.visibilityState === 'visible' && woken())
  useEventListener(document, 'resume', woken)
  useIntervalFn(() => {
    const before = tickedAt
    tickedAt = now()
    if (tickedAt - before > SLEPT_MS)
      woken()
  }, TICK_MS)
}
