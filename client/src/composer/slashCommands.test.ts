import { describe, expect, test } from 'vitest'
import { LANGUAGES } from '../language/chooseLanguage'
import type { Room } from '../api/types'
import { actionsIn, ACTIONS, FACES, namesIn, slashOf } from './slashCommands'
import { WORDS } from './slashWords'

const room: Room = { id: 1, kind: 'private', created_at: 0 }
const owner = { role: 'owner', isLobby: false } as const
const member = { role: 'member', isLobby: false } as const

describe('C6 a text with a slash', () => {
  test('is a command by its name, and has the rest', () => {
    expect(slashOf('/topic green tea\nor oolong', ACTIONS)).toEqual({ is: 'action', name: 'topic', rest: 'green tea\nor oolong' })
    expect(slashOf('/Leave', ACTIONS)).toEqual({ is: 'action', name: 'leave', rest: '' })
  })

  test.each([
    '/etc/passwd', '/topics', '/unknown thing', '/', '// TODO: later', '//', '/toString', 'see /topic', '/constructor x',
  ])('%s is a message as it is', (text) => {
    expect(slashOf(text, ACTIONS)).toEqual({ is: 'message', body: text })
  })

  test('is a message where the command is not of this room', () => {
    expect(slashOf('/topic tea', ['help'])).toEqual({ is: 'message', body: '/topic tea' })
  })

  test('behind two slashes is a message with one', () => {
    expect(slashOf('//topic is a command', ACTIONS)).toEqual({ is: 'message', body: '/topic is a command' })
    expect(slashOf('//shrug', ACTIONS)).toEqual({ is: 'message', body: '/shrug' })
  })

  test('may stand for a face, as Markdown shows it', () => {
    expect(slashOf('/shrug', ACTIONS)).toEqual({ is: 'message', body: '¯\\\\\\_(ツ)\\_/¯' })
    expect(slashOf('/shrug who knows', ACTIONS)).toEqual({ is: 'message', body: 'who knows ¯\\\\\\_(ツ)\\_/¯' })
  })
})

test('C6 only what is allowed there is listed', () => {
  expect(actionsIn(room, owner, false)).toEqual(['topic', 'invite', 'search', 'mute', 'favourite', 'leave', 'help'])
  expect(actionsIn(room, member, true)).toEqual(['search', 'unmute', 'favourite', 'leave', 'help'])
  expect(actionsIn({ ...room, kind: 'direct' }, owner, false)).toEqual(['search', 'mute', 'favourite', 'help'])
  expect(actionsIn(room, { ...member, isLobby: true }, false)).toEqual(['search', 'mute', 'favourite', 'help'])
})

test('C6 people are named with and without their @', () => {
  expect(namesIn('@bob，小明 ＠carol')).toEqual(['bob', '小明', 'carol'])
  expect(namesIn(' ')).toEqual([])
})

test.each(LANGUAGES)('C6 each command is explained in %s', (language) => {
  expect(Object.keys(WORDS[language].explanations).sort()).toEqual([...ACTIONS, ...Object.keys(FACES)].sort())
})
