// The addresses about notices: the latest that were pushed, and pushing one. Their life on the wire is in
// classic/frames.ts.

import { read, write } from './request'

/** 1 is a 通知 (notification), 2 a 公告 (announcement). */
export type NoticeType = 1 | 2

export interface Notice {
  readonly id: number
  readonly title: string
  readonly content: string
  readonly type: NoticeType
  /** One for each time that a notice was pushed; the same number comes over the connection. */
  readonly push_id: number
  readonly pushed_at: string
}

/** The latest 50 pushes, newest first. */
export async function readNotices(): Promise<Notice[]> {
  return (await read<{ results: Notice[] }>('/api/notices?limit=50')).results
}

/** For admins: keeps a notice and pushes it to everyone online. ApiError 400 names the fields that are wrong. */
export const pushNotice = (notice: { title: string, content: string, type: NoticeType }) =>
  write<Notice>('/api/notices', notice)
