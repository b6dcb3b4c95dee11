// The list on the classic page as a value: newest first, bounded, each entry once. Pure; who holds it and when it
// changes is in useMessages.ts.

import type { Notice, NoticeType } from '../api/notices'
import type { MessageFrame, NoticeFrame } from './frames'

export type ListedMessage =
  | { readonly key: string, readonly kind: 'broadcast' | 'single', readonly fromUserId: number, readonly text: string, readonly atMs: number }
  | { readonly key: string, readonly kind: 'sent', readonly toUserId: number, readonly text: string, readonly atMs: number }
  | { readonly key: string, readonly kind: 'notice', readonly type: NoticeType, readonly title: string, readonly text: string, readonly atMs: number }

export type MessageList = readonly ListedMessage[]

export const EMPTY_LIST: MessageList = []
export const LENGTH_AT_MOST = 1000

/** The list with what has just come on top; the same list when its key is there already. */
export function arrived(list: MessageList, message: ListedMessage): MessageList {
  return list.some(({ key }) => key === message.key) ? list : [message, ...list].slice(0, LENGTH_AT_MOST)
}

/** The list with what was read from the history, each at the place of its time; what is there already stays. */
export function merged(list: MessageList, history: MessageList): MessageList {
  return history.reduce((result, message) => {
    if (result.some(({ key }) => key === message.key))
      return result
    const place = result.findIndex(({ atMs }) => atMs <= message.atMs)
    return result.toSpliced(place === -1 ? result.length : place, 0, message)
  }, list).slice(0, LENGTH_AT_MOST)
}

/** `arrival` is the number of this arrival on this page: it makes the key where the server gave none. */
export function fromFrame(frame: MessageFrame | NoticeFrame, arrival: number, nowMs: number): ListedMessage {
  if (frame.kind === 'notice') {
    return {
      key: frame.pushId === null ? `arrival:${arrival}` : `notice:${frame.pushId}`,
      kind: 'notice',
      type: frame.type,
      title: frame.title,
      text: frame.content,
      atMs: frame.pushedAtMs ?? nowMs,
    }
  }
  return {
    key: frame.id === null ? `arrival:${arrival}` : `message:${frame.id}`,
    kind: frame.kind,
    fromUserId: frame.fromUserId,
    text: frame.text,
    atMs: frame.sentAtMs ?? nowMs,
  }
}

export function fromNotice(notice: Notice): ListedMessage {
  return {
    key: `notice:${notice.push_id}`,
    kind: 'notice',
    type: notice.type,
    title: notice.title,
    text: notice.content,
    atMs: Date.parse(notice.pushed_at),
  }
}

/** What I sent to one user: the wire gives the sender nothing back, so this says only that it went out. */
export function fromSending(text: string, toUserId: number, arrival: number, nowMs: number): ListedMessage {
  return { key: `arrival:${arrival}`, kind: 'sent', toUserId, text, atMs: nowMs }
}
