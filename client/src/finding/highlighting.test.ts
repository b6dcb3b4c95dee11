import { expect, test } from 'vitest'
import { excerptOf, piecesOf, termsOf } from './highlighting'

test('R12 highlights count code points, not the halves of an emoji', () => {
  expect(piecesOf('😀😀开会啦', [[2, 4]])).toEqual([
    { text: '😀😀', isHit: false }, { text: '开会', isHit: true }, { text: '啦', isHit: false },
  ])
})

test('a text in which nothing is found is one piece, an empty one none', () => {
  expect(piecesOf('abc', [])).toEqual([{ text: 'abc', isHit: false }])
  expect(piecesOf('', [])).toEqual([])
})

test('ranges that overlap show nothing twice', () => {
  expect(piecesOf('abcd', [[0, 2], [1, 3]]).map(({ text }) => text).join('')).toBe('abcd')
})

test('R12 of a long text the first hit is shown with what is around it', () => {
  const shown = excerptOf(`${'a'.repeat(1_000)}开会${'b'.repeat(1_000)}`, [[1_000, 1_002]])
  expect(shown.map(({ text }) => text === '…' || text.length)).toEqual([true, 60, 2, 298, true])
  expect(shown[2]).toEqual({ text: '开会', isHit: true })
})

test('terms are what was found, each once', () => {
  expect(termsOf('Tea and tea', [[0, 3], [8, 11]])).toEqual(['tea'])
})
