// The list that opens while a name is being written: where its choices come from and which one is active. What counts
// as being written, and what choosing does to the text, is completion.ts.

import { computed, onScopeDispose, shallowRef } from 'vue'
import type { Someone } from '../api/types'
import { useLanguage, useWords } from '../language/useLanguage'
import { choosing, completionAt, everyoneWords, mentionOf, type Completing } from './completion'
import type { Edit, Selected } from './edit'
import { WORDS } from './words'

export interface Choice {
  readonly key: string
  readonly label: string
  readonly detail: string
  /** A picture before the label. */
  readonly picture: string
  readonly insert: string
}

/** What a slash completes; `insert` takes the place of what was begun. */
export interface ComposerCommand {
  readonly name: string
  readonly explanation: string
  readonly insert: string
}

const MOST_CHOICES = 8
// So long nobody is asked for while keys follow each other.
const PAUSE_MS = 80

export function useCompletion({ people, commands }: {
  people: (query: string) => Promise<readonly Someone[]>
  commands: () => Promise<readonly ComposerCommand[]>
}) {
  const { language } = useLanguage()
  const words = useWords(WORDS)
  const completing = shallowRef<Completing | null>(null)
  const choices = shallowRef<readonly Choice[]>([])
  const active = shallowRef(0)
  // Where Esc has closed the list; it stays closed for this word.
  let dismissed: number | null = null
  let asked = 0
  let timer = 0

  /** Look again, after the text or the caret moved. */
  function look(selected: Selected): void {
    const found = completionAt(selected)
    if (found === null || found.from !== dismissed)
      dismissed = null
    if (found === null || found.from === dismissed) {
      close()
      return
    }
    const before = completing.value
    if (before?.kind === found.kind && before.from === found.from && before.query === found.query)
      return
    completing.value = found
    // Until the answer comes, only what fits the longer name too may be chosen.
    choices.value = choices.value.filter(({ label, insert }) =>
      before?.from === found.from && [label, insert.slice(1)].some(name => begins(name, found.query)))
    active.value = 0
    clearTimeout(timer)
    timer = window.setTimeout(() => void ask(found), found.kind === 'person' && found.query !== '' ? PAUSE_MS : 0)
  }

  async function ask(found: Completing): Promise<void> {
    const asking = ++asked
    let answer: readonly Choice[] = []
    try {
      answer = await choicesFor(found)
    }
    catch {
      // Without an answer there is no list, and the name can be written by hand.
    }
    if (asking === asked && completing.value === found) {
      // Who has moved down the older list already stays where they are.
      const chosen = active.value === 0 ? undefined : choices.value[active.value]?.key
      choices.value = answer
      active.value = Math.max(0, answer.findIndex(({ key }) => key === chosen))
    }
  }

  async function choicesFor({ kind, query }: Completing): Promise<readonly Choice[]> {
    switch (kind) {
      case 'person': return personChoices(query)
      case 'emoji': return emojiChoices(query)
      case 'command': return commandChoices(query)
    }
  }

  async function personChoices(query: string): Promise<readonly Choice[]> {
    const found = (await people(query)).filter(person => person.is_active).map(personChoice).slice(0, MOST_CHOICES)
    const everyone = everyoneWords(query).map(word => ({
      key: word, label: `@${word}`, detail: words.value.everyone[word], picture: '', insert: `@${word}`,
    }))
    return everyone.some(({ key }) => key === query.toLowerCase()) ? [...everyone, ...found] : [...found, ...everyone]
  }

  async function emojiChoices(query: string): Promise<readonly Choice[]> {
    const emoji = await import('../emoji/completing')
    return (await emoji.emojiCompleted(query, MOST_CHOICES)).map(({ picture, shortcode, names }) => (
      { key: picture, label: names[language.value], detail: `:${shortcode}`, picture, insert: picture }))
  }

  async function commandChoices(query: string): Promise<readonly Choice[]> {
    return (await commands()).filter(({ name }) => begins(name, query)).map(({ name, explanation, insert }) => (
      { key: name, label: `/${name}`, detail: explanation, picture: '', insert }))
  }

  /** What choosing makes of the text; the list closes. */
  function choose(selected: Selected, index = active.value): Edit | null {
    const [found, choice] = [completing.value, choices.value[index]]
    close()
    return found === null || choice === undefined ? null : choosing(selected, found, choice.insert)
  }

  function isWrittenOut(): boolean {
    const found = completing.value
    return found?.kind === 'command' && choices.value[active.value]?.key === found.query.toLowerCase()
  }

  function dismiss(): void {
    dismissed = completing.value?.from ?? null
    close()
  }

  function close(): void {
    clearTimeout(timer)
    asked++
    completing.value = null
    choices.value = []
    active.value = 0
  }

  function move(step: 1 | -1): void {
    active.value = (active.value + step + choices.value.length) % choices.value.length
  }

  /** What an open list makes of a key; null for a key that is not its own. */
  function pressed(key: KeyboardEvent, selected: Selected): { readonly edit: Edit | null } | null {
    if (choices.value.length === 0 || key.ctrlKey || key.metaKey || key.altKey || key.shiftKey)
      return null
    switch (key.key) {
      case 'ArrowDown': move(1); break
      case 'ArrowUp': move(-1); break
      case 'Enter':
        // A command that is written out is done, and not completed to what it is.
        if (isWrittenOut()) {
          close()
          return null
        }
        return { edit: choose(selected) }
      case 'Tab': return { edit: choose(selected) }
      case 'Escape':
        // Farther out Esc means something else.
        key.stopPropagation()
        dismiss()
        break
      default: return null
    }
    return { edit: null }
  }

  onScopeDispose(close)
  return {
    choices,
    active,
    kind: computed(() => completing.value?.kind ?? 'person'),
    isOpen: computed(() => choices.value.length > 0),
    look,
    choose,
    close,
    pressed,
  }
}

function personChoice(person: Someone): Choice {
  return {
    key: `person ${person.id}`,
    label: person.name || person.username,
    detail: `@${person.username}`,
    picture: '',
    insert: mentionOf(person),
  }
}

function begins(name: string, query: string): boolean {
  return name.toLowerCase().startsWith(query.toLowerCase())
}
