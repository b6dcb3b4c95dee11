// Short sentences that say what has just happened, or did not; each stays for some seconds and is spoken politely. One
// may lead somewhere: by a link beside it, or by what pressing it does.

import { readonly, shallowRef } from 'vue'

export interface ToastLink {
  /** An address of the chat. */
  readonly path: string
  readonly text: string
}

export interface Toast {
  readonly id: number
  readonly text: string
  readonly link?: ToastLink
  readonly onClick?: () => void
}

const SHOWN_MS = 6_000

const toasts = shallowRef<readonly Toast[]>([])
let lastId = 0

export function useToasts() {
  return { toasts: readonly(toasts), show, dismiss }
}

/** The same text again begins its time anew. */
function show(text: string, more: Pick<Toast, 'link' | 'onClick'> = {}): void {
  lastId += 1
  const toast = { id: lastId, text, ...more }
  toasts.value = [...toasts.value.filter(one => one.text !== text), toast]
  setTimeout(() => dismiss(toast.id), SHOWN_MS)
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter(toast => toast.id !== id)
}
