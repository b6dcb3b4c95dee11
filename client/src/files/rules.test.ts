import { expect, test } from 'vitest'
import { fileKind, pictureBox, pictureOf } from './fileKind'
import { fileSize } from './fileSize'
import { WORDS as UPLOADS } from './uploadWords'
import { WORDS } from './words'
import { FITTING, moved, zoomed } from './zoom'

test.each([
  [1, '1 byte', '1字节'],
  [1023, '1,023 bytes', '1,023字节'],
  [1536, '1.5 KB', '1.5 KB'],
  [1024 * 1024 - 1, '1 MB', '1 MB'],
  [50 * 1024 * 1024, '50 MB', '50 MB'],
  [9.4 * 1024 ** 3, '9.4 GB', '9.4 GB'],
])('%i bytes are written as a person says it', (bytes, en, zh) => {
  expect([fileSize(bytes, 'en'), fileSize(bytes, 'zh-Hans')]).toEqual([en, zh])
})

test.each([
  ['image/png', 'a', 'image'],
  ['text/plain', 'a.csv', 'sheet'],
  ['text/plain', 'a.py', 'text'],
  ['application/zip', 'a.docx', 'document'],
  ['application/zip', 'a.zip', 'archive'],
  ['application/pdf', 'a.zip', 'pdf'],
  ['application/octet-stream', 'a', 'other'],
] as const)('%s %s is shown as %s', (type, name, kind) => {
  expect(fileKind({ type, name })).toBe(kind)
})

test('R10 a box has the shape of the picture, is never larger than it, nor a mere line', () => {
  expect(pictureBox({ width: 1600, height: 1200 })).toEqual({ width: 320, height: 240 })
  expect(pictureBox({ width: 600, height: 1200 })).toEqual({ width: 120, height: 240 })
  expect(pictureBox({ width: 100, height: 50 })).toEqual({ width: 100, height: 50 })
  expect(pictureBox({ width: 4000, height: 10 })).toEqual({ width: 320, height: 40 })
})

test('what the server did not write anew is no picture', () => {
  const file = { id: 1, name: 'a', type: 'image/png', size: 1 }
  expect(pictureOf(file)).toBeNull()
  expect(pictureOf({ ...file, width: 2, height: 1, thumbnail: { width: 2, height: 1 } }))
    .toEqual({ id: 1, name: 'a', width: 2, height: 1 })
})

test('what is under the pointer stays there while it grows, and all comes back at the end', () => {
  const larger = zoomed(FITTING, 2, { x: 100, y: -50 })
  expect(larger).toEqual({ scale: 2, x: -100, y: 50 })
  expect(zoomed(larger, 0.1, { x: 3, y: 3 })).toEqual(FITTING)
  expect(moved(larger, { x: 9999, y: 0 }, { width: 200, height: 100 })).toEqual({ scale: 2, x: 100, y: 50 })
})

test('A9 both languages have the same texts', () => {
  expect(Object.keys(WORDS['zh-Hans']).sort()).toEqual(Object.keys(WORDS.en).sort())
  expect(UPLOADS.en.reasons('50 MB').tooLarge).toContain('50 MB')
  expect(UPLOADS['zh-Hans'].reasons('50 MB').tooLarge).toContain('50 MB')
})
