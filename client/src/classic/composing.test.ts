import { expect, test } from 'vitest'
import { TEXT_CHARS_AT_MOST, charsOver, isSendKey, maySend } from './composing'

const enter = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 }

test.each([
  ['Enter sends', enter, true],
  ['Shift and Enter break the line', { ...enter, shiftKey: true }, false],
  ['Enter of a composing input method does not send', { ...enter, isComposing: true }, false],
  ['Enter that ends a composition in Safari does not send', { ...enter, keyCode: 229 }, false],
  ['another key does not send', { ...enter, key: 'a', keyCode: 65 }, false],
])('%s', (_name, key, sends) => {
  expect(isSendKey(key)).toBe(sends)
})

test.each([
  ['nothing', '', false],
  ['blanks', ' \n　', false],
  ['a word', '好', true],
  ['as much as is allowed', '😀'.repeat(TEXT_CHARS_AT_MOST), true],
  ['one more than is allowed', 'a'.repeat(TEXT_CHARS_AT_MOST + 1), false],
])('%s may be sent or not', (_name, text, may) => {
  expect(maySend(text)).toBe(may)
})

test('what is too much is counted in code points', () => {
  expect(charsOver('😀'.repeat(TEXT_CHARS_AT_MOST + 3))).toBe(3)
})
