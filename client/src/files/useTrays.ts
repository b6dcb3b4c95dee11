// The trays of all rooms and threads: the files that go with the next message of each. They are of the page and not of a
// view, so that uploads go on while one reads elsewhere. What a tray does is in useTray.ts, loaded with the first file.

import { useEventListener } from '@vueuse/core'
import { effectScope, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Tray, TrayMessage } from './useTray'

export interface Trays {
  /** Null until there was a file. */
  readonly at: (room: number, thread: number | null) => Readonly<ShallowRef<Tray | null>>
  readonly add: (room: number, thread: number | null, files: readonly File[]) => Promise<void>
}

/** `send` is for a message whose files have all arrived. Until the scope ends. */
export function useTrays({ isConnected, send }: {
  isConnected: Readonly<Ref<boolean>>
  send: (message: TrayMessage) => void
}): Trays {
  const trays = new Map<string, ShallowRef<Tray | null>>()
  const scope = effectScope()

  // Files cannot be kept over a reload: the browser asks first.
  useEventListener(window, 'beforeunload', (event: BeforeUnloadEvent) => {
    if ([...trays.values()].some(tray => tray.value?.hasFiles.value === true || tray.value?.departing.value.length))
      event.preventDefault()
  })

  function at(room: number, thread: number | null): ShallowRef<Tray | null> {
    const place = `${room}/${thread ?? ''}`
    const tray = trays.get(place) ?? shallowRef(null)
    trays.set(place, tray)
    return tray
  }

  async function add(room: number, thread: number | null, files: readonly File[]): Promise<void> {
    const tray = at(room, thread)
    const { useTray } = await import('./useTray')
    tray.value ??= scope.run(() => useTray({ room, thread, isConnected, send })) ?? null
    tray.value?.add(files)
  }

  return { at, add }
}
