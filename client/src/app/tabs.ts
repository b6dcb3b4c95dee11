// What the tabs of this browser tell each other. Read state, drafts and messages they have from the server each; here is
// what the server does not know: who is looking where, and that somebody has signed out.

import { onScopeDispose } from 'vue'

export type TabMessage =
  | { readonly is: 'signedOut' }
  /** `room` is null without the focus, or without a room. Sent on each change and when a tab asks. */
  | { readonly is: 'looking', readonly tab: string, readonly isFocused: boolean, readonly room: number | null }
  | { readonly is: 'gone', readonly tab: string }
  | { readonly is: 'whoLooks' }

const NAME = 'teahouse'

/** Of other tabs; `tell` is not heard by this one. Until the scope ends. */
export function useTabs(hear: (message: TabMessage) => void): { tell: (message: TabMessage) => void } {
  const channel = new BroadcastChannel(NAME)
  let isClosed = false
  channel.onmessage = ({ data }) => hear(data as TabMessage)
  onScopeDispose(() => {
    isClosed = true
    channel.close()
  })
  // A farewell comes after the end, and what is raised there leaves a page half taken down.
  return { tell: message => isClosed ? tellTabs(message) : channel.postMessage(message) }
}

/** For pages that do not listen. */
export function tellTabs(message: TabMessage): void {
  const channel = new BroadcastChannel(NAME)
  channel.postMessage(message)
  channel.close()
}
