// A text cut where a search has found something. Pure; the server counts in code points, strings here do not.

export interface Piece {
  readonly text: string
  readonly isHit: boolean
}

const BEFORE_CHARS = 60
const MOST_CHARS = 360

/** The whole text in pieces; ranges are half open, in order, and may touch. */
export function piecesOf(body: string, ranges: readonly (readonly [number, number])[]): readonly Piece[] {
  return cut(Array.from(body), ranges, 0, Infinity)
}

/** As `piecesOf`, of a long text only what is around the first hit, with … where something is left out. */
export function excerptOf(body: string, ranges: readonly (readonly [number, number])[]): readonly Piece[] {
  const chars = Array.from(body)
  const first = ranges[0]?.[0] ?? 0
  const from = chars.length <= MOST_CHARS ? 0 : Math.max(0, Math.min(first - BEFORE_CHARS, chars.length - MOST_CHARS))
  const to = Math.min(chars.length, from + MOST_CHARS)
  const ellipsis = { text: '…', isHit: false }
  return [...from > 0 ? [ellipsis] : [], ...cut(chars, ranges, from, to), ...to < chars.length ? [ellipsis] : []]
}

/** What was found, each once: to be looked for in the text as it is shown. */
export function termsOf(body: string, ranges: readonly (readonly [number, number])[]): readonly string[] {
  const chars = Array.from(body)
  return [...new Set(ranges.map(([from, to]) => chars.slice(from, to).join('').toLowerCase()))].filter(term => term !== '')
}

function cut(chars: readonly string[], ranges: readonly (readonly [number, number])[], from: number, to: number): readonly Piece[] {
  const end = Math.min(to, chars.length)
  const pieces: Piece[] = []
  let at = from
  for (const [start, stop] of ranges) {
    const first = Math.max(start, at)
    const last = Math.min(stop, end)
    if (first >= last)
      continue
    if (first > at)
      pieces.push({ text: chars.slice(at, first).join(''), isHit: false })
    pieces.push({ text: chars.slice(first, last).join(''), isHit: true })
    at = last
  }
  return at < end ? [...pieces, { text: chars.slice(at, end).join(''), isHit: false }] : pieces
}
