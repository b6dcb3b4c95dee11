// Every text about files in both languages. Sizes come formatted, since their language is the page's.

import type { UploadReason } from './uploads'

interface FileWords {
  readonly uploads: string
  readonly cancelUpload: (name: string) => string
  readonly removeFile: (name: string) => string
  readonly retryUpload: (name: string) => string
  readonly progressOf: (name: string) => string
  readonly waiting: string
  readonly uploading: (percent: string) => string
  readonly checking: string
  readonly leftOut: (count: number, most: number) => string
  readonly uploadsReady: (done: number, all: number) => string
  readonly departing: string
  readonly departingFailed: string
  readonly takeBack: string
  readonly reasons: (mostSize: string) => Readonly<Record<UploadReason, string>>
  readonly dropHere: string
  readonly dropHint: (mostCount: number, mostSize: string) => string
  readonly openPicture: (name: string) => string
  readonly pictureFailed: string
  readonly download: string
  readonly pictures: string
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

export const WORDS: Record<'zh-Hans' | 'en', FileWords> = {
  'zh-Hans': {
    uploads: '要发送的文件',
    cancelUpload: name => `取消上传 ${name}`,
    removeFile: name => `移除 ${name}`,
    retryUpload: name => `重新上传 ${name}`,
    progressOf: name => `${name} 的上传进度`,
    waiting: '等待上传',
    uploading: percent => `正在上传 ${percent}`,
    checking: '正在处理…',
    leftOut: (count, most) => `一条消息最多带 ${most} 个文件，有 ${count} 个没有加入。`,
    uploadsReady: (done, all) => `已上传 ${done} 个，共 ${all} 个`,
    departing: '文件传完就发送：',
    departingFailed: '有文件没有传上。重试或移除它，消息就会发送：',
    takeBack: '撤回来改',
    reasons: mostSize => ({
      tooLarge: `文件太大，每个最多 ${mostSize}。`,
      empty: '文件是空的，没有内容可发。',
      network: '连不上服务器，请检查网络后重试。',
      busy: '服务器正忙，请稍后重试。',
      tooOften: '上传太频繁，请稍后重试。',
      serverError: '服务器出了问题，请稍后重试。',
      signedOut: '登录已过期，请重新登录后重试。',
      forbidden: '你现在不能在这个房间里发文件。',
      tooLargeForServer: '文件超过了服务器允许的大小，没有传上。请换小一些的文件，或请管理员放宽上传限制。',
      noSpace: '服务器放不下这个文件：你或这个房间的空间已满，或未完成的上传太多。',
      notFound: '这个房间已不存在，或你已不在其中。',
      archived: '房间已归档，不能再发文件。',
      conflict: '这个文件与之前上传的不一致，请移除后重新选择。',
      unsupported: '服务器无法处理这张图片：它不完整，或像素太多。',
      unreadable: '读不到这个文件，它可能已被移动、修改或删除。',
      refused: '服务器没有接受这个文件。',
    }),
    dropHere: '松开即可添加文件',
    dropHint: (mostCount, mostSize) => `一条消息最多 ${mostCount} 个，每个最多 ${mostSize}`,
    openPicture: name => `查看图片 ${name}`,
    pictureFailed: '图片加载失败',
    download: '下载',
    pictures: '图片',
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
  'en': {
    uploads: 'Files to send',
    cancelUpload: name => `Cancel the upload of ${name}`,
    removeFile: name => `Remove ${name}`,
    retryUpload: name => `Upload ${name} again`,
    progressOf: name => `Upload of ${name}`,
    waiting: 'Waiting',
    uploading: percent => `Uploading ${percent}`,
    checking: 'Processing…',
    leftOut: (count, most) => `A message takes at most ${most} files; ${count} ${count === 1 ? 'was' : 'were'} not added.`,
    uploadsReady: (done, all) => `${done} of ${all} uploaded`,
    departing: 'Goes as soon as its files are uploaded:',
    departingFailed: 'A file was not uploaded. Try it again or remove it, and the message goes:',
    takeBack: 'Edit',
    reasons: mostSize => ({
      tooLarge: `Too large: a file may have at most ${mostSize}.`,
      empty: 'The file is empty; there is nothing to send.',
      network: 'The server cannot be reached. Check your connection and try again.',
      busy: 'The server is busy. Try again shortly.',
      tooOften: 'Too many uploads in a short time. Wait a while and try again.',
      serverError: 'Something went wrong on the server. Try again shortly.',
      signedOut: 'Your session has ended. Sign in, then try again.',
      forbidden: 'You may not send files in this room at the moment.',
      tooLargeForServer: 'Too large for this server, which took none of it. Choose a smaller file, or ask an admin to raise its limit for uploads.',
      noSpace: 'There is no space for it: yours or the room’s is used up, or too many uploads are unfinished.',
      notFound: 'This room is gone, or you are no longer in it.',
      archived: 'The room is archived and takes no more files.',
      conflict: 'This is not the file whose upload was begun. Remove it and choose it again.',
      unsupported: 'The server cannot process this image: it is incomplete or has too many pixels.',
      unreadable: 'The file cannot be read. It may have been moved, changed or deleted.',
      refused: 'The server did not accept this file.',
    }),
    dropHere: 'Drop to add files',
    dropHint: (mostCount, mostSize) => `At most ${mostCount} to a message, ${mostSize} each`,
    openPicture: name => `Open image ${name}`,
    pictureFailed: 'The image could not be loaded',
    download: 'Download',
    pictures: 'Images',
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
