// What each shortcut does; which keys they are is in shortcuts.ts. Listens on the window, so that whatever is nearer to
// the focus comes first and may keep a key for itself.

import { useEventListener } from '@vueuse/core'
import { useRoute, useRouter } from 'vue-router'
import { tryTo, type Chat } from '../chat/useChat'
import { markOf } from '../rooms/roomNames'
import { useRooms } from '../rooms/useRooms'
import type { Finding } from './commands'
import { neighbour, shortcutOf } from './shortcuts'

export const isMac = /mac|iphone|ipad/i.test(navigator.platform || navigator.userAgent)

const FIELDS = 'input, textarea, select, [contenteditable="true"]'
// The list of rooms at the current one, the messages, the composer, the pane.
const AREAS = [
  '[data-testid=room-link][aria-current], .room-list:not(:has([aria-current])) [data-testid=room-link]',
  '[data-testid=timeline]',
  '[data-testid=composer-box]',
  '[data-testid=pane] button',
]
const OPEN_LAYERS = 'dialog[open], [role=menu], [data-testid=completion], [aria-modal=true]'

export function useShortcuts(chat: Chat, finding: Finding, { openPalette, openHelp }: { openPalette: () => void, openHelp: () => void }): void {
  const route = useRoute()
  const router = useRouter()
  const { ordered } = useRooms(chat)
  const current = () => route.name === 'room' ? Number(route.params.room) : null

  useEventListener(window, 'keydown', (key: KeyboardEvent) => {
    const target = key.target instanceof Element ? key.target : null
    const name = shortcutOf(key, { isMac, isInField: target?.closest(FIELDS) != null })
    if (name === null || key.defaultPrevented || document.querySelector(OPEN_LAYERS) !== null)
      return
    const done = act(name, target)
    if (done)
      key.preventDefault()
  })

  /** False where the key is left to the browser. */
  function act(name: NonNullable<ReturnType<typeof shortcutOf>>, target: Element | null): boolean {
    switch (name) {
      case 'palette':
        openPalette()
        return true
      case 'help':
        openHelp()
        return true
      case 'searchRoom':
        if (finding.room.value === null || target?.closest('[data-testid=room]') == null)
          return false
        finding.room.value.search()
        return true
      case 'previousRoom': case 'nextRoom':
        return goTo(() => true, name === 'nextRoom' ? 1 : -1)
      case 'previousUnread': case 'nextUnread':
        return goTo(room => markOf(room).hasDot, name === 'nextUnread' ? 1 : -1)
      case 'markRead':
        return close()
      case 'latest':
        finding.room.value?.goToEnd()
        return finding.room.value !== null
      case 'nextArea': case 'previousArea':
        return moveArea(name === 'nextArea' ? 1 : -1)
    }
  }

  function goTo(isWanted: (room: (typeof ordered.value)[number]) => boolean, step: 1 | -1): boolean {
    const rooms = ordered.value.filter(one => one.room.id === current() || isWanted(one))
    const next = neighbour(rooms, one => one.room.id === current(), step)
    if (next !== undefined && next.room.id !== current())
      void router.push({ name: 'room', params: { room: next.room.id } })
    return true
  }

  function close(): boolean {
    const room = chat.state.value?.rooms.get(current() ?? 0)
    if (room === undefined)
      return false
    if (route.query.thread !== undefined || route.query.pane !== undefined) {
      void router.push({ name: 'room', params: route.params })
      return true
    }
    void tryTo(chat.call('room.read', { room: room.room.id, number: room.lastNumber }))
    finding.room.value?.goToEnd()
    return true
  }

  function moveArea(step: 1 | -1): boolean {
    const areas = AREAS.map(selector => document.querySelector<HTMLElement>(selector)).filter(area => area !== null)
    const holders = ['.rooms-side', '.timeline', '.composer, [data-testid=composer-box]', '[data-testid=pane]']
    const holder = holders.find(selector => document.activeElement?.closest(selector) != null)
    neighbour(areas, area => holder !== undefined && area.closest(holder) !== null, step)?.focus()
    return true
  }
}
