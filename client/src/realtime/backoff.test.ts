import { expect, test } from 'vitest'
import { reconnectDelayMs } from './backoff'

test('N4 delays grow from a quarter of a second to half a minute', () => {
  expect([1, 2, 3, 10, 1000].map(failures => reconnectDelayMs(failures, 0.999_999)).map(Math.round))
    .toEqual([500, 1000, 2000, 30_000, 30_000])
  expect([1, 10].map(failures => reconnectDelayMs(failures, 0))).toEqual([250, 250])
})

test('N4 a hundred who lost their server for long come back over all of half a minute', () => {
  const delays = Array.from({ length: 100 }, (_, place) => reconnectDelayMs(10, place / 100))
  const thirds = [0, 1, 2].map(third => delays.filter(delay => Math.floor(delay / 10_000) === third).length)
  for (const count of thirds)
    expect(count).toBeGreaterThan(25)
})

test('N4 a hundred pages whose server restarts do not come back together, at each attempt less', () => {
  // A generator of its own, so that a failure is the same failure tomorrow.
  let seed = 7
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const clients = Array.from({ length: 100 }, () => {
    let at = 0
    return [1, 2, 3, 4, 5, 6, 7, 8].map(failures => at += reconnectDelayMs(failures, random()))
  })
  const most = (attempt: number, withinMs: number) => {
    const moments = clients.map(attempts => attempts[attempt] ?? 0).sort((one, other) => one - other)
    return Math.max(...moments.map(from => moments.filter(at => at >= from && at < from + withinMs).length))
  }
  for (const attempts of clients) {
    for (const [place, at] of attempts.entries()) {
      const delay = at - (attempts[place - 1] ?? 0)
      expect(delay).toBeGreaterThanOrEqual(250)
      expect(delay).toBeLessThanOrEqual(30_000)
    }
  }
  expect(most(0, 100)).toBeLessThan(60)
  expect(most(3, 100)).toBeLessThan(15)
  expect(most(7, 1_000)).toBeLessThan(12)
})
