// A list of the server's that is shown in pages and asked for again, a moment later, when something is told that concerns
// it: threads, what is saved, pins.

import { onScopeDispose, readonly, shallowRef, watch } from 'vue'
import type { Publication } from '../state/state'
import type { Chat } from './useChat'

const PAGE_LENGTH = 50
const MOST_LENGTH = 200
const GATHER_MS = 150

export interface ListPage<Item> {
  readonly results: readonly Item[]
  readonly next: number | null
}

export function useLiveList<Item>(chat: Pick<Chat, 'listen' | 'isCaughtUp'>, { ask, concerns }: {
  ask: (before: number | null, limit: number) => Promise<ListPage<Item>>
  concerns: (publication: Publication, items: readonly Item[]) => boolean
}) {
  const items = shallowRef<readonly Item[]>([])
  const next = shallowRef<number | null>(null)
  const isLoaded = shallowRef(false)
  const hasFailed = shallowRef(false)
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  chat.listen(publication => concerns(publication, items.value) && soon())
  watch(chat.isCaughtUp, is => is && soon())
  onScopeDispose(() => clearTimeout(timer))
  void reload()

  function soon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void reload(), GATHER_MS)
  }

  /** As many as there were. An answer that another request has overtaken is passed over. */
  function reload(): Promise<void> {
    const limit = Math.min(MOST_LENGTH, Math.max(PAGE_LENGTH, items.value.length))
    return take(ask(null, limit), page => page.results)
  }

  function more(): Promise<void> {
    return take(ask(next.value, PAGE_LENGTH), page => [...items.value, ...page.results])
  }

  async function take(answer: Promise<ListPage<Item>>, merged: (page: ListPage<Item>) => readonly Item[]): Promise<void> {
    asked += 1
    const mine = asked
    try {
      const page = await answer
      if (mine !== asked)
        return
      items.value = merged(page)
      next.value = page.next
      isLoaded.value = true
      hasFailed.value = false
    }
    catch {
      hasFailed.value = mine === asked
    }
  }

  return { items: readonly(items) as Readonly<typeof items>, next: readonly(next), isLoaded: readonly(isLoaded), hasFailed: readonly(hasFailed), reload, more }
}
