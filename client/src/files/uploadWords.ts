// The texts about files on their way.

import type { UploadReason } from './uploads'

interface UploadWords {
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
}

export const WORDS: Record<'zh-Hans' | 'en', UploadWords> = {
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
  },
  en: {
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
  },
}
