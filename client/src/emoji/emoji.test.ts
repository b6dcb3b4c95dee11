import { beforeAll, expect, test } from 'vitest'
import { emojiList } from './emojiList'
import { emojiFound, toned, type Emoji, type Tone } from './emojiSearch'
import { placeAfter } from './gridMoves'

let list: readonly Emoji[]
beforeAll(async () => {
  list = await emojiList()
})

const emojiOf = (emoji: string) => list.find(one => one.emoji === emoji)

test.each([
  ['smi', '😃'],
  ['joy', '😂'],
  ['thumbs', '👍️'],
  ['+1', '👍️'],
  ['拇指', '👍️'],
  ['笑哭', '😂'],
  ['tea', '🍵'],
  ['茶', '🍵'],
  ['green heart', '💚'],
  ['flag_ch', '🇨🇳'],
  ['🍵', '🍵'],
])('C6 "%s" finds %s among the first', (query, emoji) => {
  const found = emojiFound(list, query, 12).map(one => one.emoji.replaceAll('\ufe0f', ''))
  expect(found).toContain(emoji.replaceAll('\ufe0f', ''))
})

test('C6 nothing is found by nothing, by spaces, and by what no emoji is called', () => {
  expect([...emojiFound(list, ''), ...emojiFound(list, ' _ '), ...emojiFound(list, 'qqqqq')]).toEqual([])
})

test('a name that is the query comes before one that it begins', () => {
  expect(emojiFound(list, 'heart')[0]?.shortcodes).toContain('heart')
})

test('every emoji has both names, a name to type, and a group', () => {
  expect(list.length).toBeGreaterThan(1800)
  for (const { names, shortcodes, group } of list) {
    expect(names.en).not.toBe('')
    expect(names['zh-Hans']).not.toBe('')
    expect(shortcodes.every(code => /^[\p{L}\p{N}_+-]+$/u.test(code))).toBe(true)
    expect([0, 1, 3, 4, 5, 6, 7, 8, 9]).toContain(group)
  }
  expect(list.filter(({ names }) => !/\p{Script=Han}/u.test(names['zh-Hans'])).length).toBeLessThan(20)
})

test.each<[string, Tone, string]>([
  ['👋', 1, '👋🏻'],
  ['👋', 0, '👋'],
  ['🕵️', 5, '🕵🏿'],
  ['👩‍🚀', 3, '👩🏽‍🚀'],
  ['☝️', 2, '☝🏼'],
  ['🍵', 3, '🍵'],
])('%s in tone %i is %s', (emoji, tone, expected) => {
  expect(toned(emojiOf(emoji) as Emoji, tone)).toBe(expected)
})

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowRight', 9, 9],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 0, 4],
  ['ArrowDown', 3, 4],
  ['ArrowDown', 4, 5],
  ['ArrowDown', 9, 9],
  ['ArrowUp', 9, 5],
  ['ArrowUp', 6, 4],
  ['ArrowUp', 4, 0],
  ['ArrowUp', 2, null],
  ['Home', 7, 0],
  ['End', 1, 9],
  ['a', 1, null],
])('%s from place %i of groups of 5 and 5 in rows of 4 leads to %s', (key, place, next) => {
  expect(placeAfter(key, place, [5, 5], 4)).toBe(next)
})
