// Where to go after signing in: a rule that keeps a link from leading away to another site.

export const DEFAULT_PATH = '/'

/**
 * The `next` of a query string when it is a path of this site, else the default. A browser reads a backslash as a
 * slash and drops tabs and line ends (WHATWG URL, 4.4), so neither may occur at all.
 */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? ''
  return isOwnPath(next) && !isAccountsPage(next) ? next : DEFAULT_PATH
}

/** The sign-in page's address that comes back to `path`. */
export function signInPath(path: string): string {
  return `/sign-in?next=${encodeURIComponent(path).replaceAll('%2F', '/')}`
}

function isOwnPath(path: string): boolean {
  return /^\/(?!\/)/.test(path) && !/[\\\p{Cc}]/u.test(path)
}

// Coming back to these would only lead here again.
function isAccountsPage(path: string): boolean {
  return /^\/(?:sign-in|setup)(?:[/?#]|$)/.test(path)
}
