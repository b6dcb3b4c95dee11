import { expect, test } from 'vitest'
import { ApiError } from '../api/request'
import { Refused, Unknown } from '../realtime/refusal'
import { faultOf, isUnreached } from './faults'

const BUILT = 'https://vuejs.org/error-reference/#runtime-'

test.each([
  ['drawing', new TypeError('x is undefined'), '1', 'page'],
  ['setting up', new TypeError('x is undefined'), '0', 'page'],
  ['a click', new TypeError('x is undefined'), '5', 'action'],
  ['an event of a component', new TypeError('x is undefined'), '6', 'action'],
  ['a lazy part', new TypeError('Failed to fetch dynamically imported module'), '13', 'part'],
  ['an answer that came to a watcher', new Unknown(''), '3', 'action'],
  ['a refusal that came to a hook', new Refused('muted', '', 1021), '3', 'action'],
  ['a refusal over HTTP', new ApiError(500, '', ''), '3', 'action'],
] as const)('A11 an error of %s', (_, error, code, fault) => {
  expect(faultOf(error, `${BUILT}${code}`)).toBe(fault)
})

test('A11 while developing it is the same', () => {
  expect(['render function', 'native event handler', 'component event handler', 'async component loader'].map(where =>
    faultOf(new Error('x'), where))).toEqual(['page', 'action', 'action', 'part'])
})

test.each([
  [new TypeError('Failed to fetch'), true],
  [new TypeError('NetworkError when attempting to fetch resource.'), true],
  [new TypeError('Load failed'), true],
  [new DOMException('timed out', 'TimeoutError'), true],
  [new Unknown('timeout'), true],
  [new TypeError('x is undefined'), false],
  [new ApiError(503, '', ''), false],
])('A11 nobody answered: case %#', (error, is) => {
  expect(isUnreached(error)).toBe(is)
})
