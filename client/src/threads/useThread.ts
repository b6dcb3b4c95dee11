// A thread through time: its pages, what is told of it meanwhile, and anew after the connection has lost something.

import { readonly, shallowRef, watch } from 'vue'
import type { Commands, Frame, Following } from '../api/types'
import type { Chat } from '../chat/useChat'
import { Refused } from '../realtime/refusal'
import { threadFrom, withFrame, withPage, type OpenThread } from './thread'

const PAGE_LENGTH = 100
/** So many are loaded at once; the rest when it is asked for. */
const MOST_AT_ONCE = 500

export function useThread(chat: Chat, room: number, root: number) {
  const thread = shallowRef<OpenThread | null>(null)
  const told = shallowRef<Following | null>(null)
  const isLoading = shallowRef(false)
  const hasFailed = shallowRef(false)
  const isGone = shallowRef(false)
  // What was published since a page was asked for: the page may have been read before it.
  let since: Frame[] = []

  chat.listen(({ channel, data }) => {
    if (channel !== `room:${room}`)
      return
    if (isLoading.value)
      since.push(data)
    if (thread.value !== null)
      thread.value = withFrame(thread.value, data)
  })
  watch(chat.isCaughtUp, is => is && thread.value !== null && void load())

  /** From the beginning. */
  function load(): Promise<void> {
    return ask(async () => {
      let loaded = await page(null)
      while (loaded.next !== null && loaded.replies.length < MOST_AT_ONCE)
        loaded = await page(loaded)
      return loaded
    })
  }

  function more(): Promise<void> {
    return ask(() => page(thread.value))
  }

  async function page(before: OpenThread | null): Promise<OpenThread> {
    const answer: Commands['thread.get']['answer'] =
      await chat.call('thread.get', { message: root, after: before?.next ?? 0, limit: PAGE_LENGTH })
    told.value = answer.following
    return before === null ? threadFrom(answer) : withPage(before, answer)
  }

  async function ask(load: () => Promise<OpenThread>): Promise<void> {
    if (isLoading.value)
      return
    isLoading.value = true
    hasFailed.value = false
    since = []
    try {
      const loaded = await load()
      thread.value = since.reduce(withFrame, loaded)
    }
    catch (error) {
      isGone.value = error instanceof Refused && error.slug === 'no_such_message'
      hasFailed.value = !isGone.value
    }
    finally {
      isLoading.value = false
    }
  }

  return {
    thread: readonly(thread) as Readonly<typeof thread>,
    told,
    isLoading: readonly(isLoading),
    hasFailed: readonly(hasFailed),
    isGone: readonly(isGone),
    load,
    more,
  }
}
