// The texts about files that a room shows at once; of uploads: uploadWords.ts, of the lightbox and the list: galleryWords.ts.
// Sizes come formatted, since their language is the page's.

interface FileWords {
  readonly dropHere: string
  readonly dropHint: (mostCount: number, mostSize: string) => string
  readonly openPicture: (name: string) => string
  readonly pictureFailed: string
  readonly download: string
  readonly pictures: string
}

export const WORDS: Record<'zh-Hans' | 'en', FileWords> = {
  'zh-Hans': {
    dropHere: '松开即可添加文件',
    dropHint: (mostCount, mostSize) => `一条消息最多 ${mostCount} 个，每个最多 ${mostSize}`,
    openPicture: name => `查看图片 ${name}`,
    pictureFailed: '图片加载失败',
    download: '下载',
    pictures: '图片',
  },
  en: {
    dropHere: 'Drop to add files',
    dropHint: (mostCount, mostSize) => `At most ${mostCount} to a message, ${mostSize} each`,
    openPicture: name => `Open image ${name}`,
    pictureFailed: 'The image could not be loaded',
    download: 'Download',
    pictures: 'Images',
  },
}
