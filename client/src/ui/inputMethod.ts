// Whether a key belongs to an input method, so that Enter and Esc of somebody who writes Chinese are left alone. Pure.

export interface MaybeComposing {
  readonly key: string
  readonly isComposing: boolean
  readonly keyCode: number
}

/** So soon after a composition no person presses Enter again: it is the one that ended the composition. */
const SAME_KEY_MS = 20

/**
 * Whether the key belongs to an input method. Browsers say so by `isComposing`; Safari ends the composition before it
 * tells of the key (WebKit 165004), which then has the key code 229 or comes in the same moment.
 */
export function isOfInputMethod(key: MaybeComposing, msSinceComposition = Infinity): boolean {
  return key.isComposing || key.keyCode === 229 || (key.key === 'Enter' && msSinceComposition < SAME_KEY_MS)
}
