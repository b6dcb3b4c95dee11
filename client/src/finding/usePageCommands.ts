// The commands of the page itself, which the palette lists wherever one is. It comes with the palette; those of the open
// room are put in by its head.

import { useRouter } from 'vue-router'
import { signOut } from '../api/accounts'
import { forgetLastUser } from '../app/lastUser'
import { tellTabs } from '../app/tabs'
import { tryTo, type Chat } from '../chat/useChat'
import { useLanguage, useWords } from '../language/useLanguage'
import { useRoomDialogs } from '../rooms/useRoomDialogs'
import { SETTINGS_PARTS, THEMES } from '../settings/settings'
import { useSettings } from '../settings/useSettings'
import { unreadOf } from '../state/roomState'
import type { IconName } from '../ui/icons'
import { useCommands, type Command } from './commands'
import { WORDS } from './commandWords'

const VIEWS = [
  ['browse', 'hash', '/browse'],
  ['threads', 'thread', '/threads'],
  ['saved', 'bookmark', '/saved'],
  ['notices', 'megaphone', '/notices'],
  ['searchMessages', 'search', '/search'],
  ['settings', 'gear', '/settings'],
] as const satisfies readonly (readonly [string, IconName, string])[]

/** For as long as the component that calls it is there. */
export function usePageCommands(chat: Chat, { openHelp }: { openHelp: () => void }): void {
  const router = useRouter()
  const dialogs = useRoomDialogs()
  const { switchLanguage } = useLanguage()
  const { settings, change } = useSettings()
  const words = useWords(WORDS)

  useCommands((): readonly Command[] => [
    { name: 'newRoom', label: words.value.newRoom, icon: 'plus', also: ['new room', '新建房间'], run: dialogs.newRoom },
    { name: 'newTalk', label: words.value.newTalk, icon: 'plus', also: ['new conversation', '发起聊天'], run: dialogs.newTalk },
    ...VIEWS.map(([name, icon, path]) => ({ name, icon, label: words.value[name], also: [name], run: () => router.push(path) })),
    ...THEMES.filter(theme => theme !== settings.value.theme).map(theme => ({
      name: `theme ${theme}`, label: words.value.themes[theme], icon: 'sun' as const, also: ['theme', theme, '主题', '外观'],
      run: () => change({ theme }),
    })),
    { name: 'language', label: words.value.language, icon: 'edit', also: ['language', '语言'], run: switchLanguage },
    ...SETTINGS_PARTS.map(part => ({
      name: `settings ${part}`, label: words.value.settingsOf[part], icon: 'gear' as const, also: ['settings', part],
      run: () => router.push(`/settings#${part}`),
    })),
    { name: 'markAllRead', label: words.value.markAllRead, icon: 'check', also: ['read'], run: markAllRead },
    { name: 'shortcuts', label: words.value.shortcuts, icon: 'keyboard', also: ['help', 'keys'], run: openHelp },
    { name: 'signOut', label: words.value.signOut, icon: 'signOut', also: ['logout'], run: leave },
  ])

  async function markAllRead(): Promise<void> {
    const unread = [...chat.state.value?.rooms.values() ?? []].filter(room => unreadOf(room) > 0)
    await tryTo(Promise.all(unread.map(({ room, lastNumber }) => chat.call('room.read', { room: room.id, number: lastNumber }))))
  }

  async function leave(): Promise<void> {
    await signOut()
    tellTabs({ is: 'signedOut' })
    forgetLastUser()
    location.replace('/sign-in')
  }
}
