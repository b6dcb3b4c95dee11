// What an error of a command means: refused for good, or nobody knows. Pure.

export class Refused extends Error {
  override readonly name = 'Refused'

  constructor(
    /** The word for it, as in `REFUSALS`. */
    readonly slug: string,
    /** What there is to say beside it, "" for nothing. */
    readonly detail: string,
    readonly code: number,
  ) {
    super(detail === '' ? slug : `${slug}: ${detail}`)
  }
}

/** No answer, or one that says nothing: it may be done or not. */
export class Unknown extends Error {
  override readonly name = 'Unknown'
}

interface CommandError {
  readonly code: number
  readonly message: string
  readonly temporary?: boolean
}

const FIRST_REFUSAL = 1001
const LAST_REFUSAL = 1999

/** Of what the `centrifuge` client rejects with: errors of the server, its own timeouts, a lost connection. */
export function refusalOf(error: unknown): Refused | Unknown {
  if (!isCommandError(error))
    return new Unknown(String(error))
  const { code, message } = error
  if (error.temporary === true || code < FIRST_REFUSAL || code > LAST_REFUSAL)
    return new Unknown(message)
  const [slug = '', ...rest] = message.split(': ')
  return new Refused(slug, rest.join(': '), code)
}

function isCommandError(error: unknown): error is CommandError {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    && 'message' in error && typeof error.message === 'string'
}
