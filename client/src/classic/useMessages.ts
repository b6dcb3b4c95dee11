// Holds the message list of the page and gives arrivals their numbers; the rules of the list are in messageList.ts.

import { shallowRef } from 'vue'
import { readNotices, type Notice } from '../api/notices'
import type { MessageFrame, NoticeFrame } from './frames'
import { EMPTY_LIST, arrived, fromFrame, fromNotice, fromSending, merged } from './messageList'

export function useMessages() {
  const messages = shallowRef(EMPTY_LIST)
  let arrivals = 0

  function frameArrived(frame: MessageFrame | NoticeFrame): void {
    messages.value = arrived(messages.value, fromFrame(frame, arrivals++, Date.now()))
  }

  function sent(text: string, toUserId: number): void {
    messages.value = arrived(messages.value, fromSending(text, toUserId, arrivals++, Date.now()))
  }

  function noticesRead(notices: readonly Notice[]): void {
    messages.value = merged(messages.value, notices.map(fromNotice))
  }

  /** Fetches the notices that were pushed while this page was not connected. Failing, it leaves the list as it is. */
  async function fetchNotices(): Promise<void> {
    try {
      noticesRead(await readNotices())
    }
    catch {
      // The next opening of the connection asks again.
    }
  }

  return { messages, frameArrived, sent, noticesRead, fetchNotices }
}
