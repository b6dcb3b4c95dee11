import { expect, test } from 'vitest'
import { chooseLanguage } from './chooseLanguage'

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
