// The keyboard shortcuts of the chat: one table, from which keys are matched and the help sheet is written. Pure; what
// each of them does is in useShortcuts.ts.

import { isOfInputMethod, type MaybeComposing } from '../ui/inputMethod'

export type ShortcutName =
  | 'palette' | 'help' | 'searchRoom' | 'previousRoom' | 'nextRoom' | 'previousUnread' | 'nextUnread'
  | 'markRead' | 'nextArea' | 'previousArea' | 'latest'

export interface Shortcut {
  readonly name: ShortcutName
  readonly key: string
  /** Ctrl, and Command on a Mac. */
  readonly isMain?: boolean
  readonly isAlt?: boolean
  readonly isShift?: boolean
  /** In a field this key is the field's own. */
  readonly isOutsideFields?: boolean
}

export interface Pressed extends MaybeComposing {
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

export const SHORTCUTS: readonly Shortcut[] = [
  { name: 'palette', key: 'k', isMain: true },
  { name: 'help', key: '/', isMain: true },
  { name: 'searchRoom', key: 'f', isMain: true },
  { name: 'previousRoom', key: 'ArrowUp', isAlt: true },
  { name: 'nextRoom', key: 'ArrowDown', isAlt: true },
  { name: 'previousUnread', key: 'ArrowUp', isAlt: true, isShift: true },
  { name: 'nextUnread', key: 'ArrowDown', isAlt: true, isShift: true },
  { name: 'nextArea', key: 'F6' },
  { name: 'previousArea', key: 'F6', isShift: true },
  { name: 'latest', key: 'End', isOutsideFields: true },
  { name: 'markRead', key: 'Escape' },
]

/** The shortcut that is meant, null for none and while an input method composes. */
export function shortcutOf(pressed: Pressed, { isMac, isInField }: { isMac: boolean, isInField: boolean }): ShortcutName | null {
  if (isOfInputMethod(pressed))
    return null
  const main = isMac ? pressed.metaKey : pressed.ctrlKey
  const other = isMac ? pressed.ctrlKey : pressed.metaKey
  return SHORTCUTS.find(one =>
    !other && main === (one.isMain ?? false) && pressed.altKey === (one.isAlt ?? false)
    && pressed.shiftKey === (one.isShift ?? false) && !(isInField && one.isOutsideFields)
    && pressed.key.toLowerCase() === one.key.toLowerCase())?.name ?? null
}

const SIGNS: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc' }

/** The keys as they are written on the keyboard, in the order in which they are pressed. */
export function keysOf(shortcut: Shortcut, isMac: boolean): readonly string[] {
  const key = SIGNS[shortcut.key] ?? (shortcut.key.length === 1 ? shortcut.key.toUpperCase() : shortcut.key)
  return [
    shortcut.isMain === true && (isMac ? '⌘' : 'Ctrl'),
    shortcut.isAlt === true && (isMac ? '⌥' : 'Alt'),
    shortcut.isShift === true && (isMac ? '⇧' : 'Shift'),
    key,
  ].filter(sign => sign !== false)
}

/** The element `step` places on among the listed, around the ends; the first where none is the current one. */
export function neighbour<Item>(items: readonly Item[], isCurrent: (item: Item) => boolean, step: 1 | -1): Item | undefined {
  const place = items.findIndex(isCurrent)
  return place < 0 ? items[step > 0 ? 0 : items.length - 1] : items[(place + step + items.length) % items.length]
}
