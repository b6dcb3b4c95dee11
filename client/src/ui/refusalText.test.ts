import { expect, test } from 'vitest'
import { ApiError } from '../api/request'
import { en } from '../language/en'
import { refusalOf } from './refusalText'

const shown = ['username']

test('a server that does not answer is told as such', () => {
  expect(refusalOf(new TypeError('fetch failed'), en, { shown }).text).toBe(en.serverUnreachable)
})

test('errors of shown fields stand at their fields, all others in the text', () => {
  const error = new ApiError(400, 'Invalid', 'Look below.', { username: ['Taken.'], other: ['No.'] })
  expect(refusalOf(error, en, { shown })).toEqual({ text: 'No.', fields: { username: ['Taken.'] } })
})

test('without errors of fields the detail is told, else the title', () => {
  expect(refusalOf(new ApiError(403, 'Forbidden', 'Only admins.'), en, { shown }).text).toBe('Only admins.')
  expect(refusalOf(new ApiError(403, 'Forbidden', ''), en, { shown }).text).toBe('Forbidden')
})

test('a form may have its own words for a status', () => {
  expect(refusalOf(new ApiError(401, 'Unauthorized', ''), en, { shown, own: { 401: 'Wrong.' } }).text).toBe('Wrong.')
})

test('too many attempts are told in our words', () => {
  expect(refusalOf(new ApiError(429, 'Throttled', ''), en, { shown }).text).toBe(en.tooManyAttempts)
})
