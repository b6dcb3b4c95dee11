// What a person has chosen for this browser, as a value, and how it is read from what was kept. Pure.

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = typeof THEMES[number]

/** The parts of the view of the settings, as the address names them behind #. */
export const SETTINGS_PARTS = ['language', 'theme', 'writing', 'notifications'] as const
export type SettingsPart = typeof SETTINGS_PARTS[number]

export interface Settings {
  readonly theme: Theme
  /** Else Ctrl+Enter sends. */
  readonly enterSends: boolean
  /** Wanted here; the browser's permission is another matter. */
  readonly notifies: boolean
  /** Notifications show what was said, not only by whom. */
  readonly showsText: boolean
  /** Whether notifications are wanted was asked once. */
  readonly wasAsked: boolean
}

export const FIRST_SETTINGS: Settings = {
  theme: 'system', enterSends: true, notifies: false, showsText: true, wasAsked: false,
}

/** From any text, also an older or broken one. */
export function settingsFrom(kept: string | null): Settings {
  const found = parsed(kept)
  const truth = (name: keyof Settings) => typeof found[name] === 'boolean' ? found[name] : FIRST_SETTINGS[name] as boolean
  return {
    theme: THEMES.find(theme => theme === found.theme) ?? FIRST_SETTINGS.theme,
    enterSends: truth('enterSends'),
    notifies: truth('notifies'),
    showsText: truth('showsText'),
    wasAsked: truth('wasAsked'),
  }
}

function parsed(kept: string | null): Partial<Record<keyof Settings, unknown>> {
  try {
    const value: unknown = JSON.parse(kept ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  }
  catch {
    return {}
  }
}
