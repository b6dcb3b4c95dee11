// The texts of the composer.

interface ComposerWords {
  readonly messageText: string
  readonly send: string
  readonly save: string
  readonly attach: string
  readonly emoji: string
  readonly formatting: string
  readonly bold: string
  readonly italic: string
  readonly code: string
  readonly list: string
  readonly quote: string
  readonly link: string
  readonly preview: string
  readonly write: string
  readonly previewing: string
  readonly previewFailed: string
  readonly replyingTo: (name: string) => string
  readonly cancelReply: string
  readonly editing: string
  readonly cancelEdit: string
  readonly charsLeft: (left: number) => string
  readonly tooLong: (over: number) => string
  readonly enterSends: string
  readonly enterBreaks: string
  readonly suggestions: Readonly<Record<'person' | 'emoji' | 'command', string>>
  readonly found: (count: number) => string
  readonly everyone: Readonly<Record<'all' | 'here', string>>
}

const zhHans: ComposerWords = {
  messageText: '消息内容',
  send: '发送',
  save: '保存修改',
  attach: '添加文件',
  emoji: '插入表情',
  formatting: '文字格式',
  bold: '粗体',
  italic: '斜体',
  code: '代码',
  list: '列表',
  quote: '引用',
  link: '链接',
  preview: '预览',
  write: '继续编辑',
  previewing: '正在生成预览…',
  previewFailed: '没能生成预览，请再试一次。',
  replyingTo: name => `回复 ${name}`,
  cancelReply: '取消回复',
  editing: '正在编辑消息',
  cancelEdit: '取消编辑',
  charsLeft: left => `还可以写 ${left} 个字`,
  tooLong: over => `超出 ${over} 个字，删短后才能发送`,
  enterSends: 'Enter 发送，Shift + Enter 换行',
  enterBreaks: 'Ctrl + Enter 发送，Enter 换行',
  suggestions: { person: '可以提到的人', emoji: '表情', command: '命令' },
  found: count => `${count} 个选项，用上下方向键选择`,
  everyone: { all: '通知所有人', here: '通知当前在线的人' },
}

const en: ComposerWords = {
  messageText: 'Message',
  send: 'Send',
  save: 'Save changes',
  attach: 'Add files',
  emoji: 'Insert emoji',
  formatting: 'Formatting',
  bold: 'Bold',
  italic: 'Italic',
  code: 'Code',
  list: 'List',
  quote: 'Quote',
  link: 'Link',
  preview: 'Preview',
  write: 'Back to writing',
  previewing: 'Making the preview…',
  previewFailed: 'The preview could not be made. Please try again.',
  replyingTo: name => `Reply to ${name}`,
  cancelReply: 'Cancel the reply',
  editing: 'Editing a message',
  cancelEdit: 'Cancel editing',
  charsLeft: left => left === 1 ? '1 character left' : `${left} characters left`,
  tooLong: over => `${over === 1 ? '1 character' : `${over} characters`} too many to be sent`,
  enterSends: 'Enter sends, Shift + Enter starts a new line',
  enterBreaks: 'Ctrl + Enter sends, Enter starts a new line',
  suggestions: { person: 'People to mention', emoji: 'Emoji', command: 'Commands' },
  found: count => count === 1 ? '1 choice' : `${count} choices, move with the arrow keys`,
  everyone: { all: 'Notify everyone', here: 'Notify who is online' },
}

export const WORDS = { 'zh-Hans': zhHans, en }
