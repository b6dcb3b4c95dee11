import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, h, nextTick, ref, type App, type Ref } from 'vue'
import type { Someone } from '../api/types'
import MessageComposer from './MessageComposer.vue'

const PEOPLE: readonly Someone[] = [
  { id: 1, username: 'xiaoming', name: '小明', is_active: true },
  { id: 2, username: 'xiaohong', name: '小红', is_active: true },
  { id: 3, username: 'xiaogone', name: '小走', is_active: false },
]

type Props = Record<string, unknown>
let app: App
let root: HTMLElement
let props: Ref<Props>
let told: [name: string, ...of: unknown[]][]

const box = () => root.querySelector('textarea') as HTMLTextAreaElement
const toldOf = (name: string) => told.filter(([which]) => which === name).map(([, ...of]) => of)
const options = () => Array.from(root.querySelectorAll('[role="option"]'), option => option.textContent.trim())

beforeEach(() => {
  told = []
  const on = (name: string) => (...of: unknown[]) => { told.push([name, ...of]) }
  props = ref({
    placeholder: 'Say it', draft: '', place: 'room 1', enterSends: true, mostChars: 300, hasFiles: false,
    people: (query: string) => Promise.resolve(PEOPLE.filter(({ username }) => username.startsWith(query))),
    preview: (body: string) => Promise.resolve(`<p>${body}</p>`),
    commands: () => Promise.resolve([{ name: 'topic', explanation: 'Change the topic', insert: '/topic' }]),
    onSend: on('send'), onDraft: on('draft'), onEdited: on('edited'), onTyping: on('typing'), onFiles: on('files'),
    onCancelReply: on('cancel-reply'), onCancelEdit: on('cancel-edit'), onEditLast: on('edit-last'),
  })
  root = document.createElement('div')
  document.body.append(root)
  app = createApp({ render: () => h(MessageComposer as never, props.value) })
  app.mount(root)
})

afterEach(() => {
  app.unmount()
  root.remove()
})

async function change(more: Props) {
  props.value = { ...props.value, ...more }
  await nextTick()
}

async function type(text: string) {
  box().focus()
  box().value = text
  box().setSelectionRange(text.length, text.length)
  box().dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}

async function press(key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  box().dispatchEvent(event)
  await nextTick()
  return event
}

async function typeName(text: string) {
  await type(text)
  await vi.waitFor(() => expect(options().length).toBeGreaterThan(0), 5_000)
}

test('C1 Enter sends, the box empties and keeps the focus', async () => {
  await type('  hello ')
  await press('Enter')

  expect(toldOf('send')).toEqual([['hello']])
  expect(box().value).toBe('')
  expect(document.activeElement).toBe(box())
  expect(toldOf('draft')).toEqual([['  hello '], ['']])
})

test('C1 Shift+Enter is left to the box, and with the setting only Ctrl+Enter sends', async () => {
  await type('hello')
  expect((await press('Enter', { shiftKey: true })).defaultPrevented).toBe(false)
  await change({ enterSends: false })
  expect((await press('Enter')).defaultPrevented).toBe(false)
  expect(toldOf('send')).toEqual([])

  await press('Enter', { ctrlKey: true })
  expect(toldOf('send')).toEqual([['hello']])
})

test.each([
  ['isComposing', { isComposing: true }],
  ['the key code 229 without isComposing', { keyCode: 229, isComposing: false }],
])('C2 Enter with %s sends nothing and keeps the text', async (_, more) => {
  await type('ni hao')
  const event = await press('Enter', more)

  expect(toldOf('send')).toEqual([])
  expect(event.defaultPrevented).toBe(false)
  expect(box().value).toBe('ni hao')
})

test('C2 Enter in the moment after a composition sends nothing, the next one does', async () => {
  await type('你好')
  const eventAt = (name: string, timeStamp: number) => Object.defineProperty(
    new KeyboardEvent(name, { key: 'Enter', bubbles: true, cancelable: true }), 'timeStamp', { value: timeStamp })
  box().dispatchEvent(eventAt('compositionend', 1000))
  box().dispatchEvent(eventAt('keydown', 1002))
  expect(toldOf('send')).toEqual([])

  box().dispatchEvent(eventAt('keydown', 1500))
  expect(toldOf('send')).toEqual([['你好']])
})

test('C2 in an open list Enter of an input method chooses nothing', async () => {
  await typeName('@xiao')
  await press('Enter', { keyCode: 229 })

  expect(box().value).toBe('@xiao')
})

test('C3 white space alone is not sent, with files it is', async () => {
  await type(' \n ')
  await press('Enter')
  expect(toldOf('send')).toEqual([])

  await change({ hasFiles: true })
  await press('Enter')
  expect(toldOf('send')).toEqual([['']])
})

test('C3 over the limit a counter says so, nothing is sent and the text is kept', async () => {
  await type('a'.repeat(302))
  await press('Enter')

  expect(toldOf('send')).toEqual([])
  expect(box().value).toHaveLength(302)
  expect(root.querySelector('[data-testid="composer-length"]')?.textContent).toMatch(/^2 /)
  expect(box().getAttribute('aria-invalid')).toBe('true')
})

test('C5 @ after a Chinese character opens a list; Enter chooses and does not send', async () => {
  await typeName('你好@xiao')
  expect(options().map(option => option.slice(0, 2))).toEqual(['小明', '小红'])

  await press('ArrowDown')
  expect(root.querySelector('[aria-selected="true"]')?.id).toBe(box().getAttribute('aria-activedescendant'))
  await press('Enter')

  expect(box().value).toBe('你好@xiaohong ')
  expect(toldOf('send')).toEqual([])
  expect(options()).toEqual([])
  await press('Enter')
  expect(toldOf('send')).toEqual([['你好@xiaohong']])
})

test('C5 Tab chooses, Esc closes and keeps the text, and the list stays closed for that word', async () => {
  await typeName('@xiaom')
  expect((await press('Tab')).defaultPrevented).toBe(true)
  expect(box().value).toBe('@xiaoming ')

  await typeName('@xiao')
  await press('Escape')
  expect(options()).toEqual([])
  expect(box().value).toBe('@xiao')
  await type('@xiaoh')
  await new Promise(resolve => setTimeout(resolve, 150))
  expect(options()).toEqual([])
})

test('C5 an answer that comes while one moves down the list moves nobody back', async () => {
  await typeName('@')
  await type('@x')
  await press('ArrowDown')
  await new Promise(resolve => setTimeout(resolve, 150))
  await press('Enter')

  expect(box().value).toBe('@xiaohong ')
})

test('C5 everyone and who is here may be chosen', async () => {
  await typeName('@al')
  await press('Enter')

  expect(box().value).toBe('@all ')
})

test('C5 a slow answer to an older question opens no list', async () => {
  const answers: ((people: readonly Someone[]) => void)[] = []
  await change({ people: () => new Promise(resolve => answers.push(resolve)) })
  await type('@x')
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  await type('@x ')
  answers[0]?.(PEOPLE)
  await nextTick()

  expect(options()).toEqual([])
})

test('C6 an emoji is chosen by its begun name', async () => {
  await typeName('ha :smiley')
  await press('Enter')

  expect(box().value).toBe('ha 😃')
})

test('C6 a command is completed, and what is behind it stays', async () => {
  await typeName('/to')
  await press('Enter')

  expect(box().value).toBe('/topic ')
  expect(toldOf('send')).toEqual([])
})

test('C6 a command that is written out is sent by Enter, and completed by Tab', async () => {
  await typeName('/topic')
  await press('Tab')
  expect(box().value).toBe('/topic ')
  await typeName('/topic')
  await press('Enter')

  expect(toldOf('send')).toEqual([['/topic']])
  expect(options()).toEqual([])
})

test('C6 ArrowUp edits the last message only in an empty box', async () => {
  await type('a')
  await press('ArrowUp')
  expect(toldOf('edit-last')).toEqual([])

  await type('')
  await press('ArrowUp')
  expect(toldOf('edit-last')).toEqual([[]])
})

test('C6 editing shows the message, Esc cancels, and what was being written is back', async () => {
  await type('half a thought')
  told = []
  await change({ editing: { text: 'frist' } })
  expect(box().value).toBe('frist')
  await type('first')
  await press('Escape')
  expect(toldOf('cancel-edit')).toEqual([[]])

  await change({ editing: null })
  expect(box().value).toBe('half a thought')
  expect(toldOf('draft')).toEqual([])
  expect(toldOf('edited')).toEqual([['first']])
})

test('C4 another place has its own text, also when one was being edited', async () => {
  await type('for room 1')
  await change({ editing: { text: 'old' } })
  await change({ place: 'room 2', draft: 'for room 2', editing: null })
  expect(box().value).toBe('for room 2')

  await change({ draft: 'changed elsewhere' })
  expect(box().value).toBe('for room 2')
})

test('C7 pasted files are handed on, and their text does not come with them', async () => {
  const file = new File(['x'], 'x.png', { type: 'image/png' })
  const event = new Event('paste', { bubbles: true, cancelable: true })
  Object.assign(event, { clipboardData: { files: [file], types: ['Files'] } })
  box().dispatchEvent(event)
  await nextTick()

  expect(event.defaultPrevented).toBe(true)
  expect(toldOf('files')).toEqual([[[file]]])
})

test('C10 writing is told, white space and editing are not', async () => {
  await type(' ')
  await change({ editing: { text: 'x' } })
  await type('xy')
  expect(toldOf('typing')).toEqual([])

  await change({ editing: null })
  await type('a')
  expect(toldOf('typing')).toEqual([[]])
})

test('Ctrl+B marks what is selected', async () => {
  await type('green tea')
  box().setSelectionRange(6, 9)
  await press('b', { ctrlKey: true })

  await vi.waitFor(() => expect(box().value).toBe('green **tea**'))
  expect(toldOf('draft').at(-1)).toEqual(['green **tea**'])
})

test('a preview shows what the server rendered, and writing goes on', async () => {
  await type('tea')
  const button = root.querySelector<HTMLButtonElement>('[data-testid="composer-preview"]')
  button?.click()
  await vi.waitFor(() => expect(root.querySelector('.composer-preview')?.innerHTML).toContain('<p>tea</p>'), 5_000)
  button?.click()
  await nextTick()

  expect(root.querySelector('.composer-preview')).toBeNull()
  expect(box().value).toBe('tea')
})

test('where nobody may write stands why', async () => {
  await change({ isReadOnly: 'This room is archived.' })

  expect(root.textContent).toContain('This room is archived.')
  expect(root.querySelector('textarea')).toBeNull()
})
