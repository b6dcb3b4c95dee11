// Everybody who can be written to, and the names behind the numbers on the wire; read anew when an unknown one writes.

import { computed, shallowRef } from 'vue'
import { readUsers, type ListedUser } from '../api/users'

export function useUsers(fetchUsers: () => Promise<ListedUser[]> = readUsers) {
  const users = shallowRef<readonly ListedUser[]>([])
  const hasFailed = shallowRef(false)
  const names = computed(() => new Map(users.value.map(user => [user.id, user.name || user.username])))
  // Unknown after a fresh reading means deleted, or beyond the limit: each is worth one reading only.
  const askedFor = new Set<number>()
  let reading: Promise<void> | undefined

  /** Two calls at one time are one reading. */
  function readAgain(): Promise<void> {
    reading ??= fetchUsers()
      .then((all) => {
        users.value = all
        hasFailed.value = false
      })
      .catch(() => {
        hasFailed.value = true
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  async function seen(userId: number): Promise<void> {
    if (names.value.has(userId) || askedFor.has(userId))
      return
    askedFor.add(userId)
    // A reading that is on its way may have begun before this user was there.
    await reading
    if (!names.value.has(userId))
      await readAgain()
  }

  return { users, names, hasFailed, readAgain, seen }
}
