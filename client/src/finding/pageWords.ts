// The texts of finding that are on the page from its beginning: the ways to the palette and to the search in a room.

import type { Language } from '../language/chooseLanguage'

interface Words {
  readonly find: string
  readonly inRoom: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': { find: '查找', inRoom: '在这个房间里搜索' },
  'en': { find: 'Find', inRoom: 'Search in this room' },
}
