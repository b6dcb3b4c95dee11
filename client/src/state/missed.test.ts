import { expect, test } from 'vitest'
import type { Synced } from '../api/types'
import { MOST_MISSED, returned } from './missed'
import { withTimeline } from './roomState'
import { stateFrom, withRoom, type State } from './state'
import { startedWith } from './timeline'

const head = (offset: number) => ({ offset, epoch: 'e' })

function synced(offset: number): Synced {
  return {
    user: { id: 1, username: 'a', name: 'A', is_active: true },
    now: 0,
    rooms: [{
      room: { id: 7, kind: 'public', name: 'Tea', created_at: 0 },
      membership: { role: 'member', level: 'everything', read_number: 0 },
      head: head(offset),
      last_number: offset,
      first_unread: 1,
    }],
    user_head: head(3),
    site_head: head(0),
    people: [],
    drafts: [],
    saved: [],
    notices: { unread: [], last: 0 },
    threads: [],
    unread_threads: 0,
  }
}

function opened(offset: number): State {
  const message = { id: 1, room: 7, number: offset, author: 2, at: 0, body: 'a' }
  return withRoom(stateFrom(synced(offset)), 7, room =>
    withTimeline(room, startedWith({ results: [message], previous: null, next: null })))
}

test('N5 a room that was loaded is followed from where it was, with the new counts', () => {
  const { state, toFollow } = returned(opened(5), stateFrom(synced(205)))
  expect([...toFollow]).toEqual([[7, 5]])
  expect(state.heads.get('room:7')).toBe(5)
  expect(state.rooms.get(7)?.timeline.messages).toHaveLength(1)
  expect(state.rooms.get(7)?.lastNumber).toBe(205)
})

test('a room in which nothing happened stays as it was', () => {
  const { state, toFollow } = returned(opened(5), stateFrom(synced(5)))
  expect(toFollow.size).toBe(0)
  expect(state.rooms.get(7)?.timeline.isLoaded).toBe(true)
})

test('a room that moved on too far, or was set back, is loaded anew', () => {
  for (const offset of [6 + MOST_MISSED, 4]) {
    const { state, toFollow } = returned(opened(5), stateFrom(synced(offset)))
    expect(toFollow.size).toBe(0)
    expect(state.rooms.get(7)?.timeline.isLoaded).toBe(false)
    expect(state.heads.get('room:7')).toBe(offset)
  }
})
