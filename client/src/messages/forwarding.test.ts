import { expect, test } from 'vitest'
import { attemptOf } from './forwarding'
import { notReadBy } from './notReadBy'

test('the same copy again has the same key, another room or comment a new one', () => {
  let made = 0
  const newKey = () => `k${made += 1}`
  const first = attemptOf(null, 'room 1', 'see', newKey)
  expect(attemptOf(first, 'room 1', 'see', newKey).key).toBe('k1')
  expect(attemptOf(first, 'room 2', 'see', newKey).key).toBe('k2')
  expect(attemptOf(first, 'room 1', 'look', newKey).key).toBe('k3')
})

test('the author has not to read what they wrote', () => {
  expect(notReadBy([1, 2, 3], [3], 1)).toEqual([2])
})
