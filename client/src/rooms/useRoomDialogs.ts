// The dialogs about rooms and people, one at a time, for all of the page: anybody below ChatPage opens them by name.

import { defineAsyncComponent, inject, provide, shallowRef, type Component, type InjectionKey } from 'vue'

const DIALOGS = {
  newRoom: defineAsyncComponent(() => import('./NewRoomDialog.vue') as Promise<Component>),
  newTalk: defineAsyncComponent(() => import('./NewTalkDialog.vue') as Promise<Component>),
  addPeople: defineAsyncComponent(() => import('./AddPeopleDialog.vue') as Promise<Component>),
  invite: defineAsyncComponent(() => import('./InviteDialog.vue') as Promise<Component>),
  person: defineAsyncComponent(() => import('./PersonCard.vue') as Promise<Component>),
  leave: defineAsyncComponent(() => import('./LeaveDialog.vue') as Promise<Component>),
  archive: defineAsyncComponent(() => import('./ArchiveDialog.vue') as Promise<Component>),
} as const

export type RoomDialogs = ReturnType<typeof provideRoomDialogs>

const KEY: InjectionKey<RoomDialogs> = Symbol('room dialogs')

/** For ChatPage, which shows `dialog` with `props` and closes it. */
export function provideRoomDialogs() {
  const dialog = shallowRef<Component | null>(null)
  const props = shallowRef<Record<string, number>>({})

  function open(name: keyof typeof DIALOGS, with_: Record<string, number> = {}): void {
    dialog.value = DIALOGS[name]
    props.value = with_
  }

  const dialogs = {
    dialog,
    props,
    close: () => dialog.value = null,
    newRoom: () => open('newRoom'),
    newTalk: () => open('newTalk'),
    addPeople: (room: number) => open('addPeople', { room }),
    invite: (room: number) => open('invite', { room }),
    /** The card of a person; with a room also what may be done there. */
    person: (user: number, room?: number) => open('person', room === undefined ? { user } : { user, room }),
    leave: (room: number) => open('leave', { room }),
    archive: (room: number) => open('archive', { room }),
  }
  provide(KEY, dialogs)
  return dialogs
}

export function useRoomDialogs(): RoomDialogs {
  const dialogs = inject(KEY)
  if (dialogs === undefined)
    throw new Error('useRoomDialogs is for components below ChatPage')
  return dialogs
}
