// The addresses about files: where their bytes are, the list of a room, and the two requests of an upload. An upload's
// request never rejects: what goes wrong is an answer, and what follows from it is in files/uploads.ts.

import { csrfHeader, read } from './request'
import type { File as StoredFile } from './types'

export interface RoomFile extends StoredFile {
  /** The id of its message, and that message's number in the room. */
  readonly message: number
  readonly number: number
}

export interface RoomFilePage {
  readonly results: readonly RoomFile[]
  /** The `before` of the next page. */
  readonly next: string | null
}

/** Bytes of a file from `first` on; all of them when `isWhole`. */
export interface Piece {
  readonly room: number
  readonly key: string
  readonly name: string
  readonly body: Blob
  readonly first: number
  readonly total: number
  readonly isWhole: boolean
}

export type UploadAnswer =
  | { readonly is: 'complete', readonly file: StoredFile }
  | { readonly is: 'partial', readonly receivedBytes: number }
  | {
    readonly is: 'refused'
    readonly status: number
    readonly slug: string
    readonly retryAfterMs: number
    /** Of a piece that is behind a hole: from where to go on. */
    readonly receivedBytes: number | null
  }
  /** Nobody answered. */
  | { readonly is: 'lost' }
  /** The browser cannot read the file: it was removed, changed, or is a folder. */
  | { readonly is: 'unreadable' }

export interface UploadTransport {
  /** `onSent` is told how many bytes of the piece have left. */
  send(piece: Piece, onSent: (bytes: number) => void, signal: AbortSignal): Promise<UploadAnswer>
  /** How far an upload has come. */
  received(room: number, key: string, signal: AbortSignal): Promise<UploadAnswer>
}

export const fileUrl = (id: number) => `/api/files/${id}`
export const thumbnailUrl = (id: number) => `/api/files/${id}/thumbnail`

/** Files of the messages of a room that one may read, the last uploaded first. Raises as `read` does. */
export function readRoomFiles(room: number, before: string | null): Promise<RoomFilePage> {
  const query = new URLSearchParams({ limit: '50', ...(before === null ? {} : { before }) })
  return read(`/api/rooms/${room}/files?${query.toString()}`)
}

export const uploadTransport: UploadTransport = {
  async send(piece, onSent, signal) {
    const { room, key, name, body, first, total, isWhole } = piece
    const query = new URLSearchParams({ client_key: key, name })
    const range = isWhole ? null : `bytes ${first}-${first + body.size - 1}/${total}`
    const answer = await ask('POST', `/api/rooms/${room}/files?${query.toString()}`, { range, body, onSent, signal })
    // What the browser cannot read looks to XMLHttpRequest like a lost connection.
    return answer.is === 'lost' && !signal.aborted && !await isReadable(body) ? { is: 'unreadable' } : answer
  },
  received: (room, key, signal) => ask('GET', `/api/rooms/${room}/uploads/${encodeURIComponent(key)}`, { signal }),
}

// A minute without a byte either way. An image is written anew before its upload is answered, for half a minute at most.
const SILENCE_MS = 60_000

interface Asked {
  readonly range?: string | null
  readonly body?: Blob
  readonly onSent?: (bytes: number) => void
  readonly signal: AbortSignal
}

/** By XMLHttpRequest, because `fetch` does not tell how much of a body has left. */
async function ask(method: 'GET' | 'POST', path: string, asked: Asked): Promise<UploadAnswer> {
  let token = ''
  try {
    token = method === 'GET' ? '' : await csrfHeader()
  }
  catch {
    return { is: 'lost' }
  }
  if (asked.signal.aborted)
    return { is: 'lost' }
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    let silence = setTimeout(() => request.abort(), SILENCE_MS)
    const abort = () => request.abort()
    asked.signal.addEventListener('abort', abort)
    request.upload.onprogress = ({ loaded }) => {
      clearTimeout(silence)
      silence = setTimeout(abort, SILENCE_MS)
      asked.onSent?.(loaded)
    }
    request.onloadend = () => {
      clearTimeout(silence)
      asked.signal.removeEventListener('abort', abort)
      resolve(answerOf(request.status, request.responseText, request.getResponseHeader('Retry-After')))
    }
    request.open(method, path)
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('Accept-Language', document.documentElement.lang)
    if (method === 'POST') {
      request.setRequestHeader('X-CSRFToken', token)
      // Never the file's own type: the server refuses a form's, and looks at the content anyway.
      request.setRequestHeader('Content-Type', 'application/octet-stream')
    }
    if (asked.range != null)
      request.setRequestHeader('Content-Range', asked.range)
    request.send(asked.body ?? null)
  })
}

/** What an answer means; status 0 is none. */
export function answerOf(status: number, text: string, retryAfter: string | null): UploadAnswer {
  if (status === 0)
    return { is: 'lost' }
  const answer = parsed(text)
  if (status < 300) {
    if (answer?.file !== undefined)
      return { is: 'complete', file: answer.file }
    if (answer?.received_bytes !== undefined)
      return { is: 'partial', receivedBytes: answer.received_bytes }
    // Not Teahouse's answer, such as a page of a network that asks to sign in.
    return answer?.id === undefined ? { is: 'lost' } : { is: 'complete', file: answer as StoredFile }
  }
  return {
    is: 'refused',
    status,
    slug: answer?.slug ?? '',
    retryAfterMs: Math.max(0, Number(retryAfter ?? 0) || 0) * 1000,
    receivedBytes: answer?.received_bytes ?? null,
  }
}

interface Answered extends Partial<StoredFile> {
  readonly file?: StoredFile
  readonly received_bytes?: number
  readonly slug?: string
}

function parsed(text: string): Answered | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : null
  }
  catch {
    return null
  }
}

async function isReadable(body: Blob): Promise<boolean> {
  try {
    await body.slice(0, 1).arrayBuffer()
    return true
  }
  catch {
    return false
  }
}
