// The texts of notices.

import type { Language } from '../language/chooseLanguage'
import type { ListName } from './notices'

interface Words {
  readonly notices: string
  readonly back: string
  readonly none: string
  readonly noneHint: string
  readonly noneHintForAdmins: string
  readonly failed: string
  readonly noRooms: string
  readonly unread: string
  readonly newNotice: string
  readonly types: Readonly<Record<1 | 2, string>>
  readonly read: string
  readonly confirm: string
  readonly confirmed: (time: string) => string
  readonly asks: string
  readonly more: (count: number) => string
  readonly toAll: string
  readonly older: string
  readonly system: string
  readonly targeted: string
  readonly publish: string
  readonly publishTitle: string
  readonly publishHint: string
  readonly title: string
  readonly content: string
  readonly type: string
  readonly forWhom: string
  readonly audiences: Readonly<Record<'everyone' | 'people' | 'rooms', string>>
  readonly findPeople: string
  readonly nobodyFound: string
  readonly rooms: string
  readonly asksConfirmation: string
  readonly send: string
  readonly published: string
  readonly pushAgain: string
  readonly pushedAgain: string
  readonly readers: string
  readonly lists: Readonly<Record<ListName, string>>
  readonly emptyList: string
  readonly showMore: string
}

export const WORDS: Readonly<Record<Language, Words>> = {
  'zh-Hans': {
    notices: '公告',
    back: '返回房间列表',
    none: '还没有公告',
    noneHint: '管理员发布的通知和公告会留在这里。',
    noneHintForAdmins: '用上面的“发布”告诉所有人或一部分人，谁读过都能看到。',
    failed: '公告没有加载成功。',
    noRooms: '除了大厅，你还不在任何房间里。要告诉大厅的人，选择“所有人”。',
    unread: '未读',
    newNotice: '新公告',
    types: { 1: '通知', 2: '公告' },
    read: '已读',
    confirm: '确认收到',
    confirmed: time => `已确认 · ${time}`,
    asks: '请确认收到',
    more: count => `还有 ${count} 条未读公告`,
    toAll: '查看全部公告',
    older: '更早的公告',
    system: '系统',
    targeted: '定向',
    publish: '发布公告',
    publishTitle: '发布通知或公告',
    publishHint: '在线的人马上看到，其他人下次打开时看到。',
    title: '标题',
    content: '内容',
    type: '类型',
    forWhom: '发给',
    audiences: { everyone: '所有人', people: '指定的人', rooms: '房间里的人' },
    findPeople: '按名字查找',
    nobodyFound: '没有找到这样的人。',
    rooms: '房间',
    asksConfirmation: '要求确认收到',
    send: '发布',
    published: '已发布。',
    pushAgain: '再次推送',
    pushedAgain: '已再次推送。',
    readers: '谁读过',
    lists: { read: '已读', unread: '未读', confirmed: '已确认', unconfirmed: '未确认' },
    emptyList: '这里没有人。',
    showMore: '显示更多',
  },
  'en': {
    notices: 'Notices',
    back: 'Back to the rooms',
    none: 'No notices yet',
    noneHint: 'What the admins announce is kept here.',
    noneHintForAdmins: 'Publish one for everybody or for some, and see who has read it.',
    failed: 'The notices could not be loaded.',
    noRooms: 'You are in no room but the lobby. To tell the lobby, choose “Everyone”.',
    unread: 'Unread',
    newNotice: 'New notice',
    types: { 1: 'Notice', 2: 'Announcement' },
    read: 'Mark as read',
    confirm: 'Confirm',
    confirmed: time => `Confirmed · ${time}`,
    asks: 'Please confirm that you have read it',
    more: count => count === 1 ? '1 more unread notice' : `${count} more unread notices`,
    toAll: 'All notices',
    older: 'Older notices',
    system: 'System',
    targeted: 'For some',
    publish: 'Publish a notice',
    publishTitle: 'Publish a notice',
    publishHint: 'People online see it at once, the others when they next open the page.',
    title: 'Title',
    content: 'Content',
    type: 'Type',
    forWhom: 'For',
    audiences: { everyone: 'Everyone', people: 'Some people', rooms: 'People of rooms' },
    findPeople: 'Find by name',
    nobodyFound: 'Nobody of this name.',
    rooms: 'Rooms',
    asksConfirmation: 'Ask to confirm',
    send: 'Publish',
    published: 'The notice is published.',
    pushAgain: 'Push again',
    pushedAgain: 'The notice was pushed again.',
    readers: 'Who has read',
    lists: { read: 'Read', unread: 'Unread', confirmed: 'Confirmed', unconfirmed: 'Not confirmed' },
    emptyList: 'Nobody is here.',
    showMore: 'Show more',
  },
}
