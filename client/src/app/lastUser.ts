// Who was signed in last in this browser, so that the chat opens without a network. Nothing secret: a name and a number.
// Signing out forgets it, as does the server's word that nobody is signed in: the next person of a shared computer does
// not begin as the last one.

import type { User } from '../api/accounts'

const KEPT_AS = 'teahouse-user'

export function keepLastUser(user: User): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(user))
  }
  catch {
    // Then it opens with a network only.
  }
}

export function forgetLastUser(): void {
  try {
    localStorage.removeItem(KEPT_AS)
  }
  catch {
    // Nothing is kept here.
  }
}

export function lastUser(): User | null {
  try {
    return userFrom(localStorage.getItem(KEPT_AS))
  }
  catch {
    return null
  }
}

/** Null for whatever is none. */
export function userFrom(kept: string | null): User | null {
  try {
    const value = JSON.parse(kept ?? 'null') as Partial<User> | null
    return typeof value?.id === 'number' && typeof value.username === 'string' && typeof value.name === 'string'
      ? { id: value.id, username: value.username, name: value.name, is_admin: value.is_admin === true }
      : null
  }
  catch {
    return null
  }
}
