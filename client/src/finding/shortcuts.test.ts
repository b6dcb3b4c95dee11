import { describe, expect, test } from 'vitest'
import { keysOf, neighbour, shortcutOf, SHORTCUTS, type Pressed } from './shortcuts'

const press = (key: string, rest: Partial<Pressed> = {}): Pressed => ({
  key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false, keyCode: 0, ...rest,
})
const plain = { isMac: false, isInField: true }

describe('A4 shortcuts', () => {
  test.each([
    ['Ctrl+K', press('k', { ctrlKey: true }), 'palette'],
    ['Ctrl+K with Caps Lock', press('K', { ctrlKey: true }), 'palette'],
    ['Alt+Up', press('ArrowUp', { altKey: true }), 'previousRoom'],
    ['Alt+Shift+Down', press('ArrowDown', { altKey: true, shiftKey: true }), 'nextUnread'],
    ['Shift+F6', press('F6', { shiftKey: true }), 'previousArea'],
    ['Esc', press('Escape'), 'markRead'],
    ['a letter', press('k'), null],
    ['Ctrl+Shift+K', press('k', { ctrlKey: true, shiftKey: true }), null],
    ['End in a field', press('End'), null],
  ])('%s', (_, pressed, name) => {
    expect(shortcutOf(pressed, plain)).toBe(name)
  })

  test('none fires while an input method composes', () => {
    expect(shortcutOf(press('Escape', { isComposing: true }), plain)).toBeNull()
    expect(shortcutOf(press('k', { ctrlKey: true, keyCode: 229 }), plain)).toBeNull()
  })

  test('Command is the main key of a Mac, where Ctrl+K deletes to the end of the line', () => {
    const mac = { isMac: true, isInField: true }
    expect(shortcutOf(press('k', { metaKey: true }), mac)).toBe('palette')
    expect(shortcutOf(press('k', { ctrlKey: true }), mac)).toBeNull()
    expect(shortcutOf(press('k', { metaKey: true }), plain)).toBeNull()
  })

  test('End goes to the latest outside fields', () => {
    expect(shortcutOf(press('End'), { isMac: false, isInField: false })).toBe('latest')
  })

  test('no letter is a shortcut by itself', () => {
    expect(SHORTCUTS.filter(one => one.key.length === 1 && !one.isMain)).toEqual([])
  })

  test('keys are written as on the keyboard', () => {
    const one = SHORTCUTS.find(({ name }) => name === 'nextUnread')
    expect(one && keysOf(one, false)).toEqual(['Alt', 'Shift', '↓'])
    expect(one && keysOf(one, true)).toEqual(['⌥', '⇧', '↓'])
  })

  test('the neighbour goes around the ends', () => {
    expect(neighbour([1, 2, 3], item => item === 3, 1)).toBe(1)
    expect(neighbour([1, 2, 3], item => item === 1, -1)).toBe(3)
    expect(neighbour([1, 2, 3], () => false, -1)).toBe(3)
    expect(neighbour<number>([], () => false, 1)).toBeUndefined()
  })
})
