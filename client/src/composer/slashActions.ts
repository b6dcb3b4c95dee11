// What the commands of a slash do: by commands of the server and by what the page has anyway. Nothing of it is a message.

import type { Router } from 'vue-router'
import type { Commands, Someone } from '../api/types'
import type { Chat } from '../chat/useChat'
import type { Finding } from '../finding/commands'
import type { Language } from '../language/chooseLanguage'
import { mayMakeLinks, type Standing } from '../rooms/roomRules'
import type { RoomDialogs } from '../rooms/useRoomDialogs'
import type { RoomState } from '../state/roomState'
import { FACES, actionsIn, namesIn, type ActionName } from './slashCommands'
import { WORDS } from './slashWords'
import type { ComposerCommand } from './useCompletion'

type Level = NonNullable<Commands['room.prefer']['request']['level']>

export interface Place {
  readonly chat: Chat
  readonly room: RoomState
  readonly standing: Standing
  readonly router: Router
  readonly dialogs: RoomDialogs
  readonly finding: Finding
  readonly language: Language
  /** Says what was done. */
  readonly say: (text: string) => void
}

/** What rooms had before they were muted here: `/unmute` gives it back. */
const levelsBefore = new Map<number, Level>()

export function namesHere({ room, standing }: Pick<Place, 'room' | 'standing'>): readonly ActionName[] {
  return actionsIn(room.room, standing, room.membership.level === 'nothing')
}

/** For the list that opens at a slash. */
export function commandsHere(place: Pick<Place, 'room' | 'standing' | 'language'>): readonly ComposerCommand[] {
  const { explanations } = WORDS[place.language]
  return [
    ...namesHere(place).map(name => ({ name, explanation: explanations[name], insert: `/${name}` })),
    ...Object.entries(FACES).map(([name, face]) => ({ name, explanation: explanations[name as keyof typeof FACES], insert: face })),
  ]
}

/** False where nothing was done, and the text should be there to be mended. Raises as `call` does. */
export async function carryOut(name: ActionName, rest: string, place: Place): Promise<boolean> {
  const { chat, dialogs, finding, router, say } = place
  const words = WORDS[place.language]
  const room = place.room.room.id
  switch (name) {
    case 'topic':
      if (rest === '') {
        await router.push({ name: 'room', params: { room }, query: { pane: 'settings' } })
        return true
      }
      await chat.call('room.change', { room, topic: rest })
      say(words.topicChanged)
      return true
    case 'invite':
      return invite(rest, place)
    case 'search':
      if (rest === '')
        finding.room.value?.search()
      else
        await router.push({ name: 'search', query: { q: rest } })
      return true
    case 'mute': case 'unmute':
      await chat.call('room.prefer', { room, level: name === 'mute' ? 'nothing' : levelsBefore.get(room) ?? 'everything' })
      if (name === 'mute')
        levelsBefore.set(room, place.room.membership.level as Level)
      say(name === 'mute' ? words.muted : words.unmuted)
      return true
    case 'favourite': {
      const is_favourite = place.room.membership.is_favourite !== true
      await chat.call('room.prefer', { room, is_favourite })
      say(is_favourite ? words.favourite : words.noFavourite)
      return true
    }
    case 'leave':
      dialogs.leave(room)
      return true
    case 'help':
      finding.commands.value.find(command => command.name === 'shortcuts')?.run()
      return true
  }
}

async function invite(rest: string, { chat, dialogs, language, room: { room }, standing, say }: Place): Promise<boolean> {
  const names = namesIn(rest)
  if (names.length === 0) {
    if (mayMakeLinks(room, standing))
      dialogs.invite(room.id)
    else
      dialogs.addPeople(room.id)
    return true
  }
  const people: Someone[] = []
  for (const name of names) {
    const found = (await chat.people.find(name, null)).find(({ username }) => username.toLowerCase() === name.toLowerCase())
    if (found === undefined) {
      say(WORDS[language].nobodyCalled(name))
      return false
    }
    people.push(found)
  }
  await chat.call('room.invite', { room: room.id, people: people.map(({ id }) => id) })
  say(WORDS[language].invited(people.map(({ name, username }) => name || username).join(language === 'en' ? ', ' : '、')))
  return true
}
