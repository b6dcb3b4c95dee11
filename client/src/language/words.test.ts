// Every text in both languages, in whatever file it stands.

import { describe, expect, test } from 'vitest'
import { en } from './en'
import { zhHans } from './zhHans'

type Texts = Readonly<Record<string, unknown>>

const files = import.meta.glob<Readonly<Record<string, unknown>>>('../**/*ords.ts', { eager: true })
const features = Object.entries(files).flatMap(([path, module]) =>
  Object.values(module)
    .filter(texts => typeof texts === 'object' && texts !== null && 'zh-Hans' in texts && 'en' in texts)
    .map(texts => [path, texts as { readonly 'zh-Hans': Texts, readonly 'en': Texts }] as const))
const all = [...features, ['./zhHans.ts', { 'zh-Hans': zhHans, en }] as const]

/** Names of all texts, those in groups as group.name; lists count by their places. */
function namesIn(texts: Texts, prefix = ''): readonly string[] {
  return Object.entries(texts).flatMap(([name, text]) => typeof text === 'object' && text !== null
    ? namesIn(text as Texts, `${prefix}${name}.`)
    : [prefix + name])
}

function plainIn(texts: Texts): readonly string[] {
  return Object.values(texts).flatMap(text => typeof text === 'object' && text !== null
    ? plainIn(text as Texts)
    : typeof text === 'string' ? [text] : [])
}

test('A9 all features are looked at', () => {
  expect(all.length).toBeGreaterThan(15)
})

describe.each(all)('A9 %s', (_, texts) => {
  test('has the same texts in both languages', () => {
    expect(namesIn(texts.en).toSorted()).toEqual(namesIn(texts['zh-Hans']).toSorted())
  })

  test('has none that is empty', () => {
    expect([...plainIn(texts.en), ...plainIn(texts['zh-Hans'])].filter(text => text.trim() === '')).toEqual([])
  })

  test('has no Chinese in English but the name of Chinese', () => {
    expect(plainIn(texts.en).filter(text => /[\u2E80-\u9FFF\u3000-\u303F\uFF00-\uFFEF]/.test(text.replaceAll('中文', '')))).toEqual([])
  })
})
