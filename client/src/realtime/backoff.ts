// How long to wait before coming back: at random, so that all who lost their server do not come back at once. Pure.

const LEAST_MS = 250
const MOST_MS = 30_000

/** After so many failures in a row (1 for a connection that was just lost); `random` is at least 0 and below 1. */
export function reconnectDelayMs(failures: number, random: number): number {
  const most = Math.min(MOST_MS, LEAST_MS * 2 ** Math.min(failures, 20))
  return LEAST_MS + random * (most - LEAST_MS)
}
