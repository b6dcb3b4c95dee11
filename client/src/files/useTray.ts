// The files of one room or thread through time: those that go with the next message, and messages that wait for theirs.
// A message goes when all of its files have arrived, wherever one is by then; none is left out without a word.

import { computed, effectScope, onScopeDispose, shallowRef, watch, type EffectScope, type Ref } from 'vue'
import type { UploadTransport } from '../api/files'
import { useUploads } from './useUploads'

export interface TrayMessage {
  readonly room: number
  readonly thread: number | null
  readonly body: string
  readonly replyTo: number | null
  readonly files: readonly number[]
}

type Unsent = Pick<TrayMessage, 'body' | 'replyTo'>

interface Batch extends ReturnType<typeof useUploads> {
  readonly scope: EffectScope
}

/** A message that was sent by a person, and waits for its files. */
export interface Departing extends Unsent {
  readonly id: number
  readonly batch: Batch
}

export type Tray = ReturnType<typeof useTray>

export function useTray({ room, thread, isConnected, send, transport }: {
  room: number
  thread: number | null
  isConnected: Readonly<Ref<boolean>>
  send: (message: TrayMessage) => void
  transport?: UploadTransport
}) {
  const current = shallowRef(newBatch())
  const departing = shallowRef<readonly Departing[]>([])
  let lastId = 0

  onScopeDispose(() => [current.value, ...departing.value.map(({ batch }) => batch)].forEach(({ scope }) => scope.stop()))

  function newBatch(): Batch {
    const scope = effectScope(true)
    const uploads = scope.run(() => useUploads({ room, isConnected, ...(transport === undefined ? {} : { transport }) }))
    if (uploads === undefined)
      throw new Error('a new scope is not over')
    return { ...uploads, scope }
  }

  /** False where there is no file to go with it: then it is a message like any other. */
  function depart({ body, replyTo }: Unsent): boolean {
    const batch = current.value
    // What cannot be sent has said so before this.
    for (const { key, state } of batch.uploads.value) {
      if (state.is === 'failed' && !state.mayRetry)
        batch.cancel(key)
    }
    if (batch.uploads.value.length === 0) {
      batch.clear()
      return false
    }
    lastId += 1
    const message: Departing = { id: lastId, body, replyTo, batch }
    departing.value = [...departing.value, message]
    current.value = newBatch()
    batch.scope.run(() => watch(batch.uploads, () => settle(message), { immediate: true, flush: 'sync' }))
    return true
  }

  function settle(message: Departing): void {
    const { uploads, readyIds } = message.batch
    if (!departing.value.includes(message) || !uploads.value.every(({ state }) => state.is === 'done'))
      return
    const files = [...readyIds.value]
    departing.value = departing.value.filter(one => one !== message)
    if (files.length > 0 || message.body !== '')
      send({ room, thread, body: message.body, replyTo: message.replyTo, files })
    // Not in the midst of what it watches.
    queueMicrotask(() => message.batch.scope.stop())
  }

  /** To be written on: its files are those of the next message again. Only while there are no others. */
  function takeBack(id: number): Unsent | null {
    const message = departing.value.find(one => one.id === id)
    if (message === undefined || current.value.uploads.value.length > 0)
      return null
    current.value.scope.stop()
    current.value = message.batch
    departing.value = departing.value.filter(one => one !== message)
    return message
  }

  return {
    current,
    departing,
    /** Whether there is something to send without a text. */
    hasFiles: computed(() => current.value.uploads.value.some(({ state }) => state.is !== 'failed' || state.mayRetry)),
    add: (files: readonly File[]) => current.value.add(files),
    depart,
    takeBack,
  }
}
