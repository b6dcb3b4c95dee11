// The uploads of one room through time: three at once, piece by piece, again by themselves after a lost connection.
// What each answer leads to is in uploads.ts, the requests are in api/files.ts.

import { computed, onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'
import { uploadTransport, type UploadTransport } from '../api/files'
import { reconnectDelayMs } from '../realtime/backoff'
import {
  changed, firstAttempt, hasPreview, newUpload, outcomeOf, readyIdsOf, startable, stepOf, takenOf,
  type Attempt, type Upload, type Uploads,
} from './uploads'

interface Work {
  readonly file: File
  /** Kept over a failure, so that a retry goes on where it was. */
  attempt: Attempt
  stop: AbortController
}

/** Without `isConnected` only time and a person make a failed upload go on. */
export function useUploads({
  room, transport = uploadTransport, isConnected, random = Math.random, newKey = () => crypto.randomUUID(),
}: {
  room: number
  transport?: UploadTransport
  isConnected?: Readonly<Ref<boolean>>
  random?: () => number
  newKey?: () => string
}) {
  const uploads = shallowRef<Uploads>([])
  /** Of the files added last, how many were one too many for a message. */
  const leftOut = shallowRef(0)
  const works = new Map<string, Work>()
  const pauses = new Map<string, () => void>()

  if (isConnected !== undefined)
    watch(isConnected, is => is && wake())
  onScopeDispose(clear)

  /** Taken and on their way, as far as a message may have them; `leftOut` tells of the others. */
  function add(files: readonly File[]): void {
    const taken = takenOf(uploads.value, files.map(({ size }) => size))
    leftOut.value = files.length - taken.length
    const fresh = taken.flatMap((index) => {
      const file = files[index]
      return file === undefined ? [] : [begun(file)]
    })
    uploads.value = [...uploads.value, ...fresh]
    goOn()
  }

  function begun(file: File): Upload {
    const previewUrl = file.size > 0 && hasPreview(file.type) ? URL.createObjectURL(file) : null
    const upload = newUpload(newKey(), file, previewUrl)
    works.set(upload.key, { file, attempt: firstAttempt(file.size), stop: new AbortController() })
    return upload
  }

  /** Away with it, in whatever state. The server forgets what it has of it within a day. */
  function cancel(key: string): void {
    const upload = uploads.value.find(one => one.key === key)
    if (upload === undefined)
      return
    forget(upload)
    uploads.value = uploads.value.filter(one => one !== upload)
    leftOut.value = 0
    goOn()
  }

  /** False for what has not failed, or cannot succeed. */
  function retry(key: string): boolean {
    const state = uploads.value.find(one => one.key === key)?.state
    const work = works.get(key)
    if (state?.is !== 'failed' || !state.mayRetry || work === undefined)
      return false
    work.attempt = { ...work.attempt, failures: 0, isUnsure: true }
    uploads.value = changed(uploads.value, key, { state: { is: 'waiting' } })
    goOn()
    return true
  }

  /** After the message was sent, or the room is left. */
  function clear(): void {
    uploads.value.forEach(forget)
    uploads.value = []
    leftOut.value = 0
  }

  function forget({ key, previewUrl }: Upload): void {
    works.get(key)?.stop.abort()
    works.delete(key)
    pauses.get(key)?.()
    if (previewUrl !== null)
      URL.revokeObjectURL(previewUrl)
  }

  /** The connection is back: nobody waits any longer. */
  function wake(): void {
    for (const end of [...pauses.values()])
      end()
    for (const { key, state } of uploads.value) {
      if (state.is === 'failed' && state.reason === 'network')
        retry(key)
    }
  }

  function goOn(): void {
    for (const key of startable(uploads.value)) {
      const work = works.get(key)
      if (work !== undefined)
        void carryOut(key, work)
    }
  }

  async function carryOut(key: string, work: Work): Promise<void> {
    uploads.value = changed(uploads.value, key, { state: { is: 'uploading' } })
    const { signal } = work.stop
    while (!signal.aborted) {
      const step = stepOf(work.attempt)
      const answer = step.is === 'ask'
        ? await transport.received(room, key, signal)
        : await transport.send(
            { room, key, name: work.file.name, body: work.file.slice(step.first, step.end), total: work.file.size, ...step },
            bytes => moved(key, (step.first + bytes) / work.file.size),
            signal,
          )
      if (isOver(signal))
        return
      const outcome = outcomeOf(work.attempt, step, answer)
      if (outcome.is !== 'onward') {
        ended(key, outcome)
        return
      }
      work.attempt = outcome.attempt
      moved(key, outcome.attempt.receivedBytes / work.file.size)
      if (outcome.hasFailed)
        await pause(key, Math.max(outcome.waitMs, reconnectDelayMs(outcome.attempt.failures, random())))
    }
  }

  function ended(key: string, state: Extract<Upload['state'], { is: 'done' | 'failed' }>): void {
    uploads.value = changed(uploads.value, key, state.is === 'done' ? { state, progress: 1 } : { state })
    goOn()
  }

  function moved(key: string, progress: number): void {
    if (works.has(key))
      uploads.value = changed(uploads.value, key, { progress: Math.min(1, progress) })
  }

  function pause(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        pauses.delete(key)
        resolve()
      }
      const timer = setTimeout(end, ms)
      pauses.set(key, end)
    })
  }

  return {
    uploads: readonly(uploads),
    leftOut: readonly(leftOut),
    readyIds: computed(() => readyIdsOf(uploads.value)),
    /** Whether some are still on their way; what has failed is not. */
    isBusy: computed(() => uploads.value.some(({ state }) => state.is === 'waiting' || state.is === 'uploading')),
    add,
    cancel,
    retry,
    clear,
  }
}

/** A function, since between two looks of the compiler nothing could have changed it. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted
}
