// The files that somebody is about to send into one room: which are taken at all, which may go next, what each answer
// of the server leads to. Immutable and pure; time and requests are in useUploads.ts.

import type { UploadAnswer } from '../api/files'
import type { File as StoredFile } from '../api/types'
import { MOST_FILES, MOST_FILE_BYTES } from './limits'

export const PIECE_BYTES = 4 * 1024 * 1024
export const MOST_AT_ONCE = 3
/** In a row, before a person is asked to. */
export const MOST_FAILURES = 8

export type UploadReason =
  // Known before anything is sent.
  | 'tooLarge' | 'empty'
  // Worth another attempt, now or after something has changed.
  | 'network' | 'busy' | 'tooOften' | 'serverError' | 'signedOut' | 'forbidden' | 'noSpace'
  // For good.
  | 'tooLargeForServer' | 'notFound' | 'archived' | 'conflict' | 'unsupported' | 'unreadable' | 'refused'

export type UploadState =
  | { readonly is: 'waiting' }
  | { readonly is: 'uploading' }
  | { readonly is: 'done', readonly file: StoredFile }
  | { readonly is: 'failed', readonly reason: UploadReason, readonly mayRetry: boolean }

export interface Upload {
  /** Its client key: the same for all attempts. */
  readonly key: string
  readonly name: string
  readonly sizeBytes: number
  /** What the browser takes it for. The server looks at the content. */
  readonly type: string
  /** An object URL, of images that browsers show. */
  readonly previewUrl: string | null
  /** 0 to 1. At 1 it has left, and may still be looked at by the server. */
  readonly progress: number
  readonly state: UploadState
}

export type Uploads = readonly Upload[]

/** What there is to know of an upload between two requests. */
export interface Attempt {
  readonly sizeBytes: number
  readonly receivedBytes: number
  /** In a row, without a byte more at the server. */
  readonly failures: number
  /** Nobody knows how much has arrived. */
  readonly isUnsure: boolean
}

export type Step =
  | { readonly is: 'ask' }
  | { readonly is: 'send', readonly first: number, readonly end: number, readonly isWhole: boolean }

export type Outcome =
  | { readonly is: 'done', readonly file: StoredFile }
  | { readonly is: 'failed', readonly reason: UploadReason, readonly mayRetry: boolean }
  /** `waitMs` is the least that the server wants; `hasFailed` asks for a pause of one's own. */
  | { readonly is: 'onward', readonly attempt: Attempt, readonly hasFailed: boolean, readonly waitMs: number }

const FOR_GOOD: readonly UploadReason[] =
  ['tooLarge', 'empty', 'tooLargeForServer', 'notFound', 'archived', 'conflict', 'unsupported', 'unreadable', 'refused']
// Not worth a wait: a person does not look at a spinner for longer.
const MOST_WAIT_MS = 30_000
const PREVIEWED = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/

export const hasPreview = (type: string) => PREVIEWED.test(type)

/** Why a file is not even begun, or null. */
export function refusalBefore(sizeBytes: number): UploadReason | null {
  if (sizeBytes === 0)
    return 'empty'
  return sizeBytes > MOST_FILE_BYTES ? 'tooLarge' : null
}

/** Of files with these sizes, the places of those that are taken; what is refused takes no other's place. */
export function takenOf(uploads: Uploads, sizes: readonly number[]): number[] {
  const isGood = (upload: Upload) => upload.state.is !== 'failed' || upload.state.mayRetry
  let good = uploads.filter(isGood).length
  let bad = uploads.length - good
  return sizes.flatMap((size, index) => {
    const places = refusalBefore(size) === null ? good++ : bad++
    return places < MOST_FILES ? [index] : []
  })
}

export function newUpload(key: string, file: { name: string, size: number, type: string }, previewUrl: string | null): Upload {
  const reason = refusalBefore(file.size)
  return {
    key,
    name: file.name,
    sizeBytes: file.size,
    type: file.type,
    previewUrl,
    progress: 0,
    state: reason === null ? { is: 'waiting' } : { is: 'failed', reason, mayRetry: false },
  }
}

/** The keys of those that may begin now, oldest first. */
export function startable(uploads: Uploads): string[] {
  const underWay = uploads.filter(({ state }) => state.is === 'uploading').length
  return uploads.filter(({ state }) => state.is === 'waiting').map(({ key }) => key)
    .slice(0, Math.max(0, MOST_AT_ONCE - underWay))
}

export function changed(uploads: Uploads, key: string, change: Partial<Upload>): Uploads {
  return uploads.map(upload => upload.key === key ? { ...upload, ...change } : upload)
}

/** The server's ids in the order in which the files were chosen, for the message. */
export function readyIdsOf(uploads: Uploads): number[] {
  return uploads.flatMap(({ state }) => state.is === 'done' ? [state.file.id] : [])
}

export function firstAttempt(sizeBytes: number): Attempt {
  return { sizeBytes, receivedBytes: 0, failures: 0, isUnsure: false }
}

export function stepOf({ sizeBytes, receivedBytes, isUnsure }: Attempt): Step {
  const isWhole = sizeBytes <= PIECE_BYTES
  // Of what goes in one request nothing is kept that did not arrive whole.
  if (isUnsure && !isWhole)
    return { is: 'ask' }
  // The last byte again, should all have arrived without an answer: any piece of a complete upload gives the file.
  const first = isWhole ? 0 : Math.min(receivedBytes, sizeBytes - 1)
  return { is: 'send', first, end: Math.min(sizeBytes, first + PIECE_BYTES), isWhole }
}

/** What follows from the answer to that step. */
export function outcomeOf(attempt: Attempt, step: Step, answer: UploadAnswer): Outcome {
  if (answer.is === 'complete')
    return { is: 'done', file: answer.file }
  if (answer.is === 'partial') {
    const { receivedBytes } = answer
    if (receivedBytes > attempt.receivedBytes)
      return onward({ ...attempt, receivedBytes, failures: 0, isUnsure: false })
    const next = { ...attempt, receivedBytes, isUnsure: false }
    return step.is === 'ask' ? onward(next) : failed(next, 'serverError')
  }
  if (answer.is === 'unreadable')
    return { is: 'failed', reason: 'unreadable', mayRetry: false }
  if (answer.is === 'lost')
    return failed({ ...attempt, isUnsure: true }, 'network')
  if (answer.receivedBytes !== null)
    return failed({ ...attempt, receivedBytes: answer.receivedBytes }, 'serverError')

  const reason = reasonOf(answer.status, answer.slug)
  const mayPass = reason === 'busy' || reason === 'tooOften' || reason === 'serverError' || reason === 'network'
  if (!mayPass || answer.retryAfterMs > MOST_WAIT_MS)
    return { is: 'failed', reason, mayRetry: !FOR_GOOD.includes(reason) }
  return failed({ ...attempt, isUnsure: true }, reason, answer.retryAfterMs)
}

function onward(attempt: Attempt): Outcome {
  return { is: 'onward', attempt, hasFailed: false, waitMs: 0 }
}

function failed(attempt: Attempt, reason: UploadReason, waitMs = 0): Outcome {
  const failures = attempt.failures + 1
  if (failures >= MOST_FAILURES)
    return { is: 'failed', reason, mayRetry: true }
  return { is: 'onward', attempt: { ...attempt, failures }, hasFailed: true, waitMs }
}

function reasonOf(status: number, slug: string): UploadReason {
  switch (status) {
    case 401: return 'signedOut'
    case 403: return 'forbidden'
    case 404: return 'notFound'
    case 408: return 'network'
    case 409: return slug === 'archived' ? 'archived' : 'conflict'
    // A quota has its name; without one it is a limit of what stands before the server, such as nginx.
    case 413: return slug === 'quota_exceeded' ? 'noSpace' : 'tooLargeForServer'
    case 415: return 'unsupported'
    case 429: return 'tooOften'
    case 503: return 'busy'
    default: return status >= 500 ? 'serverError' : 'refused'
  }
}
