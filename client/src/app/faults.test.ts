import { expect, test } from 'vitest'
import { ApiError } from '../api/request'
import { Refused, Unknown } from '../realtime/refusal'
import { LANGUAGES } from '../language/chooseLanguage'
import { faultOf } from './faults'
import { faultText } from './faultTexts'

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
  [new TypeError('Failed to fetch'), /cannot be reached/],
  [new TypeError('NetworkError when attempting to fetch resource.'), /cannot be reached/],
  [new TypeError('Load failed'), /cannot be reached/],
  [new DOMException('timed out', 'TimeoutError'), /cannot be reached/],
  [new Unknown('timeout'), /cannot be reached/],
  [new TypeError('x is undefined'), /did not work.*reload/],
  [new ApiError(500, 'Internal Server Error', '{"raw": "json"}'), /server made a mistake.*Try again/],
  [new ApiError(413, '', ''), /too large/i],
  [new ApiError(429, '', ''), /wait a moment/],
  [new ApiError(403, '', ''), /not allowed/],
  [new ApiError(409, '', 'The name is taken.'), /The name is taken/],
  [new Refused('muted', '', 1021), /muted/],
])('A11 %s is said as what it means', (error, expected) => {
  expect(faultText(error, 'action', 'en')).toMatch(expected)
})

test.each(LANGUAGES)('A11 a part that is not there is said in %s', (language) => {
  expect(faultText(new TypeError('x'), 'part', language)).toMatch(language === 'en' ? /reload/ : /重新加载/)
})
