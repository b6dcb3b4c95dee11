import { describe, expect, test } from 'vitest'
import { answerOf, type UploadAnswer } from '../api/files'
import type { File as StoredFile } from '../api/types'
import { MOST_FILES, MOST_FILE_BYTES } from './limits'
import {
  MOST_FAILURES, PIECE_BYTES, changed, firstAttempt, newUpload, outcomeOf, readyIdsOf,
  startable, stepOf, takenOf, type Uploads,
} from './uploads'

const stored: StoredFile = { id: 7, name: 'a.bin', type: 'application/octet-stream', size: 3 }
const upload = (key: string, size = 5) => newUpload(key, { name: `${key}.txt`, size, type: 'text/plain' }, null)
const refused = (status: number, slug = '', retryAfterMs = 0): UploadAnswer =>
  ({ is: 'refused', status, slug, retryAfterMs, receivedBytes: null })
const large = firstAttempt(2 * PIECE_BYTES + 1)
const whole = { is: 'send', first: 0, end: 5, isWhole: true } as const

describe('what is taken', () => {
  test.each([
    ['an empty one', 0, 'empty'],
    ['one byte too many', MOST_FILE_BYTES + 1, 'tooLarge'],
  ])('C8 %s is refused before it is sent', (_, size, reason) => {
    expect(upload('a', size).state).toEqual({ is: 'failed', reason, mayRetry: false })
  })

  test('C8 the largest that the server takes is begun', () => {
    expect(upload('a', MOST_FILE_BYTES).state).toEqual({ is: 'waiting' })
  })

  test('C8 the eleventh of a message is left out, and a refused one takes nobody’s place', () => {
    const nine: Uploads = Array.from({ length: MOST_FILES - 1 }, (_, n) => upload(String(n)))
    expect(takenOf(nine, [1, 1])).toEqual([0])
    expect(takenOf(nine, [0, 1, 1])).toEqual([0, 1])
    expect(takenOf([...nine, upload('large', MOST_FILE_BYTES + 1)], [1])).toEqual([0])
  })
})

test('three are on their way at once, the oldest first', () => {
  const four: Uploads = ['a', 'b', 'c', 'd'].map(key => upload(key))
  expect(startable(four)).toEqual(['a', 'b', 'c'])
  expect(startable(changed(four, 'a', { state: { is: 'uploading' } }))).toEqual(['b', 'c'])
})

test('the ids for the message are in the order of choosing, not of arriving', () => {
  const done = (id: number) => ({ state: { is: 'done', file: { ...stored, id } } } as const)
  expect(readyIdsOf(changed(changed([upload('a'), upload('b'), upload('c')], 'c', done(1)), 'a', done(2)))).toEqual([2, 1])
})

describe('pieces', () => {
  test('what fits goes in one request, what does not in pieces of 4 MiB', () => {
    expect(stepOf(firstAttempt(PIECE_BYTES))).toEqual({ is: 'send', first: 0, end: PIECE_BYTES, isWhole: true })
    expect(stepOf(large)).toEqual({ is: 'send', first: 0, end: PIECE_BYTES, isWhole: false })
    expect(stepOf({ ...large, receivedBytes: 2 * PIECE_BYTES }))
      .toEqual({ is: 'send', first: 2 * PIECE_BYTES, end: 2 * PIECE_BYTES + 1, isWhole: false })
  })

  test('C8 after a lost connection a large one asks how far it has come, a small one is sent again', () => {
    const lost = outcomeOf(large, stepOf(large), { is: 'lost' })
    expect(lost).toMatchObject({ is: 'onward', hasFailed: true, attempt: { failures: 1, isUnsure: true } })
    expect(stepOf({ ...large, isUnsure: true })).toEqual({ is: 'ask' })
    expect(stepOf({ ...firstAttempt(5), isUnsure: true })).toEqual(whole)
  })

  test('it goes on from what has arrived, and the failures are forgotten', () => {
    const unsure = { ...large, failures: 3, isUnsure: true }
    expect(outcomeOf(unsure, { is: 'ask' }, { is: 'partial', receivedBytes: 99 }))
      .toMatchObject({ is: 'onward', hasFailed: false, attempt: { receivedBytes: 99, failures: 0, isUnsure: false } })
  })

  test('a piece behind a hole sends it back to where the hole begins', () => {
    const answer: UploadAnswer = { is: 'refused', status: 409, slug: 'conflict', retryAfterMs: 0, receivedBytes: 0 }
    expect(outcomeOf({ ...large, receivedBytes: PIECE_BYTES }, stepOf(large), answer))
      .toMatchObject({ is: 'onward', attempt: { receivedBytes: 0, failures: 1 } })
  })

  test('when all has arrived and the answer was lost, the last byte is sent for it', () => {
    const { sizeBytes } = large
    expect(stepOf({ ...large, receivedBytes: sizeBytes })).toMatchObject({ first: sizeBytes - 1, end: sizeBytes })
  })
})

describe('C8 refusals', () => {
  test.each([
    [401, '', 'signedOut', true],
    [403, 'muted', 'forbidden', true],
    [404, 'not_a_member', 'notFound', false],
    [409, 'archived', 'archived', false],
    [409, 'key_conflict', 'conflict', false],
    [413, 'quota_exceeded', 'noSpace', true],
    [413, '', 'tooLargeForServer', false],
    [415, 'bad_file', 'unsupported', false],
    [400, 'bad_argument', 'refused', false],
  ])('%i %s has words of its own', (status, slug, reason, mayRetry) => {
    expect(outcomeOf(firstAttempt(5), whole, refused(status, slug))).toEqual({ is: 'failed', reason, mayRetry })
  })

  test.each([[429, 'tooOften'], [503, 'busy'], [500, 'serverError'], [408, 'network']])(
    '%i is tried again some times, then a person is asked', (status, reason) => {
      expect(outcomeOf(firstAttempt(5), whole, refused(status))).toMatchObject({ is: 'onward', hasFailed: true })
      expect(outcomeOf({ ...firstAttempt(5), failures: MOST_FAILURES - 1 }, whole, refused(status)))
        .toEqual({ is: 'failed', reason, mayRetry: true })
    })

  test('the server’s pause is kept, unless it is longer than anybody waits', () => {
    expect(outcomeOf(firstAttempt(5), whole, refused(503, '', 2000))).toMatchObject({ is: 'onward', waitMs: 2000 })
    expect(outcomeOf(firstAttempt(5), whole, refused(429, '', 60_000))).toMatchObject({ is: 'failed', reason: 'tooOften' })
  })

  test('what the browser cannot read is not tried again', () => {
    expect(outcomeOf(firstAttempt(5), whole, { is: 'unreadable' }))
      .toEqual({ is: 'failed', reason: 'unreadable', mayRetry: false })
  })
})

describe('answers', () => {
  test.each([
    ['none', 0, '', { is: 'lost' }],
    ['a file', 201, JSON.stringify(stored), { is: 'complete', file: stored }],
    ['a file of an earlier upload', 200, JSON.stringify({ received_bytes: 3, file: stored }), { is: 'complete', file: stored }],
    ['a piece', 202, '{"received_bytes": 3}', { is: 'partial', receivedBytes: 3 }],
    ['a page of somebody else’s', 200, '<html>', { is: 'lost' }],
    ['a proxy’s refusal', 413, '<html>', refused(413)],
    ['a hole', 409, '{"slug": "conflict", "received_bytes": 0}', { ...refused(409, 'conflict'), receivedBytes: 0 }],
  ])('%s is understood', (_, status, text, expected) => {
    expect(answerOf(status, text, null)).toEqual(expected)
  })

  test('a pause comes in seconds', () => {
    expect(answerOf(503, '', '2')).toEqual(refused(503, '', 2000))
  })
})
