// The texts in place of a room that is not there any more, loaded with it.

const zhHans = {
  title: '这个房间打不开',
  hint: '它可能已被删除或不存在，或者你已不是它的成员。',
  unsent: '你在这里写了还没有发出的内容：',
  copy: '复制',
  copied: '已复制',
  notCopied: '浏览器不允许复制，请选中文字后手动复制。',
  toTheLobby: '去大厅',
}

const en: typeof zhHans = {
  title: 'This room cannot be opened',
  hint: 'It was deleted or never was, or you are not a member of it any more.',
  unsent: 'What you were writing here and have not sent:',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser does not allow copying: mark the text and copy it by hand.',
  toTheLobby: 'Go to the lobby',
}

export const GONE_WORDS = { 'zh-Hans': zhHans, en }
