// For whom a connection's token is, read from its claims (RFC 7519 §3): whoever has signed in meanwhile in another tab, or
// while this page was open without a network, must not be spoken for. It is checked by the server, not here.

export function personOf(token: string): number | null {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const claims = JSON.parse(atob(payload)) as { sub?: unknown } | null
    return typeof claims?.sub === 'string' ? Number(claims.sub) || null : null
  }
  catch {
    return null
  }
}
