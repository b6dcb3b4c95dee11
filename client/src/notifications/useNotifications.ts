// Notifications of new messages: one of the tabs shows them, by a lock that it holds, and knows from the others who looks
// at which room. Where none can be shown, what is for me is said in the page. Which message is worth it: shouldNotify.ts.

import { computed, onScopeDispose, watch, type Ref } from 'vue'
import { useEventListener, useWindowFocus } from '@vueuse/core'
import { useRouter } from 'vue-router'
import type { Message } from '../api/types'
import type { TabMessage } from '../app/tabs'
import { useTabs } from '../app/tabs'
import type { Chat } from '../chat/useChat'
import { useWords } from '../language/useLanguage'
import { useSettings } from '../settings/useSettings'
import { readUpTo, type RoomState } from '../state/roomState'
import { useToasts } from '../ui/useToasts'
import { isForMe, shouldNotify } from './shouldNotify'
import { usePermission } from './usePermission'
import { WORDS } from './words'

const LOCK = 'teahouse-notifications'
const ICON = '/static/teahouse/icon-192.png'
const MOST_CHARS = 140
// The name of a person who is not known yet comes in this time.
const NAME_WAIT_MS = 400

export function useNotifications(chat: Chat, { openRoom, titleOf }: {
  openRoom: Readonly<Ref<number | null>>
  titleOf: (room: RoomState['room']) => string
}): void {
  const router = useRouter()
  const words = useWords(WORDS)
  const toasts = useToasts()
  const { settings } = useSettings()
  const { permission } = usePermission()
  const isFocused = useWindowFocus()
  const tab = `${Math.random()}`
  const others = new Map<string, { isFocused: boolean, room: number | null }>()
  const shown = new Map<number, { number: number, notification: Notification }>()
  let isLeader = !('locks' in navigator)
  const tabs = useTabs(hearTab)
  const maySpeak = computed(() => settings.value.notifies && permission.value === 'granted')

  tabs.tell({ is: 'whoLooks' })
  watch([isFocused, openRoom], sayWhereILook, { immediate: true })
  const release = leadWhenFree(() => isLeader = true)
  onScopeDispose(() => {
    release()
    tabs.tell({ is: 'gone', tab })
  })
  useEventListener(() => navigator.serviceWorker, 'message', ({ data }: MessageEvent<{ open?: string }>) => data.open && void router.push(data.open))
  chat.listen(({ data }) => data.kind === 'message.posted' && consider(data.message))
  watch(chat.state, closeWhatIsRead)

  function consider(message: Message): void {
    const room = chat.state.value?.rooms.get(message.room)
    if (room === undefined)
      return
    // Asks for it where it is not known.
    chat.people.person(message.author ?? 0)
    // Where one looked when it came: not where one looks once the name is known. Of losing the focus not every browser
    // tells in time, so the document is asked.
    const own = { isFocused: document.hasFocus(), openRoom: openRoom.value, me: chat.user.id }
    setTimeout(() => decide(message, own), NAME_WAIT_MS)
  }

  function decide(message: Message, own: Parameters<typeof shouldNotify>[2]): void {
    const room = chat.state.value?.rooms.get(message.room)
    if (room === undefined || !shouldNotify(message, room, own))
      return
    if (!maySpeak.value) {
      if (isFocused.value && isForMe(message, room, chat.user.id))
        toasts.show(words.value.toast(nameOf(message), titleOf(room.room)), { onClick: () => open(message) })
    }
    else if (isLeader && ![...others.values()].some(other => other.isFocused && other.room === message.room)) {
      notify(message, room)
    }
  }

  function notify(message: Message, room: RoomState): void {
    const name = nameOf(message)
    const title = room.room.kind === 'direct' ? name : words.value.titleIn(name, titleOf(room.room))
    const said = (message.body ?? '') || (message.files?.length ? words.value.file : '')
    // One for each room: the newest stands for all that is unread there.
    const options = {
      body: settings.value.showsText ? said.slice(0, MOST_CHARS) : words.value.newMessage,
      tag: `teahouse-room-${message.room}`,
      renotify: true,
      icon: ICON,
    }
    try {
      const notification = new Notification(title, options)
      notification.onclick = () => {
        window.focus()
        notification.close()
        open(message)
      }
      shown.set(message.room, { number: message.number, notification })
    }
    catch {
      // Phones show them by the service worker alone.
      void navigator.serviceWorker.ready.then(worker => worker.showNotification(title, { ...options, data: addressOf(message) }))
    }
  }

  function closeWhatIsRead(): void {
    for (const [id, { number, notification }] of shown) {
      const room = chat.state.value?.rooms.get(id)
      if (room !== undefined && readUpTo(room) < number)
        continue
      notification.close()
      shown.delete(id)
    }
  }

  function open(message: Message): void {
    void router.push(addressOf(message))
  }

  function nameOf(message: Message): string {
    return chat.people.person(message.author ?? 0)?.name ?? words.value.somebody
  }

  function sayWhereILook(): void {
    tabs.tell({ is: 'looking', tab, isFocused: isFocused.value, room: openRoom.value })
  }

  function hearTab(message: TabMessage): void {
    if (message.is === 'looking')
      others.set(message.tab, message)
    else if (message.is === 'gone')
      others.delete(message.tab)
    else if (message.is === 'whoLooks')
      sayWhereILook()
  }
}

function addressOf(message: Message): string {
  return `/rooms/${message.room}/${message.number}`
}

/** Calls `lead` once no other tab does; what is given back lets the next one. */
function leadWhenFree(lead: () => void): () => void {
  if (!('locks' in navigator))
    return () => undefined
  const aborting = new AbortController()
  let stop = () => {}
  const until = new Promise<void>(resolve => stop = resolve)
  navigator.locks.request(LOCK, { signal: aborting.signal }, () => {
    lead()
    return until
  }).catch(() => undefined)
  return () => {
    aborting.abort()
    stop()
  }
}
