import { expect, test } from 'vitest'
import { chooseLanguage, momentText } from './chooseLanguage'

test.each([
  [null, 'zh-CN', 'zh-Hans'],
  [null, 'zh', 'zh-Hans'],
  [null, 'ZH-TW', 'zh-Hans'],
  [null, 'en-GB', 'en'],
  [null, 'de', 'en'],
  [null, '', 'en'],
  ['en', 'zh-CN', 'en'],
  ['zh-Hans', 'en', 'zh-Hans'],
  ['tlh', 'zh-CN', 'zh-Hans'],
])('kept %s and preferred %s make %s', (kept, preferred, language) => {
  expect(chooseLanguage(kept, preferred)).toBe(language)
})

test('a moment is written in the form of its language', () => {
  const moment = new Date(2026, 10, 23, 9, 5, 7).getTime()
  expect(momentText(moment, 'zh-Hans')).toBe('11月23日 09:05:07')
  expect(momentText(moment, 'en')).toBe('Nov 23, 09:05:07')
})
