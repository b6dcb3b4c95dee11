// What an error that nobody has caught leaves behind: a page that cannot go on, a part that could not be loaded, or only
// something that was not done. Pure.

import { ApiError } from '../api/request'
import { Refused, Unknown } from '../realtime/refusal'

export type Fault = 'page' | 'part' | 'action'

// As Vue says where it was: by a number at the end of an address in what is built, in words while developing.
const OF_PARTS = /runtime-13$|^async component loader$/
const OF_HANDLERS = /runtime-[56]$|event handler$/

export function faultOf(error: unknown, where: string): Fault {
  if (OF_PARTS.test(where))
    return 'part'
  return OF_HANDLERS.test(where) || isAnswered(error) ? 'action' : 'page'
}

/** Whether it is of the server or of the way there, and no fault of the page. */
export function isAnswered(error: unknown): error is Refused | Unknown | ApiError {
  return error instanceof Refused || error instanceof Unknown || error instanceof ApiError
}
