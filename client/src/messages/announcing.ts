// What a screen reader is told of new messages of the open room: "name: text", at most one sentence a second; of a burst
// only how many there were. Pure; `now` is always given.

export interface Said {
  readonly name: string
  readonly text: string
}

export interface Announcing {
  readonly waiting: readonly Said[]
  /** When the last sentence was given out. */
  readonly lastAt: number
}

export const PACE_MS = 1_000
export const SILENT: Announcing = { waiting: [], lastAt: 0 }

const MOST_CHARS = 200

export function withHeard(announcing: Announcing, said: Said): Announcing {
  return { ...announcing, waiting: [...announcing.waiting, said] }
}

/** How long to wait before the next sentence; null when nothing waits. */
export function waitMs({ waiting, lastAt }: Announcing, now: number): number | null {
  return waiting.length === 0 ? null : Math.max(0, lastAt + PACE_MS - now)
}

/** The sentence that is due, "" for none. */
export function spoken(
  announcing: Announcing, now: number, many: (count: number) => string,
): { readonly text: string, readonly rest: Announcing } {
  if (waitMs(announcing, now) !== 0)
    return { text: '', rest: announcing }
  const [first, ...others] = announcing.waiting
  const text = first !== undefined && others.length === 0
    ? `${first.name}: ${shortened(first.text)}`
    : many(announcing.waiting.length)
  return { text, rest: { waiting: [], lastAt: now } }
}

function shortened(text: string): string {
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text
}
