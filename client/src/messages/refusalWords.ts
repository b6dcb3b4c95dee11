// What a refusal of the chat is called for the person who reads it. Pure. Those without a text of their own are told with
// the server's.

import type { REFUSALS } from '../api/types'
import type { Language } from '../language/chooseLanguage'

type Slug = keyof typeof REFUSALS

const TEXTS: Readonly<Record<Language, Readonly<Partial<Record<Slug, string>>>>> = {
  'zh-Hans': {
    try_again: '服务器正忙，请再试一次。',
    bad_body: '这段文字不能发送。',
    bad_file: '这个文件不能发送。',
    not_a_member: '你已不在这个房间里。',
    no_such_person: '没有这个人。',
    no_such_message: '那条消息已经不在了。',
    no_such_file: '附件已经不在了，请重新上传。',
    no_such_notice: '这条公告已经不在了。',
    bad_link: '这个邀请链接已失效。',
    gone: '这部分历史已经不在了。',
    not_allowed: '你没有这样做的权限。',
    muted: '你在这里被禁言了。',
    banned: '你被禁止进入这个房间。',
    too_late: '已经超过可以编辑的时间。',
    archived: '这个房间已归档。',
    too_many: '已达到数量上限。',
    quota_exceeded: '存储空间已用完。',
    too_soon: '这里开了慢速模式，请稍等再发。',
  },
  'en': {
    try_again: 'The server is busy. Try again.',
    bad_body: 'This text cannot be sent.',
    bad_file: 'This file cannot be sent.',
    not_a_member: 'You are not in this room any more.',
    no_such_person: 'There is no such person.',
    no_such_message: 'That message is gone.',
    no_such_file: 'The attachment is gone. Upload it again.',
    no_such_notice: 'This notice is gone.',
    bad_link: 'This invitation is not valid any more.',
    gone: 'This part of the history is gone.',
    not_allowed: 'You are not allowed to do this.',
    muted: 'You are muted here.',
    banned: 'You are banned from this room.',
    too_late: 'The time for editing is over.',
    archived: 'This room is archived.',
    too_many: 'The limit is reached.',
    quota_exceeded: 'The storage is full.',
    too_soon: 'Slow mode: wait a little before the next message.',
  },
}

const OTHERS: Readonly<Record<Language, string>> = {
  'zh-Hans': '服务器拒绝了这个操作。',
  'en': 'The server refused this.',
}

export function refusalWords(slug: string, detail: string, language: Language): string {
  return TEXTS[language][slug as Slug] ?? (detail || OTHERS[language])
}
