// Short sentences that say what has just happened, or did not; each stays for some seconds and is spoken politely.
// One may lead somewhere, by a click.

import { readonly, shallowRef } from 'vue'

export interface Toast {
  readonly id: number
  readonly text: string
  /** Where more of it is: an address of the chat. */
  readonly link: ToastLink | null
}

export interface ToastLink {
  readonly path: string
  readonly text: string
  readonly onClick: (() => void) | undefined
}

const SHOWN_MS = 6_000

const toasts = shallowRef<readonly Toast[]>([])
let lastId = 0

export function useToasts() {
  return { toasts: readonly(toasts), show, dismiss }
}

function show(text: string, link: ToastLink | null = null): void {
  lastId += 1
  const toast = { id: lastId, text, link }
function show(text: string, onClick?: () => void): void {
  lastId += 1
  const toast = { id: lastId, text, onClick }
  toasts.value = [...toasts.value.filter(one => one.text !== text), toast]
  setTimeout(() => dismiss(toast.id), SHOWN_MS)
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter(toast => toast.id !== id)
}
