import { expect, test } from 'vitest'
import { momentText } from './momentText'

test('a moment is written in the form of its language', () => {
  const moment = new Date(2026, 10, 23, 9, 5, 7).getTime()
  expect(momentText(moment, 'zh-Hans')).toBe('11月23日 09:05:07')
  expect(momentText(moment, 'en')).toBe('Nov 23, 09:05:07')
})
