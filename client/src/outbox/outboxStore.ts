// Where messages on their way are kept: IndexedDB, one store for each person who signs in to this browser.

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
  return {
    all: async () => (await database()).getAll('messages'),
    put: async (message) => {
      await (await database()).put('messages', message)
    },
    remove: async key => (await database()).delete('messages', key),
  }
}
