import { expect, test } from 'vitest'
import { LANGUAGES } from '../language/chooseLanguage'
import { statusText } from './statusTexts'

test.each([403, 413, 429, 500, 502, 503, 504])('A11 %i has a text of its own in each language', (status) => {
  const [chinese, english] = LANGUAGES.map(language => statusText(status, language))
  expect(chinese).toMatch(/[一-鿿]/)
  expect(english).toMatch(/^[\x20-\x7e]+$/)
})

test('A11 what the server says of a field or a conflict is better said by itself', () => {
  expect([400, 404, 409].map(status => statusText(status, 'en'))).toEqual([undefined, undefined, undefined])
})
