// The texts of the lightbox and of the list of a room's files.

interface GalleryWords {
  readonly previous: string
  readonly next: string
  readonly zoomIn: string
  readonly zoomOut: string
  readonly position: (place: number, count: number) => string
  readonly filter: string
  readonly filters: Readonly<Record<'all' | 'pictures' | 'others', string>>
  readonly roomFiles: string
  readonly noFiles: string
  readonly noFilesHint: string
  readonly noneOfKind: string
  readonly loadMore: string
  readonly loadingFiles: string
  readonly filesFailed: string
  readonly showMessage: (name: string) => string
}

export const WORDS: Record<'zh-Hans' | 'en', GalleryWords> = {
  'zh-Hans': {
    previous: '上一张',
    next: '下一张',
    zoomIn: '放大',
    zoomOut: '适应窗口',
    position: (place, count) => `第 ${place} 张，共 ${count} 张`,
    filter: '显示',
    filters: { all: '全部', pictures: '图片', others: '其他文件' },
    roomFiles: '房间里的文件',
    noFiles: '这里还没有文件',
    noFilesHint: '把文件拖进房间，或在输入框里粘贴，就能发给大家。',
    noneOfKind: '没有这一类文件。',
    loadMore: '加载更多',
    loadingFiles: '正在读取文件…',
    filesFailed: '没能读取文件列表。',
    showMessage: name => `在聊天中查看 ${name}`,
  },
  en: {
    previous: 'Previous image',
    next: 'Next image',
    zoomIn: 'Zoom in',
    zoomOut: 'Fit to window',
    position: (place, count) => `${place} of ${count}`,
    filter: 'Show',
    filters: { all: 'All', pictures: 'Images', others: 'Other files' },
    roomFiles: 'Files of this room',
    noFiles: 'No files yet',
    noFilesHint: 'Drag files into the room, or paste them where you write, to share them.',
    noneOfKind: 'There are no files of this kind.',
    loadMore: 'Load more',
    loadingFiles: 'Reading the files…',
    filesFailed: 'The list of files could not be read.',
    showMessage: name => `Show ${name} in the conversation`,
  },
}
