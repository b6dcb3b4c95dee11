import { expect, test } from 'vitest'
import { fitOf, merged, ranked } from './ranking'

const item = (label: string, ...also: string[]) => ({ key: label, label, also })

test('A3 the whole name is before its beginning, this before a word in it, and the rest', () => {
  const items = [item('steam'), item('Green tea'), item('Teahouse'), item('Tea'), item('Bob', 'teabob'), item('Coffee')]
  expect(ranked(items, 'tea').map(({ label }) => label)).toEqual(['Tea', 'Teahouse', 'Green tea', 'steam', 'Bob'])
})

test('case and width make no difference', () => {
  expect(fitOf(item('Tea'), 'ＴＥＡ')).toBe(0)
  expect(fitOf(item('开发组'), '开发')).toBe(1)
  expect(fitOf(item('开发组'), 'kf')).toBeNull()
})

test('A3 what the server finds later does not move what is there', () => {
  expect(merged([item('b'), item('a')], [item('a'), item('c'), item('c')]).map(({ key }) => key)).toEqual(['b', 'a', 'c'])
})
