// The service worker: the app opens without a network, and what one version loads lazily stays there after an upgrade.
// It keeps the shell, which is the same for all addresses of the chat and says nothing of anybody, and the built files;
// nothing of /api, no file of anybody. The server writes VERSION before this, so that each build is another worker.

/* global VERSION */

const CACHE = `teahouse-${VERSION}`
const KEPT_CACHES = 2
const SHELL = '/'
const FILES = '/static/teahouse/'
const HASHED = /-[\w-]{8,}\.\w+$/
const CHAT = /^\/((rooms|browse|saved|threads|notices|search|settings)(\/.*)?)?$/
const SHELL_WAIT_MS = 4_000
const ANY_ENCODING = { ignoreVary: true, ignoreSearch: true }

self.addEventListener('install', (event) => {
  event.waitUntil(keepFiles().then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOldVersions().then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin)
    return
  if (request.mode === 'navigate' && CHAT.test(pathname))
    event.respondWith(shell(request))
  else if (pathname.startsWith(FILES))
    event.respondWith(HASHED.test(pathname) ? keptFirst(request) : networkFirst(request))
})

// A notification that a page has shown through the worker, as phones want it: `data` is the address to open.
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(String(event.notification.data ?? SHELL)))
})

// The place of Web Push: `push` would show what the server has sent, with the address as `data`; there is no server's
// side of it yet, so nothing is registered.

async function open(address) {
  const [page] = await self.clients.matchAll({ type: 'window' })
  if (page === undefined)
    return self.clients.openWindow(address)
  page.postMessage({ open: address })
  return page.focus()
}

/** All built files, also those that are loaded lazily, and the shell where somebody is signed in. */
async function keepFiles() {
  const cache = await caches.open(CACHE)
  const manifest = await (await fetch(`${FILES}manifest.json`)).json()
  const built = new Set(Object.values(manifest).flatMap(({ file, css = [] }) => [file, ...css]))
  await Promise.all([...built, 'favicon.svg', 'favicon-unread.svg'].map(file => cache.add(FILES + file)))
  await keepShell(await fetch(SHELL))
}

/** Two versions are kept: pages of the last one may still be open. */
async function forgetOldVersions() {
  const ours = (await caches.keys()).filter(name => name.startsWith('teahouse-') && name !== CACHE)
  await Promise.all(ours.slice(0, Math.max(0, ours.length - (KEPT_CACHES - 1))).map(name => caches.delete(name)))
}

/** The server's, which may also lead to signing in; what is kept when it does not answer in time. */
async function shell(request) {
  const asked = fetch(request)
  const answer = asked.then(keepShell)
  try {
    const response = await Promise.race([answer, late()])
    if (response.status < 502 || response.status > 504)
      return response
    return await kept(SHELL) ?? response
  }
  catch {
    return await kept(SHELL) ?? answer
  }
}

async function keepShell(response) {
  if (response.ok && !response.redirected)
    await (await caches.open(CACHE)).put(SHELL, response.clone())
  return response
}

async function keptFirst(request) {
  return await caches.match(request, ANY_ENCODING) ?? networkFirst(request)
}

async function networkFirst(request) {
  try {
    const response = await fetch(request)
    if (response.ok)
      await (await caches.open(CACHE)).put(request, response.clone())
    return response
  }
  catch (error) {
    const found = await caches.match(request, ANY_ENCODING)
    if (found === undefined)
      throw error
    return found
  }
}

/** The newest that is kept. */
async function kept(address) {
  const own = await (await caches.open(CACHE)).match(address, ANY_ENCODING)
  return own ?? caches.match(address, ANY_ENCODING)
}

function late() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('late')), SHELL_WAIT_MS))
}
