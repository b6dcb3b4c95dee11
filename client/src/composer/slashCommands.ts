// What a text that begins with a slash is: a command of this page, or a message. Pure; what a command does is in
// slashActions.ts, its explanation in slashWords.ts. Loaded with the first slash.

import type { Room } from '../api/types'
import { mayInvite, mayLeave, mayMakeLinks, isModerating, type Standing } from '../rooms/roomRules'
import { isPersonal } from '../rooms/roomNames'

export const ACTIONS = ['topic', 'invite', 'search', 'mute', 'unmute', 'favourite', 'leave', 'help'] as const

export type ActionName = typeof ACTIONS[number]

/** What stands for itself, escaped as Markdown needs it. */
export const FACES = {
  shrug: String.raw`¯\\\_(ツ)\_/¯`,
  tableflip: '(╯°□°)╯︵ ┻━┻',
} as const

export type FaceName = keyof typeof FACES

export type Slash =
  | { readonly is: 'action', readonly name: ActionName, readonly rest: string }
  | { readonly is: 'message', readonly body: string }

/**
 * A command is one by its name alone, so that paths and comments stay messages; a command's name behind two slashes is a
 * message, too, with one of them.
 */
export function slashOf(text: string, actions: readonly ActionName[]): Slash {
  const [, slashes = '', name = '', rest = ''] = /^(\/\/?)([a-z]+)(?:\s+([\s\S]*))?$/i.exec(text.trim()) ?? []
  const known = name.toLowerCase()
  const action = actions.find(one => one === known)
  const isFace = Object.hasOwn(FACES, known)
  if (slashes === '//')
    return { is: 'message', body: action !== undefined || isFace ? text.trim().slice(1) : text }
  if (action !== undefined)
    return { is: 'action', name: action, rest: rest.trim() }
  return { is: 'message', body: isFace ? `${rest} ${FACES[known as FaceName]}`.trim() : text }
}

/** Those that would not be refused there, in the order of the list. */
export function actionsIn(room: Room, standing: Standing, isMuted: boolean): readonly ActionName[] {
  const mayChange = !isPersonal(room) && room.archived_at == null && isModerating(standing)
  const may: Readonly<Record<ActionName, boolean>> = {
    topic: mayChange,
    invite: mayInvite(room, standing) || mayMakeLinks(room, standing),
    search: true,
    mute: !isMuted,
    unmute: isMuted,
    favourite: true,
    leave: mayLeave(room, standing),
    help: true,
  }
  return ACTIONS.filter(name => may[name])
}

/** The names behind `/invite`, with or without their @. */
export function namesIn(rest: string): readonly string[] {
  return rest.split(/[\s,，、]+/u).map(name => name.replace(/^[@＠]/u, '')).filter(name => name !== '')
}
