// What each command of a slash does, and what it says when it has done so.

import type { Language } from '../language/chooseLanguage'
import type { ActionName, FaceName } from './slashCommands'

interface SlashWords {
  readonly explanations: Readonly<Record<ActionName | FaceName, string>>
  readonly topicChanged: string
  readonly invited: (names: string) => string
  readonly nobodyCalled: (name: string) => string
  readonly muted: string
  readonly unmuted: string
  readonly favourite: string
  readonly noFavourite: string
}

export const WORDS: Readonly<Record<Language, SlashWords>> = {
  'zh-Hans': {
    explanations: {
      topic: '改房间的主题：/topic 新主题',
      invite: '邀请人进房间：/invite @用户名',
      search: '搜索消息：/search 要找的词',
      mute: '这个房间不再提醒我',
      unmute: '这个房间恢复提醒',
      favourite: '加入或取消关注',
      leave: '离开这个房间',
      help: '所有快捷键',
      shrug: '在末尾加上一个耸肩',
      tableflip: '在末尾加上一张掀翻的桌子',
    },
    topicChanged: '主题已修改。',
    invited: names => `已邀请 ${names}。`,
    nobodyCalled: name => `没有用户名是「${name}」的人。`,
    muted: '这个房间不再提醒。',
    unmuted: '这个房间恢复提醒。',
    favourite: '已加入关注。',
    noFavourite: '已取消关注。',
  },
  'en': {
    explanations: {
      topic: 'Change the topic: /topic new topic',
      invite: 'Add people to the room: /invite @username',
      search: 'Search messages: /search words',
      mute: 'No notifications from this room',
      unmute: 'Notifications from this room again',
      favourite: 'Add to or remove from favourites',
      leave: 'Leave this room',
      help: 'All keyboard shortcuts',
      shrug: 'Add a shrug at the end',
      tableflip: 'Add a table being flipped',
    },
    topicChanged: 'The topic was changed.',
    invited: names => `${names} ${names.includes(', ') ? 'were' : 'was'} added.`,
    nobodyCalled: name => `Nobody has the username “${name}”.`,
    muted: 'This room is muted.',
    unmuted: 'This room is not muted any more.',
    favourite: 'Added to favourites.',
    noFavourite: 'Removed from favourites.',
  },
}
