// What was begun and is no draft that the server keeps: a message that is being edited, and what is answered while
// nothing is written yet. Kept while the page is open, so that coming back to the room finds it.

import type { Message } from '../api/types'

/** By room and thread. */
export const editings = new Map<string, Message>()
export const replies = new Map<string, number>()
/** What an edit has come to, by message; until it is saved or given up. */
export const edits = new Map<number, string>()

/** As `map.set`; null takes it out. */
export function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | null): void {
  if (value === null)
    map.delete(key)
  else
    map.set(key, value)
}
