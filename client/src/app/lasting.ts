// Parts of the page that are always there, but loaded after what was asked for: where that fails, as it does when the
// network goes at that moment, they are loaded later and not left out.

import { defineAsyncComponent, type Component } from 'vue'

const WAIT_MS = 2_000
const MOST_ATTEMPTS = 30

export function lasting(load: () => Promise<unknown>): Component {
  return defineAsyncComponent({
    loader: load as () => Promise<Component>,
    onError(_, retry, fail, attempts) {
      if (attempts < MOST_ATTEMPTS)
        setTimeout(retry, WAIT_MS)
      else
        fail()
    },
  })
}
