// Emoji by what people call them, in English and Chinese, and their skin tones. Pure; the list is loaded by emojiList.ts.

export interface Emoji {
  /** Without a skin tone, fully qualified. */
  readonly emoji: string
  readonly names: Readonly<Record<'zh-Hans' | 'en', string>>
  /** Names without spaces, the most usual first: `joy`, `face_with_tears_of_joy`. */
  readonly shortcodes: readonly string[]
  readonly tags: readonly string[]
  readonly group: number
  readonly hasTones: boolean
}

export type Tone = 0 | 1 | 2 | 3 | 4 | 5

export const TONES: readonly Tone[] = [0, 1, 2, 3, 4, 5]

/** The emoji in a skin tone, 0 for none; what has no tones stays as it is. */
export function toned({ emoji, hasTones }: Emoji, tone: Tone): string {
  if (tone === 0 || !hasTones)
    return emoji
  const [picture = '', ...rest] = emoji
  // A tone makes a picture by itself, so U+FE0F goes (UTS 51, ED-13).
  return [picture, String.fromCodePoint(0x1f3fa + tone), ...rest[0] === '\ufe0f' ? rest.slice(1) : rest].join('')
}

/**
 * Those that each word of the query finds, the best first: a name that is the query, one that it begins, a word of a
 * name that it begins, a tag, and what only contains it. Within these in the order of Unicode.
 */
export function emojiFound(list: readonly Emoji[], query: string, most = Infinity): Emoji[] {
  const words = wordsOf(query)
  if (words.length === 0)
    return []
  const ranked: { emoji: Emoji, rank: number }[] = []
  for (const emoji of list) {
    const rank = rankOf(emoji, words)
    if (rank < NOT_FOUND)
      ranked.push({ emoji, rank })
  }
  ranked.sort((one, other) => one.rank - other.rank)
  return ranked.slice(0, most).map(({ emoji }) => emoji)
}

/** The shortest usual name for `:name`. */
export function shortcodeOf({ shortcodes }: Emoji): string {
  return shortcodes[0] ?? ''
}

const NOT_FOUND = 6

function wordsOf(query: string): string[] {
  return query.toLowerCase().split(/[\s_]+/).filter(word => word !== '')
}

function rankOf(emoji: Emoji, words: readonly string[]): number {
  const whole = rankOfWord(emoji, words.join('_'))
  return words.length === 1 ? whole : Math.min(whole, Math.max(...words.map(word => rankOfWord(emoji, word))))
}

function rankOfWord({ shortcodes, names, tags, emoji }: Emoji, word: string): number {
  if (emoji === word || names['zh-Hans'] === word || shortcodes.includes(word))
    return 0
  if (names['zh-Hans'].startsWith(word) || shortcodes.some(code => code.startsWith(word)))
    return 1
  if (shortcodes.some(code => code.includes(`_${word}`)))
    return 2
  if (tags.includes(word))
    return 3
  if (tags.some(tag => tag.startsWith(word)) || names['zh-Hans'].includes(word))
    return 4
  // Two letters are inside too many words.
  return word.length > 2 && shortcodes.some(code => code.includes(word)) ? 5 : NOT_FOUND
}
