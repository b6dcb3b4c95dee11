// The rules of the invitation page: what its address says, which username a name suggests, where one goes afterwards.

/** The secret of the link in `/invite/SECRET`, or null for another address. */
export function secretIn(path: string): string | null {
  return /^\/invite\/([^/]+)\/?$/.exec(path)?.[1] ?? null
}

/**
 * What somebody with this name might sign in as: `Tom Baker` as tom.baker. Empty for a name that is not written in
 * ASCII, since nobody wants to be told how to spell it.
 */
export function suggestedUsername(name: string): string {
  if (!/^[\x20-\x7E]*$/.test(name))
    return ''
  return name.trim().toLowerCase().replace(/\s+/g, '.').replace(/[^\w.@+-]/g, '')
}

export function roomPath(room: number): string {
  return `/rooms/${room}`
}
