import { describe, expect, test } from 'vitest'
import type { NoticeNow, SyncedRoom } from '../api/types'
import { roomFrom } from '../state/roomState'
import { withNotices, type State } from '../state/state'
import { countsOf, forBanner, inOrder, lacksUnread, listsOf, mayPublish, requestOf, roomsToTell, wantsConfirmation, type Entered } from './notices'

const EMPTY: State = {
  me: { id: 1, username: 'alice', name: 'Alice', is_active: true }, heads: new Map(), rooms: new Map(), people: new Map(), drafts: new Map(),
  saved: [], threads: new Map(), notices: new Map(), readings: new Map(), unreadNotices: new Set(), lastNotice: 0,
}

function notice(id: number, push: number, changes: Partial<NoticeNow> = {}, asks = false): NoticeNow {
  return {
    push, at: push * 1_000, ...changes,
    notice: { id, title: `n${id}`, content: '', type: 1, author: 1, created_at: 0, updated_at: 0, asks_confirmation: asks },
  }
}

const ids = (shown: ReturnType<typeof inOrder>) => shown.map(one => one.notice.id)

test('a notice is for rooms but the lobby, which is everyone, and those that are archived', () => {
  const rooms = [{ id: 1, slug: 'lobby' }, { id: 2, slug: '' }, { id: 3, slug: 'old', archived_at: 5 }].map(room => roomFrom({
    room: { kind: 'public', created_at: 0, ...room }, membership: { role: 'member', level: 'everything', read_number: 0 },
    last_number: 0, unread: 0, badge: 0, mentions: [], head: { offset: 0, epoch: '' },
  } as unknown as SyncedRoom))
  expect(roomsToTell(rooms).map(({ room }) => room.id)).toEqual([2])
})

describe('the notices', () => {
  const known = withNotices(EMPTY, [notice(1, 30), notice(2, 10), notice(3, 20, { read_at: 5 })])

  test('stand by their last push, the newest first', () => {
    expect(ids(inOrder(known))).toEqual([1, 3, 2])
  })

  test('that are unread are in the banner, and those that were pushed again', () => {
    const state = { ...known, unreadNotices: new Set([1, 2]) }
    expect(ids(forBanner(state, new Set()))).toEqual([1, 2])
    expect(ids(forBanner(state, new Set([3])))).toEqual([1, 3, 2])
  })

  test('are to be loaded where an unread one is a number only', () => {
    expect(lacksUnread({ ...known, unreadNotices: new Set([1]) })).toBe(false)
    expect(lacksUnread({ ...known, unreadNotices: new Set([1, 9]) })).toBe(true)
  })

  test('ask for a confirmation until it is given', () => {
    const state = withNotices(EMPTY, [
      notice(1, 1, {}, true), notice(2, 2, { read_at: 5 }, true), notice(3, 3, { read_at: 5, confirmed_at: 6 }, true), notice(4, 4),
    ])
    expect(inOrder(state).map(one => wantsConfirmation(one, state))).toEqual([false, false, true, true])
  })
})

test('who has read it is counted in four lists, in two where nothing is to be confirmed', () => {
  expect(countsOf({ people: 12, read: 8, confirmed: 5, results: [], next: null }))
    .toEqual({ read: 8, unread: 4, confirmed: 5, unconfirmed: 7 })
  expect([listsOf(true).length, listsOf(false).length]).toEqual([4, 2])
})

describe('publishing', () => {
  const entered: Entered = {
    title: ' Tea ', content: 'c', type: 2, audience: 'everyone', people: [4], rooms: [5], asksConfirmation: true,
  }

  test('says only for whom it was chosen', () => {
    expect(requestOf(entered)).toEqual({ title: 'Tea', content: 'c', type: 2, asks_confirmation: true })
    expect(requestOf({ ...entered, audience: 'people' })).toMatchObject({ people: [4] })
    expect(requestOf({ ...entered, audience: 'people' })).not.toHaveProperty('rooms')
    expect(requestOf({ ...entered, audience: 'rooms' })).toMatchObject({ rooms: [5] })
  })

  test('needs a title and somebody', () => {
    expect(mayPublish(entered)).toBe(true)
    expect(mayPublish({ ...entered, title: '  ' })).toBe(false)
    expect(mayPublish({ ...entered, audience: 'people', people: [] })).toBe(false)
    expect(mayPublish({ ...entered, audience: 'rooms', rooms: [] })).toBe(false)
  })
})
