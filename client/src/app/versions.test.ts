import { expect, test } from 'vitest'
import { builtFile, isOtherVersion, mayReload } from './versions'

const ENTRY = 'src/chat/main.ts'
const manifest = { [ENTRY]: { file: 'assets/chat-B2.js' } }

test.each([
  ['http://a/static/teahouse/assets/chat-B2.js', false],
  ['/static/teahouse/assets/chat-A1.js', true],
  ['', false],
])('A12 a page that runs %s is outdated: %s', (loaded, expected) => {
  expect(isOtherVersion(loaded, builtFile(manifest, ENTRY))).toBe(expected)
})

test.each([null, 'x', {}, { [ENTRY]: {} }])('A12 what is no manifest tells of no version', (value) => {
  expect(isOtherVersion('/static/teahouse/assets/chat-A1.js', builtFile(value, ENTRY))).toBe(false)
})

test('A12 a part that is gone reloads once, and not without a network', () => {
  expect(mayReload('chat-A1.js', null, true)).toBe(true)
  expect(mayReload('chat-A1.js', 'chat-A1.js', true)).toBe(false)
  expect(mayReload('chat-B2.js', 'chat-A1.js', true)).toBe(true)
  expect(mayReload('chat-A1.js', null, false)).toBe(false)
})
