// Whether the browser lets us show notifications. It is asked only by a click.

import { readonly, shallowRef } from 'vue'

export type Permission = NotificationPermission | 'unsupported'

const permission = shallowRef<Permission>(current())

export function usePermission() {
  // It may have been changed in the browser's own settings.
  permission.value = current()
  return { permission: readonly(permission), ask }
}

/** From a click. Asks where nothing was answered yet. */
async function ask(): Promise<Permission> {
  if (current() === 'default')
    await Notification.requestPermission()
  permission.value = current()
  return permission.value
}

function current(): Permission {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : 'unsupported'
}
