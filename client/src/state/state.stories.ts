// What the server's own tests tell: what a client loaded before and after some acts, and the publications of these. The
// state that follows has to be the one that begins anew. The stories are in the folder that STORIES names.

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Member, MessagePage, NoticeNow, Pinned, Synced } from '../api/types'
import { badgeOf, unreadOf, withMembers, withPins, withTimeline } from './roomState'
import { applied, stateFrom, withLoadedRoom, withNotices, withRoom, type Publication, type State } from './state'
import { startedWith } from './timeline'

interface Loaded {
  readonly sync: Synced
  readonly messages: Readonly<Record<string, MessagePage>>
  readonly pins: Readonly<Record<string, readonly Pinned[]>>
  readonly members: Readonly<Record<string, readonly Member[]>>
  readonly notices: readonly NoticeNow[]
}

interface Story {
  readonly name: string
  readonly before: Loaded
  readonly after: Loaded
  readonly orders: Readonly<Record<string, readonly Publication[]>>
}

const folder = process.env.STORIES ?? ''
const stories = readdirSync(folder).map(file => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Story)

test('there are stories of every kind', () => {
  expect(stories.length).toBeGreaterThan(40)
})

describe.each(stories.map(story => [story.name, story] as const))('%s', (_, story) => {
  test.each(Object.entries(story.orders))('%s', (_order, publications) => {
    let state = begun(story.before)
    for (const publication of [...publications, ...publications])
      state = followed(state, publication, story.after)

    expect(shown(state)).toEqual(shown(begun(story.after)))
    expect(numbers(state)).toEqual(numbers(begun(story.after)))
  })
})

function begun(loaded: Loaded): State {
  let state = withNotices(stateFrom(loaded.sync), loaded.notices)
  for (const { room } of loaded.sync.rooms)
    state = opened(state, room.id, loaded)
  return state
}

/** As after somebody has looked into the room. */
function opened(state: State, id: number, loaded: Loaded): State {
  return withRoom(state, id, (room) => {
    const { messages, pins, members } = loaded
    const page = messages[id]
    return withMembers(
      withPins(page === undefined ? room : withTimeline(room, startedWith(page)), pins[id] ?? []), members[id] ?? [])
  })
}

function followed(state: State, publication: Publication, after: Loaded): State {
  const { state: next, toLoad, hasHole } = applied(state, publication)
  expect(hasHole ?? false).toBe(false)
  return toLoad.reduce((loaded, id) => opened(withLoadedRoom(loaded, id, after.sync), id, after), next)
}

function shown(state: State) {
  return {
    rooms: Object.fromEntries([...state.rooms].map(([id, room]) => [id, {
      room: room.room,
      membership: { joined_number: 0, is_favourite: false, muted_until: null, ...room.membership },
      lastNumber: room.lastNumber,
      mentions: [...room.mentions].sort((a, b) => a - b),
      messages: room.timeline.messages.map(message => ({
        ...message,
        // Of the thread that it begins, `threads` says more.
        thread: message.thread?.root === message.id ? undefined : message.thread?.root,
        is_pinned: message.is_pinned ?? false,
        reactions: message.reactions ?? [],
      })),
      threads: Object.fromEntries(room.threads),
      pins: Object.fromEntries(room.pins ?? []),
      members: Object.fromEntries(room.members ?? []),
    }])),
    drafts: Object.fromEntries(state.drafts),
    saved: [...state.saved].sort((a, b) => a - b),
    threads: Object.fromEntries([...state.threads]
      .filter(([, thread]) => thread.following !== 'none')
      .map(([id, { room, following, readNumber }]) => [id, { room, following, readNumber }])),
    notices: Object.fromEntries(state.notices),
    readings: Object.fromEntries(state.readings),
    unreadNotices: [...state.unreadNotices].sort((a, b) => a - b),
  }
}

/** As the room list shows them. */
function numbers(state: State) {
  return Object.fromEntries([...state.rooms].map(([id, room]) => [id, [unreadOf(room), badgeOf(room)]]))
}
