// What the page does before anything else: it has the service worker started, and reloads, once, where an upgrade has taken
// a lazy part away. Whether there is a newer version is useVersion.ts's.

import { mayReload } from './versions'

/** Which files there are now. */
export const MANIFEST = '/static/teahouse/manifest.json'
const RELOADED_FROM = 'teahouse-reloaded-from'

/** For the page's beginning: `vite:preloadError` is what a lazy part that cannot be loaded raises. */
export function reloadOnceForLostParts(): void {
  window.addEventListener('vite:preloadError', () => void reloadWhereThatHelps())
}

async function reloadWhereThatHelps(): Promise<void> {
  const loaded = loadedScript()
  if (!mayReload(loaded, sessionStorage.getItem(RELOADED_FROM), navigator.onLine) || !await isServed())
    return
  sessionStorage.setItem(RELOADED_FROM, loaded)
  location.reload()
}

/** While the server is down nothing can be loaded, and this page is better than none. */
async function isServed(): Promise<boolean> {
  try {
    return (await fetch(MANIFEST, { cache: 'no-store' })).ok
  }
  catch {
    return false
  }
}

/** Plain HTTP on a network has none, and needs none. */
export function startServiceWorker(): void {
  if (import.meta.env.PROD && 'serviceWorker' in navigator)
    navigator.serviceWorker.register('/sw.js').catch((error: unknown) => console.info('without a service worker:', error))
}

/** The address of the script that this page was begun with. */
export function loadedScript(): string {
  return document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src ?? ''
}
