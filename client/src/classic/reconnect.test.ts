import { expect, test } from 'vitest'
import { reconnectDelayMs } from './reconnect'

test.each([
  ['the first wait is half a second', 0, 1006, 500],
  ['it doubles', 1, 1006, 1000],
  ['and doubles', 4, 1006, 8000],
  ['up to ten seconds', 5, 1006, 10_000],
  ['and stays there for ever', 5000, 1006, 10_000],
  ['a restart waits like any loss', 0, 1012, 500],
  ['a full server waits like any loss', 0, 1013, 500],
  ['an unknown fault waits like any loss', 0, 4000, 500],
  ['a loss without a close waits too', 0, null, 500],
  ['an expired token is replaced at once', 0, 4003, 0],
  ['a missing token is replaced at once', 0, 4001, 0],
  ['a new token that is refused again waits', 1, 4003, 1000],
])('%s', (_name, failures, code, delayMs) => {
  expect(reconnectDelayMs(failures, code, 0.5)).toBe(delayMs)
})

test('chance spreads the wait by a quarter to either side', () => {
  expect(reconnectDelayMs(1, null, 0)).toBe(750)
  expect(reconnectDelayMs(1, null, 1)).toBe(1250)
})
