// What a key means in the box where a message is written. Pure; who listens is MessageComposer.

import type { MaybeComposing } from '../ui/inputMethod'
import type { Mark } from './formatting'

export interface Key extends MaybeComposing {
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** Enter, or Ctrl/Cmd+Enter where Enter breaks the line. Shift+Enter and Alt+Enter never send. */
export function isSendKey(key: Key, enterSends: boolean): boolean {
  return key.key === 'Enter' && !key.shiftKey && !key.altKey && (enterSends || key.ctrlKey || key.metaKey)
}

/** Ctrl/Cmd+B, I, E and Ctrl/Cmd+Shift+C. Ctrl+K is the palette's. */
export function markOfKey(key: Key): Mark | null {
  if (key.altKey || key.ctrlKey === key.metaKey)
    return null
  return (key.shiftKey ? SHIFTED : PLAIN)[key.key.toLowerCase()] ?? null
}

const PLAIN: Readonly<Record<string, Mark>> = { b: 'bold', i: 'italic', e: 'code' }
const SHIFTED: Readonly<Record<string, Mark>> = { c: 'codeBlock' }
