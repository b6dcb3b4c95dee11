// Who is here, in words: a dot is not for everybody. Since when somebody is away is known only of those who went while
// this page was open; nothing of it is stored.

import { useLanguage, useWords } from '../language/useLanguage'
import { shortText } from '../ui/times'
import type { Chat } from './useChat'
import { WORDS } from './words'

export function usePresenceText(chat: Pick<Chat, 'presence'>): (user: number) => string {
  const { language } = useLanguage()
  const words = useWords(WORDS)
  return (user) => {
    if (chat.presence.online.value.has(user))
      return words.value.online
    const at = chat.presence.lastSeen.value.get(user)
    return at === undefined ? words.value.offline : words.value.lastSeen(shortText(at, Date.now(), language.value))
  }
}
