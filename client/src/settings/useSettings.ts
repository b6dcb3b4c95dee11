// The settings of this browser: one value for all components and, by the storage event, for all tabs. The theme is told to
// the document here; the shell's theme.js does so before the first paint.

import { readonly, shallowRef } from 'vue'
import { settingsFrom, type Settings, type Theme } from './settings'

const KEPT_AS = 'teahouse-settings'

const settings = shallowRef(settingsFrom(kept()))
showTheme(settings.value.theme)
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === KEPT_AS || key === null)
    take(settingsFrom(newValue))
})

export function useSettings() {
  return { settings: readonly(settings), change }
}

function change(changes: Partial<Settings>): void {
  take({ ...settings.value, ...changes })
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(settings.value))
  }
  catch {
    // Then they hold until the page is left.
  }
}

function take(next: Settings): void {
  settings.value = next
  showTheme(next.theme)
}

function showTheme(theme: Theme): void {
  if (theme === 'system')
    delete document.documentElement.dataset.theme
  else
    document.documentElement.dataset.theme = theme
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT_AS)
  }
  catch {
    return null
  }
}
