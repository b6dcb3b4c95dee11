// What becomes of an action on a message: a command, a dialog, or something of the room's own. A refusal is shown.

import { defineAsyncComponent, shallowRef, type Component } from 'vue'
import type { Commands, Message } from '../api/types'
import type { Chat } from '../chat/useChat'
import { useLanguage } from '../language/useLanguage'
import { useToasts } from '../ui/useToasts'
import type { ActionName } from './actions'
import { useWords } from '../language/useLanguage'
import { WORDS } from './words'
import { useRefusals } from './useRefusals'

export interface OwnActions {
  readonly reply: (message: Message) => void
  readonly edit: (message: Message) => void
  readonly openThread: (message: Message) => void
  readonly markUnread: () => void
}

const DIALOGS: Readonly<Partial<Record<ActionName | 'pickReaction', Component>>> = {
  forward: defineAsyncComponent(() => import('./ForwardDialog.vue') as Promise<Component>),
  history: defineAsyncComponent(() => import('./HistoryDialog.vue') as Promise<Component>),
  readers: defineAsyncComponent(() => import('./ReadersDialog.vue') as Promise<Component>),
  pickReaction: defineAsyncComponent(() => import('./ReactionDialog.vue') as Promise<Component>),
  remove: defineAsyncComponent(() => import('./RemoveDialog.vue') as Promise<Component>),
}

export function useMessageActions(chat: Chat, own: OwnActions) {
  const { words: all } = useLanguage()
  const refusals = useRefusals()
  const words = useWords(WORDS)
  const toasts = useToasts()
  const dialog = shallowRef<Component | null>(null)
  const dialogProps = shallowRef<Record<string, unknown>>({})

  function act(name: ActionName, message: Message): void {
    const one = { message: message.id }
    switch (name) {
      case 'reply':
        own.reply(message)
        break
      case 'edit':
        own.edit(message)
        break
      case 'openThread':
        own.openThread(message)
        break
      case 'save':
        run('saved.add', one)
        break
      case 'unsave':
        run('saved.remove', one)
        break
      case 'pin':
        run('pin.add', one)
        break
      case 'unpin':
        run('pin.remove', one)
        break
      case 'copyText':
        copy(message.body ?? '')
        break
      case 'copyLink':
        copy(`${location.origin}/rooms/${message.room}/${message.number}`)
        break
      case 'markUnread':
        own.markUnread()
        run('room.unread', { room: message.room, number: message.number })
        break
      case 'remove': case 'forward': case 'history': case 'readers':
        open(name, { message })
        break
    }
  }

  function run<Name extends keyof Commands>(name: Name, request: Commands[Name]['request']): void {
    chat.call(name, request).catch(tell)
  }

  function tell(error: unknown): void {
    refusals.tell(error)
  }

  function copy(text: string): void {
    navigator.clipboard.writeText(text).then(() => toasts.show(words.value.copied), () => toasts.show(all.value.somethingRefused))
  }

  function open(name: ActionName | 'pickReaction', props: Record<string, unknown>): void {
    dialog.value = DIALOGS[name] ?? null
    dialogProps.value = props
  }

  function toggleReaction(emoji: string, message: Message): void {
    const isMine = message.reactions?.some(reaction => reaction.emoji === emoji && reaction.users.includes(chat.user.id)) ?? false
    run(isMine ? 'reaction.remove' : 'reaction.add', { message: message.id, emoji })
  }

  return {
    act,
    toggleReaction,
    pickReaction: (message: Message) => open('pickReaction', { onPick: (emoji: string) => toggleReaction(emoji, message) }),
    saveEdit: (message: Message, body: string) => chat.call('message.edit', { message: message.id, body }).catch(tell),
    dialog,
    dialogProps,
    closeDialog: () => dialog.value = null,
  }
}
