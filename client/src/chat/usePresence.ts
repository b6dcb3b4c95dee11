// Who is connected now: a channel in which everybody who has the page open is present. Nothing of it is stored.

import { onScopeDispose, shallowRef } from 'vue'
import type { Centrifuge } from 'centrifuge'

export const PRESENCE_CHANNEL = 'online:all'

export interface Away {
  /** In milliseconds since 1970, of those who left while this page was open. */
  readonly since: number
}

export function usePresence(centrifuge: Centrifuge, now: () => number = Date.now) {
  /** Ids of people who are here. */
  const online = shallowRef<ReadonlySet<number>>(new Set())
  const lastSeen = shallowRef<ReadonlyMap<number, number>>(new Map())
  // One person may have several connections.
  let connections = new Map<string, number>()

  const subscription = centrifuge.newSubscription(PRESENCE_CHANNEL, { joinLeave: true })
  subscription
    .on('subscribed', () => void load())
    .on('join', ({ info }) => {
      connections.set(info.client, Number(info.user))
      tell()
    })
    .on('leave', ({ info }) => {
      connections.delete(info.client)
      tell()
    })
  subscription.subscribe()
  onScopeDispose(() => subscription.unsubscribe())

  async function load(): Promise<void> {
    try {
      const { clients } = await subscription.presence()
      connections = new Map(Object.values(clients).map(({ client, user }) => [client, Number(user)]))
      tell()
    }
    catch {
      // Asked again with the next subscription; until then, those who come and go are told.
    }
  }

  function tell(): void {
    const here = new Set(connections.values())
    const gone = [...online.value].filter(user => !here.has(user))
    if (gone.length > 0)
      lastSeen.value = new Map([...lastSeen.value, ...gone.map(user => [user, now()] as const)])
    online.value = here
  }

  return { online, lastSeen }
}
