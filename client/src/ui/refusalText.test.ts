import { expect, test } from 'vitest'
import { ApiError } from '../api/request'
import { en } from '../language/en'
import { zhHans } from '../language/zhHans'
import { refusalOf } from './refusalText'

const shown = ['username']

test('a server that does not answer is told as such', () => {
  expect(refusalOf(new TypeError('fetch failed'), en, { shown, language: 'en' }).text).toBe(en.serverUnreachable)
})

test('errors of shown fields stand at their fields, all others in the text', () => {
  const error = new ApiError(400, 'Invalid', 'Look below.', { username: ['Taken.'], other: ['No.'] })
  expect(refusalOf(error, en, { shown, language: 'en' })).toEqual({ text: 'No.', fields: { username: ['Taken.'] } })
})

test('without errors of fields the detail is told, else the title', () => {
  expect(refusalOf(new ApiError(403, 'Forbidden', 'Only admins.'), en, { shown, language: 'en' }).text).toBe('Only admins.')
  expect(refusalOf(new ApiError(403, 'Forbidden', ''), en, { shown, language: 'en' }).text).toContain('not allowed')
})

test('a form may have its own words for a status', () => {
  expect(refusalOf(new ApiError(401, 'Unauthorized', ''), en, { shown, language: 'en', own: { 401: 'Wrong.' } }).text).toBe('Wrong.')
})

test('too many attempts are told in our words', () => {
  expect(refusalOf(new ApiError(429, 'Throttled', ''), en, { shown, language: 'en' }).text).toBe(en.tooManyAttempts)
})

test.each([413, 500, 502])('A11 %i is told plainly, whatever stands in the answer', (status) => {
  const error = new ApiError(status, 'Internal Server Error', 'A body may have 4096 bytes.')
  expect(refusalOf(error, zhHans, { shown, language: 'zh-Hans' }).text).toMatch(/服务器/)
  expect(refusalOf(error, en, { shown, language: 'en' }).text).not.toMatch(/4096|Internal/)
})
