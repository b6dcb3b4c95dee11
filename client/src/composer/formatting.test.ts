import { expect, test } from 'vitest'
import { edited, type Edit, type Selected } from './edit'
import { asCode, asCodeBlock, asLink, prefixed, wrapped } from './formatting'

/** A text with its selection between `[` and `]`; angle brackets keep links readable. */
function at(marked: string): Selected {
  const start = marked.indexOf('«')
  const end = marked.indexOf('»') - 1
  return { text: marked.replace(/[«»]/g, ''), start, end }
}

const bold = (selected: Selected) => wrapped(selected, '**')
const italic = (selected: Selected) => wrapped(selected, '*')
const list = (selected: Selected) => prefixed(selected, '- ')

test.each<[string, (selected: Selected) => Edit, string, string]>([
  ['bold', bold, 'green «tea»', 'green **«tea»**'],
  ['bold at the caret', bold, 'a «»', 'a **«»**'],
  ['bold without the space around', bold, 'a« tea »b', 'a **«tea»** b'],
  ['bold taken away from inside', bold, 'a **«tea»** b', 'a «tea» b'],
  ['bold taken away with its marks', bold, 'a «**tea**» b', 'a «tea» b'],
  ['an empty bold taken away', bold, '**«»**', '«»'],
  ['italic of what is bold', italic, '**«tea»**', '***«tea»***'],
  ['italic taken away from both', italic, '***«tea»***', '**«tea»**'],
  ['bold taken away from both', bold, '***«tea»***', '*«tea»*'],
  ['code', asCode, 'the «x» is', 'the `«x»` is'],
  ['code with a backtick in it', asCode, '«a`b»', '`` «a`b» ``'],
  ['code of two lines', asCode, '«a\nb»', '```\n«a\nb»\n```'],
  ['a block in the middle of a line', asCodeBlock, 'a «b» c', 'a \n```\n«b»\n```\n c'],
  ['a block around a block', asCodeBlock, '«```\na\n```»', '````\n«```\na\n```»\n````'],
  ['a list', list, 'a\n«b\nc»', 'a\n«- b\n- c»'],
  ['a list taken away', list, '«- b\n- c»', '«b\nc»'],
  ['a list of half a line', list, 'ab«»c', '- ab«»c'],
  ['a link of a text', asLink, 'our «page»', 'our [page](«»)'],
  ['a link of an address', asLink, '«https://tea.house»', '[«»](https://tea.house)'],
  ['a link of nothing', asLink, '«»', '[«»]()'],
])('%s', (_, format, before, after) => {
  expect(edited(at(before), format(at(before)))).toEqual(at(after))
})
