// Marks of Markdown around what is selected, and taken away again when they are there. Pure: each function gives an
// Edit; the box is useTextBox's.

import type { Edit, Selected } from './edit'

export type Mark = 'bold' | 'italic' | 'code' | 'codeBlock' | 'list' | 'quote' | 'link'

export function marked(selected: Selected, mark: Mark): Edit {
  switch (mark) {
    case 'bold': return wrapped(selected, '**')
    case 'italic': return wrapped(selected, '*')
    case 'code': return asCode(selected)
    case 'codeBlock': return asCodeBlock(selected)
    case 'list': return prefixed(selected, '- ')
    case 'quote': return prefixed(selected, '> ')
    case 'link': return asLink(selected)
  }
}

/** `**bold**`, `*italic*` or `` `code` ``; with nothing selected the caret stands between the marks. */
export function wrapped(selected: Selected, mark: string): Edit {
  const { text, start, end } = withoutSpace(selected)
  const inside = text.slice(start, end)
  if (isWrapped(inside, mark))
    return edit(start, end, inside.slice(mark.length, -mark.length), 0, 0)
  if (hasMarksAround(text, start, end, mark))
    return edit(start - mark.length, end + mark.length, inside, 0, 0)
  return edit(start, end, mark + inside + mark, mark.length, mark.length)
}

/** Code by itself, or in as many backticks as the text needs. */
export function asCode(selected: Selected): Edit {
  const { text, start, end } = withoutSpace(selected)
  const inside = text.slice(start, end)
  if (inside.includes('\n'))
    return asCodeBlock(selected)
  if (isWrapped(inside, '`') || hasMarksAround(text, start, end, '`') || !inside.includes('`'))
    return wrapped(selected, '`')
  return edit(start, end, `\`\` ${inside} \`\``, 3, 3)
}

/** A fence around the lines, longer than any inside; the caret is behind the opening one where a language may stand. */
export function asCodeBlock({ text, start, end }: Selected): Edit {
  const longest = Math.max(2, ...Array.from(text.slice(start, end).matchAll(/`+/g), run => run[0].length))
  const fence = '`'.repeat(longest + 1)
  const before = start === 0 || text[start - 1] === '\n' ? '' : '\n'
  const after = end === text.length || text[end] === '\n' ? '' : '\n'
  const insert = `${before}${fence}\n${text.slice(start, end)}\n${fence}${after}`
  const from = start + before.length + fence.length + 1
  return { from: start, to: end, insert, selectFrom: from, selectTo: from + end - start }
}

/** `- ` or `> ` before each selected line, or taken away when each has it. */
export function prefixed({ text, start, end }: Selected, prefix: string): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const next = text.indexOf('\n', end)
  const to = next === -1 ? text.length : next
  const lines = text.slice(from, to).split('\n')
  const isPrefixed = lines.every(line => line.startsWith(prefix))
  const insert = lines.map(line => isPrefixed ? line.slice(prefix.length) : prefix + line).join('\n')
  if (start === end) {
    const caret = Math.max(from, start + (isPrefixed ? -prefix.length : prefix.length))
    return { from, to, insert, selectFrom: caret, selectTo: caret }
  }
  return { from, to, insert, selectFrom: from, selectTo: from + insert.length }
}

/** `[text](address)`: what is selected is the address if it is one, else the text; the other is to be written next. */
export function asLink(selected: Selected): Edit {
  const { text, start, end } = withoutSpace(selected)
  const inside = text.slice(start, end)
  const isAddress = /^https?:\/\/\S+$/i.test(inside)
  const insert = isAddress ? `[](${inside})` : `[${inside}]()`
  const caret = start + (isAddress || inside === '' ? 1 : insert.length - 1)
  return { from: start, to: end, insert, selectFrom: caret, selectTo: caret }
}

function edit(from: number, to: number, insert: string, skipStart: number, skipEnd: number): Edit {
  return { from, to, insert, selectFrom: from + skipStart, selectTo: from + insert.length - skipEnd }
}

// `** bold **` is no mark: the space around stays outside.
function withoutSpace({ text, start, end }: Selected): Selected {
  const inside = text.slice(start, end)
  const trimmed = inside.trim()
  if (trimmed === '')
    return { text, start, end }
  const from = start + inside.indexOf(trimmed)
  return { text, start: from, end: from + trimmed.length }
}

function isWrapped(inside: string, mark: string): boolean {
  return inside.length > 2 * mark.length && runAtStart(inside, mark) && runAtEnd(inside, mark)
}

function hasMarksAround(text: string, start: number, end: number, mark: string): boolean {
  return runAtEnd(text.slice(0, start), mark) && runAtStart(text.slice(end), mark)
}

// One star is no half of two; three are both.
function runAtStart(text: string, mark: string): boolean {
  return isRunOf(/^[*`]*/.exec(text)?.[0] ?? '', mark)
}

function runAtEnd(text: string, mark: string): boolean {
  return isRunOf(/[*`]*$/.exec(text)?.[0] ?? '', mark)
}

function isRunOf(run: string, mark: string): boolean {
  return run.startsWith(mark) && (run.length === mark.length || run.length === 3)
}
