// Drafts that the server has not been told yet, as they are kept in this browser: one list for all of its tabs, so that
// none of them takes away what another has written. Nothing here asks the server.

import type { Draft } from '../state/state'

export interface Unsaid extends Draft {
  readonly room: number
  readonly thread: number | null
}

export type UnsaidDrafts = ReadonlyMap<string, Unsaid>

export function unsaidOf(kept: string | null): UnsaidDrafts {
  try {
    const value: unknown = JSON.parse(kept ?? '[]')
    return new Map(Array.isArray(value) ? value as [string, Unsaid][] : [])
  }
  catch {
    return new Map()
  }
}

/** The list with this one, or without it for null; what it has of other places stays. */
export function withUnsaid(kept: string | null, place: string, draft: Unsaid | null): string {
  const drafts = new Map(unsaidOf(kept))
  if (draft === null)
    drafts.delete(place)
  else
    drafts.set(place, draft)
  return JSON.stringify([...drafts])
}

/** What another tab has written between these two. What is not there any more was told to the server, which tells of it. */
export function changedIn(before: UnsaidDrafts, after: UnsaidDrafts): readonly (readonly [place: string, draft: Unsaid])[] {
  return [...after].filter(([place, draft]) => !isSame(before.get(place), draft))
}

export function isSame(one: Unsaid | undefined, other: Unsaid | undefined): boolean {
  return one?.body === other?.body && one?.replyTo === other?.replyTo
}
