import { expect, test } from 'vitest'
import { PACE_MS, SILENT, spoken, waitMs, withHeard } from './announcing'

const many = (count: number) => `${count} new messages`
const said = (text: string) => ({ name: 'Bob', text })

test('A8 one message is spoken at once, as name and text', () => {
  const { text, rest } = spoken(withHeard(SILENT, said('hello')), 10_000, many)
  expect(text).toBe('Bob: hello')
  expect(waitMs(rest, 10_000)).toBeNull()
})

test('A8 the next one waits until a second is over', () => {
  const { rest } = spoken(withHeard(SILENT, said('one')), 10_000, many)
  const waiting = withHeard(rest, said('two'))
  expect(waitMs(waiting, 10_300)).toBe(PACE_MS - 300)
  expect(spoken(waiting, 10_999, many)).toEqual({ text: '', rest: waiting })
  expect(spoken(waiting, 11_000, many).text).toBe('Bob: two')
})

test('A8 a burst is one sentence with its count', () => {
  const { rest } = spoken(withHeard(SILENT, said('one')), 10_000, many)
  const burst = Array.from({ length: 40 }, (_, place) => said(`${place}`)).reduce(withHeard, rest)
  expect(spoken(burst, 11_000, many)).toEqual({ text: '40 new messages', rest: { waiting: [], lastAt: 11_000 } })
})

test('A8 nothing is said when nothing was heard', () => {
  expect(spoken(SILENT, 10_000, many)).toEqual({ text: '', rest: SILENT })
})

test('A8 a long text is cut', () => {
  expect(spoken(withHeard(SILENT, said('a'.repeat(500))), 10_000, many).text.length).toBeLessThan(220)
})
