// The addresses about who I am: first setup, the login session and the token for a connection.
// The cookie is the browser's matter; the token is kept by nobody and fetched anew for each connect.

import { read, write } from './request'

export interface User {
  readonly id: number
  readonly username: string
  readonly name: string
  readonly is_admin: boolean
}

export interface SetupState {
  readonly needed: boolean
  readonly code_required: boolean
}

export const readSetup = () => read<SetupState>('/api/setup')

/** Makes the owner's account and signs in. ApiError 403: the code is wrong; 409: somebody was first. */
export async function setUp(owner: { username: string, name: string, password: string, code?: string }): Promise<User> {
  return (await write<{ user: User }>('/api/setup', owner)).user
}

export interface Session {
  readonly user: User
  /** For a first connection within five minutes; later ones fetch their own. */
  readonly connection_token: string
}

/** Who is signed in, or null; sets the CSRF cookie too. */
export async function readSession(): Promise<Session | null> {
  const session = await read<Session | { user: null }>('/api/auth/session')
  return session.user === null ? null : session
}

/** ApiError 401: wrong name or password; 429: too many attempts. */
export async function signIn(username: string, password: string): Promise<User> {
  return (await write<{ user: User }>('/api/auth/session', { username, password })).user
}

export const signOut = () => write<undefined>('/api/auth/logout')

/** A token for one connect. ApiError 401: nobody is signed in any more. */
export async function fetchAccessToken(): Promise<string> {
  return (await write<{ access: string }>('/api/auth/access-token')).access
}

/** A token for the first frame on the native door. ApiError 401 or 403: nobody is signed in any more. */
export async function fetchConnectionToken(): Promise<string> {
  return (await write<{ token: string }>('/api/auth/connection-token')).token
}
