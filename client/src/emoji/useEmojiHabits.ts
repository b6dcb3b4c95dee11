// What this browser remembers of a person's emoji: the last used ones and the skin tone. Shared by all pickers.

import { readonly, shallowRef } from 'vue'
import { TONES, type Tone } from './emojiSearch'

const RECENT_KEPT_AS = 'teahouse-emoji-recent'
const TONE_KEPT_AS = 'teahouse-emoji-tone'
const MOST_RECENT = 14

const recent = shallowRef<readonly string[]>(keptRecent())
const tone = shallowRef<Tone>(TONES.find(one => String(one) === kept(TONE_KEPT_AS)) ?? 0)

export function useEmojiHabits() {
  return { recent: readonly(recent), tone: readonly(tone), noteUsed, chooseTone }
}

/** `emoji` without its skin tone. */
function noteUsed(emoji: string): void {
  recent.value = [emoji, ...recent.value.filter(other => other !== emoji)].slice(0, MOST_RECENT)
  keep(RECENT_KEPT_AS, recent.value.join(' '))
}

function chooseTone(chosen: Tone): void {
  tone.value = chosen
  keep(TONE_KEPT_AS, String(chosen))
}

function keptRecent(): string[] {
  return (kept(RECENT_KEPT_AS) ?? '').split(' ').filter(emoji => emoji !== '').slice(0, MOST_RECENT)
}

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name)
  }
  catch {
    return null
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  }
  catch {
    // A browser that keeps nothing still remembers until the page is left.
  }
}
