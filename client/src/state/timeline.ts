// The messages of a room that are loaded: a piece of its history without holes, which pages lengthen at either end and
// publications at its end. Pure; messages are never changed in place.

import type { Message, MessagePage } from '../api/types'

export interface Timeline {
  /** By number, ascending, each the next of the one before. */
  readonly messages: readonly Message[]
  /** False until a page has come. */
  readonly isLoaded: boolean
  readonly hasOlder: boolean
  /** While there are newer ones, what is posted is not shown: it would stand behind a hole. */
  readonly hasNewer: boolean
}

export const NOT_LOADED: Timeline = { messages: [], isLoaded: false, hasOlder: true, hasNewer: true }

/** A page in the place of what was loaded: the newest, or those around a message. */
export function startedWith(page: MessagePage): Timeline {
  return {
    messages: page.results,
    isLoaded: true,
    hasOlder: page.previous !== null,
    hasNewer: page.next !== null,
  }
}

/** A page of those before the first. One that does not end there, since another was quicker, changes nothing. */
export function withOlder(timeline: Timeline, page: MessagePage): Timeline {
  const first = timeline.messages[0]
  const last = page.results.at(-1)
  if (first !== undefined && last !== undefined && last.number !== first.number - 1)
    return timeline
  return { ...timeline, messages: [...page.results, ...timeline.messages], hasOlder: page.previous !== null }
}

/** A page of those after the last; what has been posted meanwhile is in it, or comes with the next one. */
export function withNewer(timeline: Timeline, page: MessagePage): Timeline {
  const last = timeline.messages.at(-1)
  const first = page.results[0]
  if (last !== undefined && first !== undefined && first.number !== last.number + 1)
    return timeline
  return { ...timeline, messages: [...timeline.messages, ...page.results], hasNewer: page.next !== null }
}

/** A message that was just posted; one that is there already is replaced, one beyond a hole only says that there is more. */
export function withPosted(timeline: Timeline, message: Message): Timeline {
  const last = timeline.messages.at(-1)
  if (!timeline.isLoaded || timeline.hasNewer)
    return timeline
  if (last === undefined || message.number === last.number + 1)
    return { ...timeline, messages: [...timeline.messages, message] }
  if (message.number > last.number)
    return { ...timeline, hasNewer: true }
  return withChanged(timeline, message)
}

/** A message as it is now, where it is loaded. */
export function withChanged(timeline: Timeline, message: Message): Timeline {
  const place = placeOf(timeline, message.number)
  return place < 0 ? timeline : { ...timeline, messages: timeline.messages.with(place, message) }
}

/** Only so many are kept, those at the end that is read. */
export function trimmed(timeline: Timeline, most: number, kept: 'oldest' | 'newest'): Timeline {
  if (timeline.messages.length <= most)
    return timeline
  return kept === 'newest'
    ? { ...timeline, messages: timeline.messages.slice(-most), hasOlder: true }
    : { ...timeline, messages: timeline.messages.slice(0, most), hasNewer: true }
}

export function messageWithId(timeline: Timeline, id: number): Message | undefined {
  return timeline.messages.find(message => message.id === id)
}

/** The place of the message with this number, -1 where it is not loaded. */
export function placeOf(timeline: Timeline, number: number): number {
  const first = timeline.messages[0]
  const place = first === undefined ? -1 : number - first.number
  return place >= 0 && place < timeline.messages.length ? place : -1
}
