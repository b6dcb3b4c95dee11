// What a file is to the eye, by its media type and, where that says nothing, its name. Security hangs on none of it.

import type { File as StoredFile } from '../api/types'

export type FileKind = 'image' | 'video' | 'audio' | 'pdf' | 'archive' | 'sheet' | 'document' | 'text' | 'other'

const BY_TYPE: readonly (readonly [RegExp, FileKind])[] = [
  [/^image\//, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^application\/pdf$/, 'pdf'],
  [/sheet|excel/, 'sheet'],
  [/word|document|presentation/, 'document'],
  [/zip|compressed|tar$|rar/, 'archive'],
]
const BY_ENDING: readonly (readonly [RegExp, FileKind])[] = [
  [/\.(xlsx?|ods|csv|et)$/i, 'sheet'],
  [/\.(docx?|odt|pptx?|odp|wps|pages|key)$/i, 'document'],
  [/\.(zip|7z|rar|tar|gz|bz2|xz|zst)$/i, 'archive'],
]

export function fileKind({ type, name }: Pick<StoredFile, 'type' | 'name'>): FileKind {
  // Offices' files are archives, and a table of text is text.
  const byEnding = BY_ENDING.find(([pattern]) => pattern.test(name))?.[1]
  const byType = BY_TYPE.find(([pattern]) => pattern.test(type))?.[1]
  if (byType !== undefined && byType !== 'archive')
    return byType
  return byEnding ?? byType ?? (type.startsWith('text/') ? 'text' : 'other')
}

export interface Picture {
  readonly id: number
  readonly name: string
  readonly width: number
  readonly height: number
}

/** What the server has written anew as an image and a browser may show; null for everything else. */
export function pictureOf(file: StoredFile): Picture | null {
  if (file.width == null || file.height == null || file.thumbnail == null || !file.type.startsWith('image/'))
    return null
  return { id: file.id, name: file.name, width: file.width, height: file.height }
}

const MOST_WIDTH = 320
const MOST_HEIGHT = 240
const LEAST_SIDE = 40

/** The box in CSS pixels that is kept free for a picture: its shape, never larger than it is, never a mere line. */
export function pictureBox({ width, height }: { width: number, height: number }): { width: number, height: number } {
  const scale = Math.min(1, MOST_WIDTH / width, MOST_HEIGHT / height)
  return {
    width: Math.max(LEAST_SIDE, Math.round(width * scale)),
    height: Math.max(LEAST_SIDE, Math.round(height * scale)),
  }
}
