// Which publications change the list of threads that one follows. Pure.

import type { Frame } from '../api/types'

/** `shown` are the roots in the list; any reply may bring a thread into it. */
export function concernsThreads(frame: Frame, shown: ReadonlySet<number>): boolean {
  switch (frame.kind) {
    case 'message.posted':
      return frame.message.thread != null && frame.message.thread.root !== frame.message.id
    case 'message.edited':
    case 'message.deleted':
      return shown.has(frame.message.id) || shown.has(frame.message.thread?.root ?? 0)
    case 'thread.changed':
      return shown.has(frame.thread.root)
    case 'thread.followed':
      return true
    default:
      return false
  }
}
