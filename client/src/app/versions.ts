// Whether the server has another version of the pages than this one. Pure.

interface Built {
  readonly file: string
}

/** The file of an entry, as Vite's manifest has it; null where it is none. */
export function builtFile(manifest: unknown, entry: string): string | null {
  const built = typeof manifest === 'object' && manifest !== null ? (manifest as Record<string, Partial<Built>>)[entry] : undefined
  return typeof built?.file === 'string' ? built.file : null
}

/** `loaded` is the address of the script that this page runs. */
export function isOtherVersion(loaded: string, built: string | null): boolean {
  return built !== null && loaded !== '' && !new URL(loaded, 'http://teahouse').pathname.endsWith(`/${built}`)
}

/** A lazy part that is gone is fetched by loading the page anew, once: not again where that has not helped. */
export function mayReload(loaded: string, reloadedFrom: string | null, isOnline: boolean): boolean {
  return isOnline && loaded !== reloadedFrom
}
