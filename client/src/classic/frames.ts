// The classic protocol's frames: decoding what comes, tolerant of anything, and encoding what goes.
// Pure; no socket and no clock. Both directions carry JSON whose `content` is itself a JSON string.

import type { NoticeType } from '../api/notices'

export type Frame =
  | MessageFrame
  | NoticeFrame
  | { readonly kind: 'ignored' }

export interface MessageFrame {
  readonly kind: 'broadcast' | 'single'
  /** Null from a server that does not number its messages. */
  readonly id: number | null
  readonly fromUserId: number
  readonly text: string
  readonly sentAtMs: number | null
}

export interface NoticeFrame {
  readonly kind: 'notice'
  readonly pushId: number | null
  readonly title: string
  readonly content: string
  readonly type: NoticeType
  readonly pushedAtMs: number | null
}

/** Never raises: the pong, an unknown type and a malformed frame are all `ignored`. */
export function decode(data: unknown): Frame {
  const envelope = objectFrom(data)
  const content = objectFrom(envelope?.content)
  if (envelope === null || content === null)
    return IGNORED
  switch (envelope.type) {
    case 'demo-message-receive': return messageFrom(content)
    case 'notice-push': return noticeFrom(content)
    default: return IGNORED
  }
}

/** The text of a message to one user, or to everyone with null. */
export function encodeMessage(text: string, toUserId: number | null): string {
  return JSON.stringify({
    type: 'demo-message-send',
    content: JSON.stringify({ text, toUserId: toUserId ?? '' }),
  })
}

const IGNORED: Frame = { kind: 'ignored' }

function messageFrom(content: Record<string, unknown>): Frame {
  const fromUserId = numberFrom(content.fromUserId)
  if (fromUserId === null || typeof content.text !== 'string')
    return IGNORED
  return {
    kind: content.single === true ? 'single' : 'broadcast',
    id: numberFrom(content.id),
    fromUserId,
    text: content.text,
    sentAtMs: numberFrom(content.sentAt),
  }
}

function noticeFrom(content: Record<string, unknown>): Frame {
  if (typeof content.title !== 'string')
    return IGNORED
  return {
    kind: 'notice',
    pushId: numberFrom(content.pushId),
    title: content.title,
    content: typeof content.content === 'string' ? content.content : '',
    type: content.type === 2 ? 2 : 1,
    pushedAtMs: numberFrom(content.pushedAt) ?? numberFrom(content.createTime),
  }
}

function objectFrom(text: unknown): Record<string, unknown> | null {
  if (typeof text !== 'string')
    return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : null
  }
  catch {
    return null
  }
}

// Numbers beyond 2^53 - 1 come as strings of digits.
function numberFrom(value: unknown): number | null {
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : null
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null
}
