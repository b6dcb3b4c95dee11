// A Vite plugin that makes of emoji-picker-element-data (Apache-2.0, from emojibase and Unicode's CLDR) the two modules
// `virtual:emoji/en` and `virtual:emoji/zh`: each what its language needs and no more, as one lazy chunk of JSON.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'

const MODULE = /^virtual:emoji\/(en|zh)$/
// What is newer is an empty box on systems of the last years.
const NEWEST_VERSION = 15.1
const PACKAGE = 'emoji-picker-element-data'
const LICENCES = `# The names of emoji

* emoji-picker-element-data, copyright Nolan Lawson, Apache License 2.0, which follows
* emojibase-data, copyright Miles Johnson, MIT License, https://github.com/milesj/emojibase/blob/master/LICENSE
* CLDR, copyright Unicode, Inc., Unicode License V3, https://www.unicode.org/license.txt
`
const NOTICE = '/*! Emoji names: emoji-picker-element-data, Apache-2.0; emojibase, MIT; CLDR, Unicode-3.0 */'

interface Source {
  readonly emoji: string
  readonly annotation: string
  readonly shortcodes?: readonly string[]
  readonly tags?: readonly string[]
  readonly group: number
  readonly order: number
  readonly version: number
  readonly skins?: readonly { readonly emoji: string, readonly tone: number | readonly number[] }[]
}

export function emojiData(): Plugin {
  return {
    name: 'teahouse-emoji-data',
    resolveId: id => MODULE.test(id) ? `\0${id}` : undefined,
    async load(id) {
      const language = MODULE.exec(id.slice(1))?.[1]
      if (!id.startsWith('\0') || language === undefined)
        return undefined
      const path = createRequire(import.meta.url).resolve(`${PACKAGE}/${language}/emojibase/data.json`)
      const all = JSON.parse(await readFile(path, 'utf8')) as readonly Source[]
      const known = all.filter(isPicked).sort((one, other) => one.order - other.order)
      const rows = known.map(language === 'en' ? englishRow : chineseRow)
      // A string is read several times faster than the same as an expression.
      return `${NOTICE}\nexport default JSON.parse(${JSON.stringify(JSON.stringify(rows))})`
    },
    async generateBundle() {
      const licence = await readFile(createRequire(import.meta.url).resolve(`${PACKAGE}/LICENSE`), 'utf8')
      this.emitFile({ type: 'asset', fileName: 'licences-of-emoji.md', source: `${LICENCES}\n${licence}` })
    },
  }
}

/** Not the skin tones and hair by themselves, which are the group 2. */
function isPicked({ version, group }: Source): boolean {
  return version <= NEWEST_VERSION && group !== 2
}

/** [emoji, name, shortcodes, tags, group, 1 where skin tones exist], in the order of Unicode. */
function englishRow(source: Source): readonly (string | number)[] {
  const { emoji, annotation, shortcodes = [], group } = source
  const names = shortcodes.filter(code => code.replaceAll('_', ' ') !== annotation)
  return [emoji, annotation, names.join(' '), tagsOf(source), group, hasTones(source) ? 1 : 0]
}

/** [name, tags], for the emoji of the same row in English. */
function chineseRow(source: Source): readonly string[] {
  return [source.annotation, tagsOf(source)]
}

function tagsOf({ annotation, tags = [] }: Source): string {
  return tags.filter(tag => !annotation.includes(tag)).join(' ')
}

/** Whether the first picture takes the tone, as `toned` of src/emoji/emojiSearch.ts puts it: not so for all couples. */
function hasTones({ emoji, skins = [] }: Source): boolean {
  const first = skins.find(({ tone }) => tone === 1)?.emoji
  const [picture = '', ...rest] = emoji
  return first === [picture, '\u{1f3fb}', ...rest[0] === '\ufe0f' ? rest.slice(1) : rest].join('')
}
