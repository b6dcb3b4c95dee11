// In which order the palette lists what fits. Pure; pinyin is the server's: what it has found comes behind.

export interface Ranked {
  readonly key: string
  readonly label: string
  /** Also found by these: a user name, a topic. */
  readonly also: readonly string[]
}

/** 0 the whole, 1 its beginning, 2 the beginning of a word, 3 inside, 4 in what else is known of it; null for not at all. */
export function fitOf({ label, also }: Ranked, query: string): number | null {
  const wanted = folded(query)
  const name = folded(label)
  if (name === wanted)
    return 0
  const place = name.indexOf(wanted)
  if (place === 0)
    return 1
  if (place > 0)
    return /[\s\p{P}]/u.test(name.charAt(place - 1)) ? 2 : 3
  return also.some(one => folded(one).includes(wanted)) ? 4 : null
}

/** Those that fit, the best first; of two that fit as well, the one that came first. */
export function ranked<Item extends Ranked>(items: readonly Item[], query: string): readonly Item[] {
  return items
    .map((item, place) => ({ item, place, fit: fitOf(item, query) }))
    .filter(one => one.fit !== null)
    .sort((one, other) => (one.fit ?? 0) - (other.fit ?? 0) || one.place - other.place)
    .map(({ item }) => item)
}

/** What is shown stays where it is; what came later and is not there yet stands behind it. */
export function merged<Item extends { readonly key: string }>(shown: readonly Item[], later: readonly Item[]): readonly Item[] {
  const known = new Set(shown.map(({ key }) => key))
  return [...shown, ...later.filter(({ key }) => !known.has(key) && known.add(key))]
}

/** Full and half width, upper and lower case are the same. */
function folded(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}
