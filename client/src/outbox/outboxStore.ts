// Where messages on their way are kept: IndexedDB, one store for each person who signs in to this browser. It takes a
// moment, in which a page may end and its write with it: until then localStorage, which takes none, has the message.

import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { NewMessage } from './outbox'

export interface OutboxStore {
  all: () => Promise<readonly NewMessage[]>
  /** Again, with the same key, it replaces. */
  put: (message: NewMessage) => Promise<void>
  remove: (key: string) => Promise<void>
}

interface Schema extends DBSchema {
  messages: { key: string, value: NewMessage }
}

/** All of it raises what IndexedDB raises: some browsers keep nothing in private windows. */
export function outboxStoreOf(user: number): OutboxStore {
  let opened: Promise<IDBPDatabase<Schema>> | undefined
  const database = () => opened ??= openDB<Schema>(`teahouse-outbox-${user}`, 1, {
    upgrade: db => db.createObjectStore('messages', { keyPath: 'key' }),
  })
  const prefix = `teahouse-outbox-${user}-`
  return {
    all: async () => {
      const kept = await (await database()).getAll('messages')
      const known = new Set(kept.map(({ key }) => key))
      return [...kept, ...inHurry(prefix).filter(({ key }) => !known.has(key))]
    },
    put: async (message) => {
      hurry(prefix + message.key, JSON.stringify(message))
      await (await database()).put('messages', message)
      hurry(prefix + message.key, null)
    },
    remove: async (key) => {
      hurry(prefix + key, null)
      await (await database()).delete('messages', key)
    },
  }
}

function hurry(key: string, value: string | null): void {
  try {
    if (value === null)
      localStorage.removeItem(key)
    else
      localStorage.setItem(key, value)
  }
  catch {
    // Full, or not allowed: then that moment is a risk.
  }
}

function inHurry(prefix: string): NewMessage[] {
  try {
    return Object.keys(localStorage)
      .filter(key => key.startsWith(prefix))
      .map(key => JSON.parse(localStorage.getItem(key) ?? 'null') as NewMessage | null)
      .filter(message => message !== null)
  }
  catch {
    return []
  }
}
