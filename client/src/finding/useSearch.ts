// A search through time: the first page, more of them by cursor, and what went wrong. An answer that comes after another
// question is dropped. What was found last is kept, so that Back finds it again.

import { shallowRef } from 'vue'
import type { FoundMessage } from '../api/types'
import type { Chat } from '../chat/useChat'
import { useRefusalText } from '../messages/useRefusalText'

export type Order = 'newest' | 'best'

export interface Asked {
  readonly query: string
  readonly order: Order
  readonly room: number | null
}

export interface SearchPages {
  readonly asked: Asked
  readonly results: readonly FoundMessage[]
  readonly next: string | null
  readonly count: number
  readonly isMore: boolean
}

let last: { readonly user: number, readonly pages: SearchPages, top: number } | null = null

export function useSearch(chat: Chat) {
  const refusalText = useRefusalText()
  const pages = shallowRef<SearchPages | null>(null)
  const isAsking = shallowRef(false)
  const refusal = shallowRef('')
  let question = 0

  /** An empty query clears what is there. */
  async function ask(asked: Asked): Promise<void> {
    question += 1
    refusal.value = ''
    if (asked.query.trim() === '') {
      pages.value = null
      isAsking.value = false
      return
    }
    await turn(asked, null)
  }

  async function more(): Promise<void> {
    if (pages.value?.next != null && !isAsking.value)
      await turn(pages.value.asked, pages.value.next)
  }

  async function turn(asked: Asked, cursor: string | null): Promise<void> {
    const mine = question
    const before = cursor === null ? null : pages.value
    isAsking.value = true
    refusal.value = ''
    try {
      const found = await chat.call('search', {
        ...asked, cursor, utc_offset_minutes: -new Date().getTimezoneOffset(),
      })
      if (mine !== question)
        return
      pages.value = {
        asked,
        results: [...before?.results ?? [], ...found.results],
        next: found.next,
        count: before?.count ?? found.count ?? 0,
        isMore: before?.isMore ?? found.is_more,
      }
    }
    catch (error) {
      if (mine === question)
        refusal.value = refusalText(error)
    }
    finally {
      if (mine === question)
        isAsking.value = false
    }
  }

  /** For coming back: what was found, and how far down one was. */
  function keep(top: number): void {
    if (pages.value !== null)
      last = { user: chat.user.id, pages: pages.value, top }
  }

  /** How far down one was when this was asked last; null when it was something else. */
  function takeUp({ query, order }: Asked): number | null {
    if (last?.user !== chat.user.id || last.pages.asked.query !== query || last.pages.asked.order !== order)
      return null
    pages.value = last.pages
    return last.top
  }

  return { pages, isAsking, refusal, ask, more, keep, takeUp }
}
