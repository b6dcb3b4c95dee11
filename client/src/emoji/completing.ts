// Emoji by a begun name, for `:name` in a text; a chunk of its own, loaded with the list when it is first needed.

import { emojiList } from './emojiList'
import { emojiFound, shortcodeOf, toned, type Emoji } from './emojiSearch'
import { useEmojiHabits } from './useEmojiHabits'

export interface CompletedEmoji {
  /** In the skin tone that the person has chosen. */
  readonly picture: string
  readonly shortcode: string
  readonly names: Emoji['names']
}

export async function emojiCompleted(query: string, most: number): Promise<CompletedEmoji[]> {
  const { tone } = useEmojiHabits()
  return emojiFound(await emojiList(), query, most).map(emoji => (
    { picture: toned(emoji, tone.value), shortcode: shortcodeOf(emoji), names: emoji.names }))
}
