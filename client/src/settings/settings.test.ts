import { describe, expect, test } from 'vitest'
import { FIRST_SETTINGS, settingsFrom } from './settings'

describe('settings', () => {
  test.each([null, '', 'null', '7', '{', '[]', '{"theme":"pink","enterSends":"no"}'])('kept as %s are those of the beginning', (kept) => {
    expect(settingsFrom(kept)).toEqual(FIRST_SETTINGS)
  })

  test('are read back as they were chosen', () => {
    const chosen = { theme: 'dark', enterSends: false, notifies: true, showsText: false, wasAsked: true } as const
    expect(settingsFrom(JSON.stringify(chosen))).toEqual(chosen)
  })

  test('that an older version kept get what is new from the beginning', () => {
    expect(settingsFrom('{"enterSends":false}')).toEqual({ ...FIRST_SETTINGS, enterSends: false })
  })
})
