import { expect, test } from 'vitest'
import { isOfInputMethod } from '../ui/inputMethod'
import { isSendKey, markOfKey } from './keys'
import { charsLeft, maySend } from './limits'
import { filesOf } from './pasting'

const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13 }
const enter = { ...none, key: 'Enter' }

test.each([
  ['Enter', enter, true, false],
  ['Shift+Enter', { ...enter, shiftKey: true }, false, false],
  ['Ctrl+Enter', { ...enter, ctrlKey: true }, true, true],
  ['Cmd+Enter', { ...enter, metaKey: true }, true, true],
  ['Alt+Enter', { ...enter, altKey: true }, false, false],
  ['a letter', { ...enter, key: 'a' }, false, false],
])('C1 %s sends or not, by default and where Enter breaks the line', (_, key, byDefault, swapped) => {
  expect([isSendKey(key, true), isSendKey(key, false)]).toEqual([byDefault, swapped])
})

test.each([
  ['composing', { ...enter, isComposing: true }, 1000, true],
  ['the key code 229 alone, as in Safari', { ...enter, keyCode: 229 }, 1000, true],
  ['the moment the composition ended', enter, 3, true],
  ['later', enter, 100, false],
  ['a letter right after', { ...enter, key: 'a', keyCode: 65 }, 3, false],
])('C2 whether a key belongs to the input method: %s', (_, key, ms, belongs) => {
  expect(isOfInputMethod(key, ms)).toBe(belongs)
})

test.each([
  ['Ctrl+B', { ...none, key: 'b', ctrlKey: true }, 'bold'],
  ['Cmd+I', { ...none, key: 'i', metaKey: true }, 'italic'],
  ['Ctrl+E', { ...none, key: 'e', ctrlKey: true }, 'code'],
  ['Ctrl+Shift+C', { ...none, key: 'C', ctrlKey: true, shiftKey: true }, 'codeBlock'],
  ['Ctrl+C', { ...none, key: 'c', ctrlKey: true }, null],
  ['Ctrl+K, which is the palette', { ...none, key: 'k', ctrlKey: true }, null],
  ['AltGr+E, which is Ctrl+Alt', { ...none, key: 'e', ctrlKey: true, altKey: true }, null],
  ['b', { ...none, key: 'b' }, null],
])('%s is a mark or none', (_, key, mark) => {
  expect(markOfKey(key)).toBe(mark)
})

test.each([
  ['', false, false],
  [' \n\t　', false, false],
  ['', true, true],
  ['a', false, true],
  ['a'.repeat(500), false, true],
  ['😀'.repeat(500), true, true],
  ['a'.repeat(501), true, false],
])('C3 the text may be sent, with files and without: case %#', (text, hasFiles, may) => {
  expect(maySend(text, { mostChars: 500, hasFiles })).toBe(may)
})

test('C3 the counter appears near the limit and counts code points', () => {
  expect(charsLeft('a'.repeat(299), 500)).toBeNull()
  expect(charsLeft('😀'.repeat(299), 500)).toBeNull()
  expect(charsLeft('a'.repeat(300), 500)).toBe(200)
  expect(charsLeft('😀'.repeat(502), 500)).toBe(-2)
})

test.each([
  ['a screenshot', ['Files'], true],
  ['an image of a page', ['text/html', 'Files'], true],
  ['a file copied with its name', ['text/plain', 'Files'], true],
  ['cells with a picture of them', ['text/plain', 'text/html', 'Files'], false],
])('C7 pasting %s', (_, types, isTaken) => {
  const file = new File(['x'], 'x.png')
  expect(filesOf({ files: [file], types })).toEqual(isTaken ? [file] : [])
})
