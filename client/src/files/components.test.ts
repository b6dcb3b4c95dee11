import { afterEach, expect, test, vi } from 'vitest'
import { createApp, effectScope, nextTick, shallowRef, type App, type Component } from 'vue'
import type { RoomFile } from '../api/files'
import ImageLightbox from './ImageLightbox.vue'
import MessageFiles from './MessageFiles.vue'
import UploadTray from './UploadTray.vue'
import { changed, newUpload } from './uploads'
import { useRoomFiles } from './useRoomFiles'

let app: App | null = null
const picture = (id: number): RoomFile =>
  ({ id, name: `${id}.jpg`, type: 'image/jpeg', size: 9, width: 1600, height: 1200, thumbnail: { width: 480, height: 360 }, message: 1, number: 1 })
const other = (id: number): RoomFile => ({ id, name: 'a.zip', type: 'application/zip', size: 2048, message: 1, number: 1 })

function mounted(component: Component, props: Record<string, unknown>): HTMLElement {
  const root = document.body.appendChild(document.createElement('div'))
  app = createApp(component, props)
  app.mount(root)
  return root
}

afterEach(() => {
  app?.unmount()
  document.body.replaceChildren()
})

test('R10 a picture has its box before it comes, and a click opens it', async () => {
  const onOpen = vi.fn()
  const root = mounted(MessageFiles as Component, { files: [picture(7), other(8)], onOpen })
  const button = root.querySelector<HTMLElement>('[data-testid=picture]')
  expect([button?.style.width, button?.style.aspectRatio]).toEqual(['320px', '320 / 240'])
  expect(root.querySelector('img')?.getAttribute('width')).toBe('320')
  button?.click()
  expect([onOpen.mock.calls, document.activeElement]).toEqual([[[7]], button])
  // The line of a file is loaded with the first one.
  await vi.waitFor(() => expect(root.querySelector('a')?.getAttribute('href')).toBe('/api/files/8'), 5_000)
})

test('R10 arrows turn to the neighbours and stop at the ends', async () => {
  const root = mounted(ImageLightbox as Component, { images: [picture(1), picture(2)], start: 1 })
  const shown = () => root.querySelector('img')?.getAttribute('src')
  const seen = [shown()]
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft']) {
    root.querySelector('dialog')?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    await nextTick()
    seen.push(shown())
  }
  expect(seen).toEqual(['/api/files/1', '/api/files/2', '/api/files/2', '/api/files/1'])
})

test('C8 the tray tells how far each has come, and offers another attempt only where it helps', () => {
  const file = (key: string, size: number) => newUpload(key, { name: key, size, type: '' }, null)
  const half = changed([file('a', 10)], 'a', { progress: 0.5, state: { is: 'uploading' } })
  const lost = changed([file('b', 10)], 'b', { state: { is: 'failed', reason: 'network', mayRetry: true } })
  const root = mounted(UploadTray as Component, { uploads: [...half, ...lost, file('c', 0)] })
  expect(root.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('50')
  expect([root.querySelectorAll('[role=alert]').length, root.querySelectorAll('.upload-retry').length]).toEqual([2, 1])
})

test('a filter reads on until there is something of its kind, and another room begins anew', async () => {
  const pages: Record<string, { results: RoomFile[], next: string | null }> = {
    '1:': { results: [other(9)], next: '9' },
    '1:9': { results: [other(8)], next: '8' },
    '1:8': { results: [picture(7)], next: null },
    '2:': { results: [], next: null },
  }
  const room = shallowRef(1)
  const scope = effectScope()
  const files = scope.run(() => useRoomFiles(room, (id, before) =>
    Promise.resolve(pages[`${id}:${before ?? ''}`] ?? { results: [], next: null })))
  await vi.waitFor(() => expect(files?.isLoading.value).toBe(false))
  if (files !== undefined)
    files.filter.value = 'pictures'
  await vi.waitFor(() => expect(files?.shown.value.map(({ id }) => id)).toEqual([7]))
  room.value = 2
  await vi.waitFor(() => expect([files?.isEmpty.value, files?.isLoading.value]).toEqual([true, false]))
  scope.stop()
})
