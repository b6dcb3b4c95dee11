// What a member may do in a room and to whom, which settings a form has changed, and at which field a refusal belongs.
// Pure; the server decides, this only leaves out what it would refuse.

import type { ChangeRoom, Member, Membership, Room } from '../api/types'
import { isPersonal } from './roomNames'

export type Role = 'owner' | 'moderator' | 'member' | 'reader'
export type PersonAction = 'role' | 'mute' | 'unmute' | 'remove' | 'ban'

export const ROLES: readonly Role[] = ['owner', 'moderator', 'member', 'reader']
const RANKS: Readonly<Record<Role, number>> = { owner: 3, moderator: 2, member: 1, reader: 0 }

export interface Standing {
  readonly role: Role
  readonly isLobby: boolean
}

export function roleOf(role: string): Role {
  return ROLES.find(one => one === role) ?? 'member'
}

// The lobby's slug, which nobody else's room may have: it is made with the first person.
const LOBBY = 'lobby'

export function isLobby(room: Room): boolean {
  return room.slug === LOBBY
}

/** Superusers act as owners of the lobby, and of no other room. */
export function standingIn(membership: Membership, isLobby: boolean, isAdmin: boolean): Standing {
  return { role: isLobby && isAdmin ? 'owner' : roleOf(membership.role), isLobby }
}

export function isModerating({ role }: Standing): boolean {
  return RANKS[role] >= RANKS.moderator
}

export function mayInvite(room: Room, standing: Standing): boolean {
  return !isPersonal(room) && !standing.isLobby && room.archived_at == null && (room.kind === 'public' || isModerating(standing))
}

export function mayMakeLinks(room: Room, standing: Standing): boolean {
  return !isPersonal(room) && room.archived_at == null && isModerating(standing)
}

export function mayLeave(room: Room, standing: Standing): boolean {
  return !isPersonal(room) && !standing.isLobby
}

/** What may be done to another member of a room that is not archived. */
export function actionsOn(member: Member, standing: Standing, now: number): readonly PersonAction[] {
  if (!isModerating(standing))
    return []
  const role = roleOf(member.role)
  const isBelow = RANKS[role] < RANKS.moderator
  const isMine = standing.role === 'owner' || isBelow
  const actions: PersonAction[] = []
  if (isMine)
    actions.push('role')
  if (isBelow)
    actions.push((member.muted_until ?? 0) > now ? 'unmute' : 'mute')
  if (isMine && !standing.isLobby)
    actions.push('remove', 'ban')
  return actions
}

export function rolesToGive(standing: Standing): readonly Role[] {
  return standing.role === 'owner' ? ROLES : ['member', 'reader']
}

/** Owners and moderators first, then who is here, then by id: who comes and goes moves few rows. */
export function inOrderOfRank(members: Iterable<Member>, online: ReadonlySet<number>): readonly Member[] {
  const rank = ({ role, user }: Member) => Math.max(RANKS[roleOf(role)], RANKS.member) * 2 + (online.has(user) ? 1 : 0)
  return [...members].sort((one, other) => rank(other) - rank(one) || one.user - other.user)
}

export type Settings = Required<Omit<ChangeRoom, 'room'>>

export function settingsOf(room: Room): Settings {
  return {
    name: room.name ?? '',
    topic: room.topic ?? '',
    description: room.description ?? '',
    posting: room.posting === 'moderators' ? 'moderators' : 'members',
    slow_mode_seconds: room.slow_mode_seconds ?? 0,
    edit_window_seconds: room.edit_window_seconds ?? null,
    history: room.history === 'since_join' ? 'since_join' : 'all',
    retention_days: room.retention_days ?? null,
  }
}

/** Only what is another value than before: what is left out stays, and may have been changed by somebody else. */
export function changedSettings(before: Settings, after: Settings): Partial<Settings> {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name as keyof Settings] !== value))
}

/** The choices of a setting, with the present value among them wherever it was set. */
export function choicesWith(choices: readonly number[], present: number | null): readonly number[] {
  return present === null || choices.includes(present) ? choices : [...choices, present].sort((one, other) => one - other)
}

/** The name of the field that a refusal speaks of, "" where it is about the whole. */
export function fieldOfRefusal(slug: string, detail: string, fields: readonly string[]): string {
  if (slug === 'conflict' && detail.includes('name'))
    return 'name'
  return slug === 'bad_argument' ? fields.find(field => new RegExp(`\\b${field}\\b`).test(detail)) ?? '' : ''
}
