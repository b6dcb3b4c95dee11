// One request to Teahouse's own API and the one way in which it fails. Here are the cookie, the CSRF header and the
// reading of problems (RFC 9457); which addresses exist is said in the files beside this one, which alone import it.

/** A refusal by the server: the problem's fields, or what the status alone tells. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** What is wrong with each field that was sent, by its name. */
    readonly errors: Readonly<Record<string, readonly string[]>> = {},
  ) {
    super(`${status} ${title}`)
  }
}

/** The answer to a GET, of the shape the caller states. Raises ApiError, or what fetch raises when nobody answers. */
export function read<Answer>(path: string): Promise<Answer> {
  return request<Answer>('GET', path)
}

/** The answer to a POST; `undefined` where the server answers without a body. Raises as `read` does. */
export async function write<Answer>(path: string, body?: object): Promise<Answer> {
  await csrfHeader()
  return request<Answer>('POST', path, body)
}

/** The token that every write carries as `X-CSRFToken`; asked of the server when no cookie has one yet. */
export async function csrfHeader(): Promise<string> {
  if (csrfToken(document.cookie) === null)
    await read(CSRF_SOURCE)
  return csrfToken(document.cookie) ?? ''
}

/** The token that Django's cookie carries, or null without one. */
export function csrfToken(cookies: string): string | null {
  for (const cookie of cookies.split(';')) {
    const [name, value] = cookie.trim().split('=', 2)
    if (name === 'csrftoken' && value)
      return decodeURIComponent(value)
  }
  return null
}

/** An ApiError from whatever body came with a failure, a proxy's page of HTML included. */
export function refusal(status: number, statusText: string, body: string): ApiError {
  const problem = parsed(body)
  return new ApiError(
    status,
    textIn(problem, 'title') || statusText,
    textIn(problem, 'detail'),
    fieldErrors(problem?.errors),
  )
}

const ANSWER_TIMEOUT_MS = 15_000
// Reading the login session also sets the CSRF cookie.
const CSRF_SOURCE = '/api/auth/session'

async function request<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const headers: Record<string, string> = {
    'Accept': 'application/json',
    'Accept-Language': document.documentElement.lang,
  }
  if (method !== 'GET')
    headers['X-CSRFToken'] = csrfToken(document.cookie) ?? ''
  if (body !== undefined)
    headers['Content-Type'] = 'application/json'

  const response = await fetch(path, {
    method,
    headers,
    credentials: 'same-origin',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok)
    throw refusal(response.status, response.statusText, text)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : null
  }
  catch {
    return null
  }
}

function textIn(problem: Record<string, unknown> | null, field: string): string {
  const value = problem?.[field]
  return typeof value === 'string' ? value : ''
}

function fieldErrors(errors: unknown): Record<string, string[]> {
  if (typeof errors !== 'object' || errors === null)
    return {}
  return Object.fromEntries(Object.entries(errors).map(([field, texts]: [string, unknown]) =>
    [field, (Array.isArray(texts) ? texts : [texts]).filter(text => typeof text === 'string')]))
}
