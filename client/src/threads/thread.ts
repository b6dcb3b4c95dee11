// A thread that is open, as its pages and the publications of its room make it. Pure; following it is of the state.

import type { Frame, Message, ThreadPage } from '../api/types'

export interface OpenThread {
  readonly root: Message
  /** By number, ascending; all from the first one up to where `next` is. */
  readonly replies: readonly Message[]
  /** The number after which the next page begins, null at the end. */
  readonly next: number | null
}

export function threadFrom(page: ThreadPage): OpenThread {
  return { root: page.root, replies: page.results, next: page.next }
}

export function withPage(thread: OpenThread, page: ThreadPage): OpenThread {
  const last = thread.replies.at(-1)?.number ?? 0
  return {
    root: page.root,
    replies: [...thread.replies, ...page.results.filter(({ number }) => number > last)],
    next: page.next,
  }
}

/** What the room told; what is of other threads, or behind a page that is not loaded, changes nothing. Twice is as once. */
export function withFrame(thread: OpenThread, frame: Frame): OpenThread {
  switch (frame.kind) {
    case 'message.posted':
    case 'message.rang':
      return posted(thread, frame.message)
    case 'message.edited':
    case 'message.deleted':
      return changed(thread, frame.message.id, () => frame.message)
    case 'reaction.added':
    case 'reaction.removed':
      return changed(thread, frame.message, message => reacted(message, frame.emoji, frame.user, frame.kind === 'reaction.added'))
    case 'pin.added':
    case 'pin.removed':
      return changed(thread, frame.message, message => ({ ...message, is_pinned: frame.kind === 'pin.added' }))
    case 'thread.changed':
      return frame.thread.root === thread.root.id ? { ...thread, root: { ...thread.root, thread: frame.thread } } : thread
    default:
      return thread
  }
}

export function isReplyIn(message: Message, root: number): boolean {
  return message.thread?.root === root && message.id !== root
}

function posted(thread: OpenThread, message: Message): OpenThread {
  if (!isReplyIn(message, thread.root.id))
    return thread
  const root = { ...thread.root, thread: message.thread ?? null }
  const last = thread.replies.at(-1)?.number ?? 0
  if (message.number <= last)
    return changed(thread, message.id, () => message)
  return { ...thread, root, replies: thread.next === null ? [...thread.replies, message] : thread.replies }
}

function changed(thread: OpenThread, id: number, change: (message: Message) => Message): OpenThread {
  if (thread.root.id === id)
    return { ...thread, root: change(thread.root) }
  const place = thread.replies.findIndex(reply => reply.id === id)
  const reply = thread.replies[place]
  return reply === undefined ? thread : { ...thread, replies: thread.replies.with(place, change(reply)) }
}

function reacted(message: Message, emoji: string, user: number, isAdded: boolean): Message {
  if (message.deleted_at != null)
    return message
  const users = new Map((message.reactions ?? []).map(reaction => [reaction.emoji, reaction.users]))
  const others = (users.get(emoji) ?? []).filter(one => one !== user)
  users.set(emoji, isAdded ? [...others, user] : others)
  return {
    ...message,
    reactions: [...users].filter(([, those]) => those.length > 0).map(([one, those]) => ({ emoji: one, users: those })),
  }
}
