// The list of all emoji with their names, loaded when it is first needed and once. No rule is here.

import type { Emoji } from './emojiSearch'

let loading: Promise<readonly Emoji[]> | null = null

/** In the order of Unicode. What could not be loaded is tried again by the next call. */
export function emojiList(): Promise<readonly Emoji[]> {
  loading ??= load().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

async function load(): Promise<readonly Emoji[]> {
  const [{ default: english }, { default: chinese }] = await Promise.all([
    import('virtual:emoji/en'), import('virtual:emoji/zh'),
  ])
  return english.map(([emoji, name, codes, tags, group, hasTones], row) => {
    const [chineseName = name, chineseTags = ''] = chinese[row] ?? []
    return {
      emoji,
      names: { 'en': name, 'zh-Hans': chineseName },
      shortcodes: [...words(codes), name.toLowerCase().replace(/[^\p{L}\p{N}+-]+/gu, '_')],
      tags: [...words(tags), ...words(chineseTags)],
      group,
      hasTones: hasTones === 1,
    }
  })
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}
