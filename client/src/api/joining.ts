// The addresses about invite links for whoever has one: what a link is to, joining as who one is, and an account by it.
// How links are made is not here.

import type { User } from './accounts'
import { write } from './request'

export interface Invitation {
  /** The room's name as it is shown. */
  readonly room: string
  readonly kind: string
  /** The lobby is everybody's, so a link to it is an invitation to the site itself. */
  readonly is_lobby: boolean
  readonly members: number
  /** The shown name of who made the link; null when that person was deleted. */
  readonly invited_by: string | null
}

export interface Newcomer {
  readonly username: string
  readonly name: string
  readonly password: string
}

/** Nobody need be signed in. ApiError 404: the link is not good, or not any more; 409: the room is archived. */
export const lookAtInvitation = (secret: string) => write<Invitation>('/api/join/look', { secret })

/** Makes an account, signs in and gives the id of the room. ApiError 400 names the fields; 404 and 409 as above. */
export async function joinAsNewcomer(secret: string, newcomer: Newcomer): Promise<number> {
  return (await write<{ user: User, room: number }>('/api/join', { secret, ...newcomer })).room
}

/** Joins as who is signed in and gives the id of the room; a member stays one. ApiError 401: nobody is signed in. */
export async function acceptInvitation(secret: string): Promise<number> {
  return (await write<{ room: { id: number } }>('/api/invites/accept', { secret })).room.id
}
