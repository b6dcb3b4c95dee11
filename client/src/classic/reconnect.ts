// When to connect again after a connection was lost. Pure; the timer is in useClassicConnection.ts.

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 10_000
/** The close codes of a token that is missing, or wrong or expired. */
const TOKEN_CODES: readonly number[] = [4001, 4003]

/**
 * `failures` counts the connects since the server was last heard; `code` is null where no close was seen; `random` is
 * from 0 to 1 and spreads the delay by a quarter to either side, so that not all pages return at once. A refused token
 * is replaced without waiting, but only once: a server that refuses the new one too is given time.
 */
export function reconnectDelayMs(failures: number, code: number | null, random: number): number {
  if (failures === 0 && code !== null && TOKEN_CODES.includes(code))
    return 0
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures) * (0.75 + random / 2)
}
