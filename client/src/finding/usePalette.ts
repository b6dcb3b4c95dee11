// What the palette lists for a query: at once what this page knows, 120 ms after the last key what the server knows
// beside it (it knows pinyin). In which order is in ranking.ts; opening a hit is here, too.

import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { useRouter } from 'vue-router'
import type { Room, Someone } from '../api/types'
import type { Chat } from '../chat/useChat'
import { useWords } from '../language/useLanguage'
import { isPersonal, markOf, othersIn } from '../rooms/roomNames'
import { useRooms } from '../rooms/useRooms'
import type { RoomState } from '../state/roomState'
import type { IconName } from '../ui/icons'
import type { Finding } from './commands'
import { merged, ranked, type Ranked } from './ranking'
import { WORDS } from './words'

export interface Hit extends Ranked {
  readonly kind: 'room' | 'person' | 'public' | 'command' | 'search'
  readonly icon: IconName
  readonly detail: string
  readonly isUnread: boolean
  readonly open: () => unknown
}

const PAUSE_MS = 120
const MOST_RECENT = 8
const MOST_HITS = 30

export function usePalette(chat: Chat, finding: Finding) {
  const router = useRouter()
  const words = useWords(WORDS)
  const { ordered, titleOf } = useRooms(chat)
  const query = shallowRef('')
  const fromServer = shallowRef<{ readonly query: string, readonly hits: readonly Hit[] }>({ query: '', hits: [] })
  let timer: ReturnType<typeof setTimeout> | undefined

  const rooms = computed(() => ordered.value.map(hitOfRoom))
  const commands = computed<readonly Hit[]>(() => finding.commands.value.map(command => ({
    key: `command ${command.name}`, kind: 'command', label: command.label, also: command.also ?? [], icon: command.icon,
    detail: '', isUnread: false, open: command.run,
  })))
  const known = computed<readonly Hit[]>(() => {
    const direct = new Set(ordered.value.filter(({ room }) => room.kind === 'direct').flatMap(({ room }) => othersIn(room, chat.user.id)))
    const others = [...chat.state.value?.people.values() ?? []].filter(({ id, is_active }) =>
      is_active && id !== chat.user.id && !direct.has(id))
    return [...rooms.value, ...others.map(hitOfPerson), ...commands.value]
  })
  const hits = computed<readonly Hit[]>(() => {
    const wanted = query.value.trim()
    if (wanted === '')
      return [...recent(), ...commands.value]
    // What came for an earlier query is no hit of this one, and would only flicker.
    const later = fromServer.value.query === wanted ? fromServer.value.hits : []
    return [...merged(ranked(known.value, wanted).slice(0, MOST_HITS), later), searchHit(wanted)]
  })

  watch(query, (now) => {
    clearTimeout(timer)
    if (now.trim() !== '')
      timer = setTimeout(() => void ask(now.trim()), PAUSE_MS)
  })
  onScopeDispose(() => clearTimeout(timer))

  async function ask(wanted: string): Promise<void> {
    const [found, listed, people] = await Promise.allSettled([
      chat.call('search', { query: wanted, limit: 1 }),
      chat.call('room.list_public', { query: wanted, limit: 8 }),
      chat.people.find(wanted, null),
    ])
    if (query.value.trim() !== wanted)
      return
    const publicRooms = listed.status === 'fulfilled' ? listed.value.results : []
    const named = [...found.status === 'fulfilled' ? found.value.rooms : [], ...publicRooms]
    fromServer.value = {
      query: wanted,
      hits: [
        ...named.map(({ room, is_member }) => {
          const state = chat.state.value?.rooms.get(room.id)
          return state !== undefined && is_member ? hitOfRoom(state) : hitOfPublic(room)
        }),
        ...people.status === 'fulfilled' ? people.value.filter(({ id }) => id !== chat.user.id).map(hitOrRoomOfPerson) : [],
      ],
    }
  }

  function recent(): readonly Hit[] {
    const lastAt = ({ lastMessage, room }: RoomState) => lastMessage?.at ?? room.created_at
    return ordered.value
      .filter(({ room }) => room.archived_at == null)
      .toSorted((one, other) => Number(markOf(other).hasDot) - Number(markOf(one).hasDot) || lastAt(other) - lastAt(one))
      .slice(0, MOST_RECENT)
      .map(hitOfRoom)
  }

  function hitOfRoom(state: RoomState): Hit {
    const { room } = state
    const people = othersIn(room, chat.user.id).map(id => chat.people.person(id)?.username ?? '')
    return {
      key: `room ${room.id}`,
      kind: room.kind === 'direct' ? 'person' : 'room',
      label: titleOf(room),
      also: [room.slug ?? '', ...people],
      icon: room.kind === 'direct' ? 'person' : isPersonal(room) ? 'people' : room.kind === 'private' ? 'lock' : 'hash',
      detail: room.topic ?? '',
      isUnread: markOf(state).hasDot,
      open: () => openRoom(room.id),
    }
  }

  function hitOfPublic(room: Room): Hit {
    return {
      key: `room ${room.id}`, kind: 'public', label: room.name ?? '', also: [], icon: 'hash', detail: room.topic ?? '',
      isUnread: false,
      open: async () => {
        await chat.call('room.join', { room: room.id })
        await openRoom(room.id)
      },
    }
  }

  /** Somebody with whom there is a room is that room. */
  function hitOrRoomOfPerson(person: Someone): Hit {
    const state = ordered.value.find(({ room }) => room.kind === 'direct' && othersIn(room, chat.user.id)[0] === person.id)
    return state === undefined ? hitOfPerson(person) : hitOfRoom(state)
  }

  function hitOfPerson(person: Someone): Hit {
    return {
      key: `person ${person.id}`, kind: 'person', label: person.name, also: [person.username], icon: 'person',
      detail: `@${person.username}`, isUnread: false,
      open: async () => openRoom((await chat.call('room.open', { people: [person.id] })).room.id),
    }
  }

  function searchHit(wanted: string): Hit {
    return {
      key: 'search', kind: 'search', label: words.value.searchFor(wanted), also: [], icon: 'search', detail: '',
      isUnread: false, open: () => router.push({ name: 'search', query: { q: wanted } }),
    }
  }

  /** A room that was just made or joined is told a moment later. */
  async function openRoom(room: number): Promise<void> {
    if (chat.state.value?.rooms.has(room) !== true) {
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(done, 3_000)
        const stop = watch(chat.state, state => state?.rooms.has(room) === true && done())
        function done() {
          clearTimeout(timeout)
          stop()
          resolve()
        }
      })
    }
    await router.push({ name: 'room', params: { room } })
    setTimeout(() => {
      // A finger does not want the keyboard of the phone to come up.
      if (!matchMedia('(pointer: coarse)').matches)
        finding.room.value?.focus()
    })
  }

  return { query, hits }
}
