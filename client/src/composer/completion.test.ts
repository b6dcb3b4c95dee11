import { expect, test } from 'vitest'
import { choosing, completionAt, everyoneWords, mentionOf, type Completing } from './completion'
import { edited } from './edit'

/** A text with its caret written as `|`. */
function at(marked: string) {
  const start = marked.indexOf('|')
  return { text: marked.replace('|', ''), start, end: start }
}

test.each([
  ['@|', 'person', ''],
  ['hello @xiao|', 'person', 'xiao'],
  ['你好@|', 'person', ''],
  ['你好@小明|', 'person', '小明'],
  ['＠小|', 'person', '小'],
  ['(@bob.k|', 'person', 'bob.k'],
  ['a\n@li|', 'person', 'li'],
  ['@al| and more', 'person', 'al'],
  [':smi|', 'emoji', 'smi'],
  ['好的:smi|', 'emoji', 'smi'],
  ['go :笑|', 'emoji', '笑'],
  ['/|', 'command', ''],
  ['/shr|', 'command', 'shr'],
] as const)('C5 C6 in %s a %s is being written: "%s"', (marked, kind, query) => {
  const { start } = at(marked)
  expect(completionAt(at(marked))).toEqual({ kind, query, from: start - query.length - 1, to: start })
})

test.each([
  ['an e-mail address', 'bob@exam|'],
  ['a name with a space behind', '@bob |'],
  ['a second @', '@@bo|'],
  ['an address with a person in it', 'https://x.org/@bob|'],
  ['a time of day', '12:30|'],
  ['an address', 'https:|'],
  ['one letter after a colon', ':s|'],
  ['a colon as Chinese punctuation', '注意:笑|'],
  ['a full-width colon', '他说：笑|'],
  ['a slash further on', 'and/or /shr|'],
  ['a slash in the second line', 'a\n/shr|'],
  ['a block of code', '```\n@Override|'],
  ['nothing at all', '|'],
])('C5 C6 nothing is completed in %s', (_, marked) => {
  expect(completionAt(at(marked))).toBeNull()
})

test('C5 after a block of code names are completed again', () => {
  expect(completionAt(at('```\n@Override\n```\n@bo|'))?.query).toBe('bo')
})

test('C5 while something is selected nothing is completed', () => {
  expect(completionAt({ text: '@bob', start: 1, end: 4 })).toBeNull()
})

test('a long text is looked at only near the caret', () => {
  expect(completionAt(at(`${'a '.repeat(5000)}@bo|`))).toEqual({ kind: 'person', query: 'bo', from: 10_000, to: 10_003 })
})

test.each([
  ['你好@xia|', '@xiaoming', '你好@xiaoming |'],
  ['@xi| 在吗', '@xiaoming', '@xiaoming |在吗'],
  ['@xi|\n在吗', '@xiaoming', '@xiaoming |\n在吗'],
  ['@xi|，在吗', '@xiaoming', '@xiaoming |，在吗'],
  ['ha :smi|!', '😄', 'ha 😄|!'],
  ['/top|', '/topic', '/topic |'],
])('C5 C6 in %s choosing %s makes %s', (marked, chosen, result) => {
  const selected = at(marked)
  const after = edited(selected, choosing(selected, completionAt(selected) as Completing, chosen))
  expect(after).toEqual(at(result))
})

test.each([
  ['xiaoming', '小明', '@xiaoming'],
  ['小明', '', '@小明'],
  ['a@b.c', '小 明', '@小明'],
  ['bob.', 'Bob Smith', '@BobSmith'],
  ['a@b.c', '!!', '@a@b.c'],
])('C5 user %s called %s is mentioned as %s', (username, name, mention) => {
  expect(mentionOf({ username, name })).toBe(mention)
})

test.each([
  ['', ['all', 'here']],
  ['al', ['all']],
  ['所有', ['all']],
  ['syr', ['all']],
  ['zai', ['here']],
  ['HE', ['here']],
  ['bob', []],
])('C5 "%s" begins the words for everyone %j', (query, words) => {
  expect(everyoneWords(query)).toEqual(words)
})
