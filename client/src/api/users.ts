// The addresses about everybody else: who there is, and adding somebody. What an admin changes later is in /admin/.

import { read, write } from './request'

export interface ListedUser {
  readonly id: number
  readonly username: string
  readonly name: string
}

const PAGE_LENGTH = 500
const PAGES_AT_MOST = 20

/** Everybody, page after page, in the server's order; at most the first 10,000. */
export async function readUsers(): Promise<ListedUser[]> {
  const users: ListedUser[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_AT_MOST; page++) {
    const query = new URLSearchParams({ limit: String(PAGE_LENGTH), ...(after === null ? {} : { after }) })
    const answer: { results: ListedUser[], next: string | null } = await read(`/api/users?${query.toString()}`)
    users.push(...answer.results)
    after = answer.next
    if (after === null)
      break
  }
  return users
}

/** For admins. ApiError 400 names the fields that are wrong. */
export const addUser = (user: { username: string, name: string, password: string }) =>
  write<ListedUser>('/api/users', user)
