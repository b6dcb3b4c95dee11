// What is being completed at the caret, and what choosing makes of the text. Pure: where the choices come from is
// useCompletion's; the rule of `@` is the one by which the server finds mentions.

import type { Someone } from '../api/types'
import { replacing, type Edit, type Selected } from './edit'

export interface Completing {
  readonly kind: 'person' | 'emoji' | 'command'
  /** What is written behind the `@`, `:` or `/`. */
  readonly query: string
  /** The range that a choice replaces, from the sign up to the caret. */
  readonly from: number
  readonly to: number
}

// As in the server's scripts: Han, kana, Hangul, Bopomofo.
const CJK = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}`
const MOST_NAME_CHARS = 64
// Not behind a letter (an e-mail address), but right behind Chinese.
const PERSON = new RegExp(
  String.raw`(?:(?<![\p{L}\p{N}_@＠./+-])|(?<=[${CJK}]))[@＠]([\p{L}\p{M}\p{N}_.+·-]{0,${MOST_NAME_CHARS}})$`, 'u',
)
// Not behind a letter, a digit (12:30) or a colon; behind Chinese only for a name in Latin letters, since there a colon
// before Chinese is punctuation.
const EMOJI = new RegExp(
  String.raw`(?<![\p{L}\p{N}:_/\\])(?::([\p{L}\p{N}_+-]{2,40}|[${CJK}]))$|(?<=[${CJK}]):([a-z0-9_+-]{2,40})$`, 'iu',
)
const COMMAND = /^\/([a-z_]{0,20})$/i

/** Nothing while something is selected, and nothing in a block of code. */
export function completionAt({ text, start, end }: Selected): Completing | null {
  if (start !== end)
    return null
  // A name is short: what is further up is not looked at again with every key.
  const before = text.slice(Math.max(0, start - MOST_NAME_CHARS - 4), start)
  const found = signIn(before, start === before.length)
  if (found === null || isInFence(text.slice(0, start)))
    return null
  return { ...found, from: start - found.query.length - 1, to: start }
}

function signIn(before: string, isStart: boolean): Pick<Completing, 'kind' | 'query'> | null {
  const person = PERSON.exec(before)
  if (person !== null)
    return { kind: 'person', query: person[1] ?? '' }
  const emoji = EMOJI.exec(before)
  if (emoji !== null)
    return { kind: 'emoji', query: emoji[1] ?? emoji[2] ?? '' }
  const command = isStart ? COMMAND.exec(before) : null
  return command === null ? null : { kind: 'command', query: command[1] ?? '' }
}

function isInFence(before: string): boolean {
  return before.includes('```') && before.split('\n').filter(line => /^ {0,3}```/.test(line)).length % 2 === 1
}

/** The choice written in place of what was begun. A space follows a name, so that what comes next is no part of it. */
export function choosing({ text }: Pick<Selected, 'text'>, { kind, from, to }: Completing, chosen: string): Edit {
  if (kind === 'emoji')
    return replacing(from, to, chosen)
  const hasSpace = /^[^\S\n]/.test(text.slice(to))
  const edit = replacing(from, to, hasSpace ? chosen : `${chosen} `)
  return hasSpace ? { ...edit, selectFrom: edit.selectFrom + 1, selectTo: edit.selectTo + 1 } : edit
}

/**
 * How a person is mentioned: by user name, or by the display name without its spaces where the user name has what may
 * not stand in a mention (a second `@`, punctuation at its end).
 */
export function mentionOf({ username, name }: Pick<Someone, 'username' | 'name'>): string {
  const display = name.replace(/\s+/gu, '')
  return `@${!MENTIONABLE.test(username) && MENTIONABLE.test(display) ? display : username}`
}

const MENTIONABLE = new RegExp(
  String.raw`^(?=[\p{L}\p{N}_])[\p{L}\p{M}\p{N}_.+·-]{0,${MOST_NAME_CHARS - 1}}[\p{L}\p{M}\p{N}_]$`, 'u',
)

const EVERYONE = [
  { word: 'all', also: ['所有人', 'suoyouren', 'syr', 'everyone'] },
  { word: 'here', also: ['在线', 'zaixian', 'zx'] },
] as const

export type EveryoneWord = typeof EVERYONE[number]['word']

/** The words for everyone that the query begins. */
export function everyoneWords(query: string): EveryoneWord[] {
  const begun = query.toLowerCase()
  return EVERYONE.filter(({ word, also }) => [word, ...also].some(name => name.startsWith(begun))).map(({ word }) => word)
}
