// An invitation through time: looked at, then accepted by who is signed in or by a newcomer. Where the page goes then,
// the page says.

import { shallowReadonly, shallowRef } from 'vue'
import { readSession, signOut, type User } from '../api/accounts'
import { acceptInvitation, joinAsNewcomer, lookAtInvitation, type Invitation, type Newcomer } from '../api/joining'
import { ApiError } from '../api/request'

export type InvitationState =
  | { readonly is: 'looking' }
  | { readonly is: 'dead' }
  | { readonly is: 'open', readonly invitation: Invitation, readonly me: User | null }

export function useInvitation(secret: string) {
  const state = shallowRef<InvitationState>({ is: 'looking' })

  /** Raises what the request raises, but for a link that is dead, which is a state. */
  async function look(): Promise<void> {
    await unlessDead([404, 409], async () => {
      // One after the other: the first also sets the CSRF cookie.
      const me = (await readSession())?.user ?? null
      state.value = { is: 'open', invitation: await lookAtInvitation(secret), me }
    })
  }

  /** The id of the room, or undefined when the link is dead or, meanwhile, nobody is signed in. */
  async function accept(): Promise<number | undefined> {
    try {
      return await unlessDead([404], () => acceptInvitation(secret))
    }
    catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401)
        throw error
      await look()
      return undefined
    }
  }

  const join = (newcomer: Newcomer) => unlessDead([404, 409], () => joinAsNewcomer(secret, newcomer))

  async function leaveAccount(): Promise<void> {
    await signOut()
    await look()
  }

  // A room that is archived (409) takes nobody in; who accepts may also be in too many rooms, which is told.
  async function unlessDead<Answer>(statuses: readonly number[], act: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await act()
    }
    catch (error) {
      if (!(error instanceof ApiError) || !statuses.includes(error.status))
        throw error
      state.value = { is: 'dead' }
      return undefined
    }
  }

  return { state: shallowReadonly(state), look, accept, join, leaveAccount }
}
