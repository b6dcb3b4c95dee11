// The address of the classic door, for the socket and for showing; the token is put on only where a socket is opened.

/** `ws://HOST/infra/ws` for the page's own host, `wss` where the page came over TLS. */
export function classicAddress({ protocol, host }: { protocol: string, host: string }): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/infra/ws`
}

export function withToken(address: string, token: string): string {
  return `${address}?token=${encodeURIComponent(token)}`
}
