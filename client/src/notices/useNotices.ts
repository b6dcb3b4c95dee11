// The notices of the person: loaded where they are wanted, read and confirmed. What they mean for the state is in
// state/state.ts, which stands where is in notices.ts. One for each component that asks.

import { computed, shallowRef, watch } from 'vue'
import { tryTo, useChat } from '../chat/useChat'
import { withNotices } from '../state/state'
import { forBanner, inOrder, lacksUnread } from './notices'
import { useRefusals } from '../messages/useRefusals'

const PAGE_LENGTH = 30

export function useNotices() {
  const chat = useChat()
  const refusals = useRefusals()
  const again = shallowRef<ReadonlySet<number>>(new Set())
  const next = shallowRef<number | null>(null)
  const isLoaded = shallowRef(false)
  const hasFailed = shallowRef(false)
  const listed = computed(() => chat.state.value === null ? [] : inOrder(chat.state.value))
  const banner = computed(() => chat.state.value === null ? [] : forBanner(chat.state.value, again.value))
  const unreadCount = computed(() => chat.state.value?.unreadNotices.size ?? 0)

  chat.listen(({ data }) => {
    if (data.kind === 'notice.pushed')
      again.value = new Set([...again.value, data.notice.id])
    else if (data.kind === 'notice.read')
      dismiss(data.notice)
  })

  /** Keeps those that are unread known in full. */
  function followUnread(): void {
    watch(chat.state, (state) => {
      if (state !== null && lacksUnread(state))
        void tryTo(load({ unread_only: true, limit: PAGE_LENGTH }))
    }, { immediate: true })
  }

  async function loadPage(): Promise<void> {
    hasFailed.value = false
    try {
      const page = await load({ limit: PAGE_LENGTH, ...(next.value === null ? {} : { before: next.value }) })
      next.value = page.next
      isLoaded.value = true
    }
    catch {
      hasFailed.value = true
    }
  }

  async function load(request: { limit: number, before?: number, unread_only?: boolean }) {
    const page = await chat.call('notice.list', request)
    chat.change(state => withNotices(state, page.results))
    return page
  }

  function read(notice: number): void {
    dismiss(notice)
    if (chat.state.value?.unreadNotices.has(notice) === true)
      chat.call('notice.read', { notice }).catch(tell)
  }

  function confirm(notice: number): void {
    chat.call('notice.confirm', { notice }).then(() => dismiss(notice), tell)
  }

  function dismiss(notice: number): void {
    again.value = new Set([...again.value].filter(id => id !== notice))
  }

  function tell(error: unknown): void {
    refusals.tell(error)
  }

  return { listed, banner, unreadCount, isLoaded, hasFailed, hasMore: computed(() => next.value !== null), followUnread, loadPage, read, confirm, tell }
}
