// The chat of the person who is signed in, for all of the page: connection, state, outbox, signals, presence, and what
// is asked of the server. One for the page; components get it by `useChat`.

import { computed, inject, onScopeDispose, provide, shallowRef, watch, type InjectionKey } from 'vue'
import { fetchConnectionToken, type User } from '../api/accounts'
import { forgetLastUser } from '../app/lastUser'
import { personOf } from '../app/tokens'
import { ApiError } from '../api/request'
import type { Commands, Message } from '../api/types'
import { useTrays } from '../files/useTrays'
import type { NewMessage } from '../outbox/outbox'
import { outboxStoreOf } from '../outbox/outboxStore'
import { useOutbox, type Answer } from '../outbox/useOutbox'
import { Refused, Unknown } from '../realtime/refusal'
import { SignedOut, useConnection } from '../realtime/useConnection'
import { withPeople, type Publication } from '../state/state'
import { useDrafts } from './useDrafts'
import { useFeed } from './useFeed'
import { usePages } from './usePages'
import { usePeople } from './usePeople'
import { usePresence } from './usePresence'
import { useSignals } from './useSignals'

export type Chat = ReturnType<typeof provideChat>

const CHAT: InjectionKey<Chat> = Symbol('chat')

/** Connects as this person, for the component that calls it and all below; with `firstToken` where it was just given. */
export function provideChat(user: User, firstToken: string | null = null) {
  let given = firstToken
  const isSignedOut = shallowRef(false)
  const connection = useConnection({
    // The second is for networks that let no socket through.
    address: [
      { transport: 'websocket', endpoint: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/connection/websocket` },
      { transport: 'http_stream', endpoint: '/connection/http_stream' },
    ],
    options: { emulationEndpoint: '/emulation' },
    fetchToken: async () => {
      try {
        const token = given ?? await fetchConnectionToken()
        given = null
        // Opened without a network, or somebody else has signed in meanwhile: nothing is sent in another's name.
        if (personOf(token) !== user.id)
          location.replace('/')
        return personOf(token) === user.id ? token : await new Promise<never>(() => undefined)
      }
      catch (error) {
        if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403))
          throw error
        isSignedOut.value = true
        forgetLastUser()
        throw new SignedOut('signed out')
      }
    },
    onPublication: publication => feed.publish(publication),
    onSignal: signal => signals.hear(signal),
    onUnrecovered: () => feed.lost(),
  })
  const { call, link } = connection
  const listeners = new Set<(publication: Publication) => void>()
  const feed = useFeed({ call, link, heard: publication => listeners.forEach(listen => listen(publication)) })
  const signals = useSignals({ tell: (room, thread) => void tryTo(call('typing', { room, thread })) })
  const heads = computed<ReadonlyMap<string, number>>(() => feed.state.value?.heads ?? new Map<string, number>())
  const isConnected = computed(() => link.value.is === 'connected')
  const outbox = useOutbox({
    send: message => sent(message),
    store: outboxStoreOf(user.id),
    isConnected,
    heads,
  })
  watch(link, ({ is }) => isSignedOut.value ||= is === 'ended')
  listeners.add(({ data }) => {
    if (data.kind !== 'message.posted')
      return
    const { author, key, room } = data.message
    if (author != null)
      signals.stopTyping(room, null, author)
    if (author === user.id && key)
      outbox.hear(key)
  })

  async function sent(message: NewMessage): Promise<Answer> {
    try {
      const answer = await call('message.send', requestOf(message))
      return { is: 'stored', sent: answer }
    }
    catch (error) {
      return error instanceof Refused
        ? { is: 'refused', slug: error.slug, detail: error.detail }
        : { is: 'unknown' }
    }
  }

  const chat = {
    user,
    link,
    retryNow: connection.retryNow,
    isSignedOut,
    call,
    state: feed.state,
    isCaughtUp: feed.isCaughtUp,
    change: feed.change,
    load: feed.load,
    outbox,
    trays: useTrays({ isConnected, send: outbox.write }),
    signals,
    pages: usePages({ call, feed }),
    people: usePeople({
      call, state: feed.state, put: people => feed.change(state => withPeople(state, people)),
    }),
    drafts: useDrafts({ call, state: feed.state, change: feed.change, user: user.id }),
    presence: usePresence(connection.centrifuge),
    /** For what is not state, such as a notification: called with each publication, until the scope ends. */
    listen: (listener: (publication: Publication) => void) => {
      listeners.add(listener)
      onScopeDispose(() => listeners.delete(listener))
    },
  }
  provide(CHAT, chat)
  return chat
}

export function useChat(): Chat {
  const chat = inject(CHAT)
  if (chat === undefined)
    throw new Error('useChat is for components below ChatPage')
  return chat
}

/** For what may fail without anybody missing it; a fault of ours is still seen. */
export async function tryTo(doing: Promise<unknown>): Promise<void> {
  try {
    await doing
  }
  catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Unknown))
      throw error
  }
}

function requestOf(message: NewMessage): Commands['message.send']['request'] {
  return {
    room: message.room,
    client_key: message.key,
    body: message.body,
    ...(message.replyTo === null ? {} : { reply_to: message.replyTo }),
    ...(message.thread === null ? {} : { thread: message.thread }),
    ...(message.files.length === 0 ? {} : { files: message.files }),
  }
}

/** Whether a row of this message is of this person's own writing. */
export function isOwn(message: Message, user: number): boolean {
  return message.author === user
}
