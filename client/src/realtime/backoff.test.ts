import { expect, test } from 'vitest'
import { reconnectDelayMs } from './backoff'

test('delays grow from a quarter of a second to half a minute', () => {
  expect([1, 2, 3, 10, 1000].map(failures => reconnectDelayMs(failures, 0.999_999)).map(Math.round))
    .toEqual([500, 1000, 2000, 30_000, 30_000])
  expect([1, 10].map(failures => reconnectDelayMs(failures, 0))).toEqual([250, 250])
})

test('a hundred who lost their server for long come back over all of half a minute', () => {
  const delays = Array.from({ length: 100 }, (_, place) => reconnectDelayMs(10, place / 100))
  const thirds = [0, 1, 2].map(third => delays.filter(delay => Math.floor(delay / 10_000) === third).length)
  for (const count of thirds)
    expect(count).toBeGreaterThan(25)
})
