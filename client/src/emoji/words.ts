// The texts of the emoji picker. Groups have the numbers of the data, without 2: parts that nobody picks.

interface EmojiWords {
  readonly picker: string
  readonly search: string
  readonly recent: string
  readonly results: string
  readonly found: (count: number) => string
  readonly nothingFound: string
  readonly loading: string
  readonly loadingFailed: string
  readonly tone: string
  readonly tones: readonly string[]
  readonly groups: Readonly<Record<number, string>>
}

const zhHans: EmojiWords = {
  picker: '选择表情',
  search: '搜索表情',
  recent: '最近使用',
  results: '搜索结果',
  found: count => `找到 ${count} 个表情`,
  nothingFound: '没有找到，换个词试试，比如“笑”或 tea。',
  loading: '正在载入表情…',
  loadingFailed: '没能载入表情。',
  tone: '肤色',
  tones: ['默认肤色', '较浅肤色', '中等-浅肤色', '中等肤色', '中等-深肤色', '较深肤色'],
  groups: {
    0: '笑脸与情感', 1: '人物与身体', 3: '动物与自然', 4: '食物与饮料', 5: '旅行与地点',
    6: '活动', 7: '物品', 8: '符号', 9: '旗帜',
  },
}

const en: EmojiWords = {
  picker: 'Choose an emoji',
  search: 'Search emoji',
  recent: 'Recently used',
  results: 'Search results',
  found: count => count === 1 ? '1 emoji found' : `${count} emoji found`,
  nothingFound: 'Nothing found. Try another word, like “laugh” or “tea”.',
  loading: 'Loading emoji…',
  loadingFailed: 'The emoji could not be loaded.',
  tone: 'Skin tone',
  tones: ['default skin tone', 'light skin tone', 'medium-light skin tone', 'medium skin tone', 'medium-dark skin tone',
    'dark skin tone'],
  groups: {
    0: 'Smileys and emotion', 1: 'People and body', 3: 'Animals and nature', 4: 'Food and drink', 5: 'Travel and places',
    6: 'Activities', 7: 'Objects', 8: 'Symbols', 9: 'Flags',
  },
}

export const WORDS = { 'zh-Hans': zhHans, en }
