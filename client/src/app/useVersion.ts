// Whether there is a newer version of the pages: asked after each connecting, since upgrades restart the server, and when
// one comes back to the tab. It never reloads by itself, but for a lazy part that an upgrade has taken away, once.

import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'
import { builtFile, isOtherVersion, mayReload } from './versions'

const ENTRY = 'src/chat/main.ts'
const MANIFEST = '/static/teahouse/manifest.json'
const RELOADED_FROM = 'teahouse-reloaded-from'
const PAUSE_MS = 60_000

export function useVersion(isConnected: Readonly<Ref<boolean>>) {
  const isOutdated = shallowRef(false)
  let askedAt = 0

  watch(isConnected, is => is && void look())
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

/** For the page's beginning: `vite:preloadError` is what a lazy part that cannot be loaded raises. */
export function reloadOnceForLostParts(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const loaded = loadedScript()
    if (!mayReload(loaded, sessionStorage.getItem(RELOADED_FROM), navigator.onLine))
      return
    event.preventDefault()
    sessionStorage.setItem(RELOADED_FROM, loaded)
    location.reload()
  })
}

/** Plain HTTP on a network has none, and needs none. */
export function startServiceWorker(): void {
  if (import.meta.env.PROD && 'serviceWorker' in navigator)
    navigator.serviceWorker.register('/sw.js').catch((error: unknown) => console.info('without a service worker:', error))
}

function loadedScript(): string {
  return document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src ?? ''
}
