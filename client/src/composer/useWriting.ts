// What is being written in a room or in a thread of it: the draft, the message it answers, the message that is being
// edited. Sending is here, too; the box itself is MessageComposer's.

import { computed, shallowRef, watch } from 'vue'
import type { Message } from '../api/types'
import type { Chat } from '../chat/useChat'
import { useRefusals } from '../messages/useRefusals'
import { draftPlace } from '../state/state'
import { editings, edits, put as keepBegun, replies } from './begun'

/** What a room or a thread asks of its composer. */
export interface ComposerHandle {
  readonly focus: () => void
  readonly addFiles: (files: readonly File[]) => void
  readonly reply: (message: Message) => void
  readonly edit: (message: Message) => void
  /** What was refused, to be written otherwise. */
  readonly rewrite: (body: string) => void
  /** What is in the box. */
  readonly written: () => string
}

export function useWriting(chat: Chat, { room, thread }: { room: number, thread: number | null }) {
  const refusals = useRefusals()
  const draft = chat.drafts.draft(room, thread)
  const text = shallowRef(draft.body)
  const place = draftPlace(room, thread)
  const replyTo = shallowRef(draft.replyTo ?? replies.get(place) ?? null)
  const replied = shallowRef<Message | null>(null)
  const editing = shallowRef(editings.get(place) ?? null)
  const isSaving = shallowRef(false)
  // What another device or tab has written here takes the place of what is in the box.
  const revision = shallowRef(0)
  const tray = chat.trays.at(room, thread)

  watch(() => chat.drafts.draft(room, thread), ({ body, replyTo: answered }) => {
    // Nobody is told of a reply that has no text yet: that there is none elsewhere does not take it away here.
    if (chat.drafts.isUnsaid(room, thread) || (body === '' && text.value === ''))
      return
    if (body !== text.value)
      put(body)
    if (answered !== replyTo.value) {
      replyTo.value = answered
      replied.value = null
      void findReplied()
    }
  })
  watch(replyTo, message => keepBegun(replies, place, message), { flush: 'sync' })
  watch(editing, message => keepBegun(editings, place, message), { flush: 'sync' })
  void findReplied()

  async function findReplied(): Promise<void> {
    const message = replyTo.value
    if (message === null)
      return
    try {
      const found = await chat.call('message.get', { message })
      if (replyTo.value === message)
        replied.value = found
    }
    catch {
      replyTo.value = null
    }
  }

  function keep(body: string): void {
    text.value = body
    chat.drafts.set(room, thread, body, replyTo.value)
  }

  /** Another text in the box. */
  function put(body: string): void {
    text.value = body
    revision.value += 1
  }

  /** Text that was sent and is to be written on: before what has been begun since. */
  function giveBack(body: string): void {
    keep(text.value === '' ? body : `${body}\n${text.value}`)
    put(text.value)
  }

  function reply(message: Message): void {
    editing.value = null
    replied.value = message
    replyTo.value = message.id
    chat.drafts.set(room, thread, text.value, message.id)
  }

  function cancelReply(): void {
    replied.value = null
    replyTo.value = null
    chat.drafts.set(room, thread, text.value, null)
  }

  function keepEdit(body: string): void {
    if (editing.value !== null)
      edits.set(editing.value.id, body)
  }

  /** What was written of it is given up. */
  function cancelEdit(): void {
    edits.delete(editing.value?.id ?? 0)
    editing.value = null
  }

  function editedText(message: Message): string {
    return edits.get(message.id) ?? message.body ?? ''
  }

  function send(body: string): void {
    const message = { room, thread, body, replyTo: replyTo.value }
    if (tray.value?.depart(message) !== true) {
      if (body === '')
        return
      chat.outbox.write({ ...message, files: [] })
    }
    chat.signals.stopOwn(room, thread)
    replied.value = null
    replyTo.value = null
    keep('')
  }

  /** What is refused, or did not reach the server, stays in the box. */
  async function save(body: string): Promise<void> {
    const message = editing.value
    if (message === null || isSaving.value)
      return
    isSaving.value = true
    try {
      if (body !== message.body)
        await chat.call('message.edit', { message: message.id, body })
      edits.delete(message.id)
      if (editing.value === message)
        editing.value = null
    }
    catch (error) {
      refusals.tell(error)
    }
    finally {
      isSaving.value = false
    }
  }

  return {
    text,
    revision,
    tray,
    editing,
    replyLook: computed(() => replied.value === null
      ? null
      : { author: chat.people.person(replied.value.author ?? 0)?.name ?? '', text: replied.value.body ?? '' }),
    keep,
    giveBack,
    reply,
    cancelReply,
    /** What was written of another one is there when it is edited again. */
    edit: (message: Message | null) => editing.value = message,
    keepEdit,
    cancelEdit,
    /** Of the message that is edited; the same value until it is another one. */
    taken: computed(() => editing.value === null ? null : { text: editedText(editing.value) }),
    written: () => editing.value === null ? text.value : editedText(editing.value),
    send,
    save,
  }
}
