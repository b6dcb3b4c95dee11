// Names of people: those that are shown and not known yet are asked for together, in the next moment.

import type { Ref } from 'vue'
import type { Someone } from '../api/types'
import type { State } from '../state/state'
import type { Call } from './useFeed'

const GATHER_MS = 20
const MOST_AT_ONCE = 200
const RETRY_MS = 5_000

export function usePeople({ call, state, put }: {
  call: Call
  state: Readonly<Ref<State | null>>
  put: (people: readonly Someone[]) => void
}) {
  const wanted = new Set<number>()
  const asked = new Set<number>()
  let timer: ReturnType<typeof setTimeout> | undefined

  /** The person, or undefined while the name is on its way; asks for it where it is not known. */
  function person(id: number): Someone | undefined {
    const known = state.value?.people.get(id)
    if (known === undefined && !asked.has(id)) {
      wanted.add(id)
      asked.add(id)
      timer ??= setTimeout(() => void ask(), GATHER_MS)
    }
    return known
  }

  async function ask(): Promise<void> {
    timer = undefined
    const users = [...wanted].slice(0, MOST_AT_ONCE)
    users.forEach(id => wanted.delete(id))
    if (wanted.size > 0)
      timer = setTimeout(() => void ask(), GATHER_MS)
    try {
      put((await call('people.get', { users })).results)
    }
    catch {
      // Not now: they are asked for again when they are shown the next time.
      setTimeout(() => users.forEach(id => asked.delete(id)), RETRY_MS)
    }
  }

  async function find(query: string, room: number | null, limit = 8): Promise<readonly Someone[]> {
    const { results } = await call('people.find', { query, room, limit })
    put(results)
    return results
  }

  return { person, find }
}
