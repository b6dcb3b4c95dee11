// Whether there is a newer version of the pages: asked after each connecting, since upgrades restart the server, and when
// one comes back to the tab. It never reloads by itself.

import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'
import { loadedScript, MANIFEST } from './starting'
import { builtFile, isOtherVersion } from './versions'

const ENTRY = 'src/chat/main.ts'
const PAUSE_MS = 60_000

export function useVersion(isConnected: Readonly<Ref<boolean>>) {
  const isOutdated = shallowRef(false)
  let askedAt = 0

  watch(isConnected, is => is && void look(), { immediate: true })
  const onReturn = () => document.visibilityState === 'visible' && Date.now() - askedAt > PAUSE_MS && void look()
  document.addEventListener('visibilitychange', onReturn)
  onScopeDispose(() => document.removeEventListener('visibilitychange', onReturn))

  async function look(): Promise<void> {
    askedAt = Date.now()
    try {
      const response = await fetch(MANIFEST, { cache: 'no-cache' })
      if (!response.ok || !isOtherVersion(loadedScript(), builtFile(await response.json(), ENTRY)))
        return
      isOutdated.value = true
      await (await navigator.serviceWorker.getRegistration())?.update()
    }
    catch {
      // Not now.
    }
  }

  return { isOutdated: readonly(isOutdated), update: () => location.reload() }
}
