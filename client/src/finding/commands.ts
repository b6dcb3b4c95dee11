// The commands that the palette lists. Features put their own in while they are there; none of them is run here.

import { computed, inject, onScopeDispose, provide, shallowRef, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue'
import type { IconName } from '../ui/icons'

export interface Command {
  readonly name: string
  readonly label: string
  readonly icon: IconName
  /** By these it is found, too: the word of the other language. */
  readonly also?: readonly string[]
  readonly run: () => unknown
}

/** What the open room does for shortcuts. */
export interface RoomHandle {
  readonly goToEnd: () => unknown
  readonly search: () => unknown
  readonly focus: () => unknown
}

export interface Finding {
  readonly commands: ComputedRef<readonly Command[]>
  readonly add: (commands: () => readonly Command[]) => () => void
  readonly room: ShallowRef<RoomHandle | null>
}

const FINDING: InjectionKey<Finding> = Symbol('finding')

/** All commands in the order in which they were put in; of two with one name the later stands in the place of the first. */
export function commandList(): Pick<Finding, 'commands' | 'add'> {
  const sources = shallowRef<readonly (() => readonly Command[])[]>([])
  return {
    commands: computed(() => [...new Map(
      sources.value.flatMap(source => source()).map(command => [command.name, command] as const)).values()]),
    add(source) {
      sources.value = [...sources.value, source]
      return () => sources.value = sources.value.filter(one => one !== source)
    },
  }
}

export function provideFinding(): Finding {
  const finding = { ...commandList(), room: shallowRef<RoomHandle | null>(null) }
  provide(FINDING, finding)
  return finding
}

export function useFinding(): Finding {
  const finding = inject(FINDING)
  if (finding === undefined)
    throw new Error('useFinding is for components below ChatPage')
  return finding
}

/** Commands of a feature, as long as its component is there. */
export function useCommands(commands: () => readonly Command[]): void {
  onScopeDispose(useFinding().add(commands))
}

/** The room that shortcuts are for, as long as its component is there. */
export function useRoomHandle(handle: RoomHandle): void {
  const { room } = useFinding()
  room.value = handle
  onScopeDispose(() => {
    if (room.value === handle)
      room.value = null
  })
}
