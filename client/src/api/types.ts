// The shapes of Teahouse's server: publications, commands, refusals. Made by `manage.py describe_api`; not for editing.

/** `after` is an offset. */
export interface After {
  readonly after: number
  readonly limit?: number
}

export interface AfterInRoom {
  readonly after: number
  readonly limit?: number
  readonly room: number
}

/** `seconds` null: until it is lifted. */
export interface BanPerson {
  readonly room: number
  readonly user: number
  readonly seconds?: number | null
  readonly reason?: string
}

/** Times are milliseconds since 1970; without `until` the ban holds until it is lifted; `by` is None for a rule. */
export interface Banned {
  readonly user: number
  readonly by: number | null
  readonly at: number
  readonly until?: number | null
  readonly reason?: string
}

export interface Bans {
  readonly results: readonly Banned[]
  readonly next: number | null
}

export interface BySecret {
  readonly secret: string
}

/** What is left out stays. `edit_window_seconds` null is for ever, `retention_days` null keeps everything. */
export interface ChangeRoom {
  readonly room: number
  readonly name?: string
  readonly topic?: string
  readonly description?: string
  readonly posting?: 'members' | 'moderators'
  readonly slow_mode_seconds?: number
  readonly edit_window_seconds?: number | null
  readonly history?: 'all' | 'since_join'
  readonly retention_days?: number | null
}

/** The newest offset, 0 and "" when nothing was published yet. */
export interface ChannelHead {
  readonly offset: number
  readonly epoch: string
}

/** None of a limit is no limit. `origin` is the one under which this client knows the site. */
export interface CreateInvite {
  readonly room: number
  readonly client_key: string
  readonly expires_in_seconds?: number | null
  readonly most_uses?: number | null
  readonly origin?: string | null
}

export interface CreateRoom {
  readonly client_key: string
  readonly kind: 'private' | 'public'
  readonly name: string
  readonly topic?: string
  readonly description?: string
  readonly people?: readonly number[]
}

/** The answer of commands that have nothing else to say. */
export type Done = Readonly<Record<string, never>>

/** The draft in a room, or in a thread of it, as it is now; without a body there is none. */
export interface DraftChanged {
  readonly kind: 'draft.changed'
  readonly offset: number
  readonly room: number
  readonly thread?: number | null
  readonly body?: string
  readonly reply_to?: number | null
  readonly updated_at?: number | null
}

export interface Drafts {
  readonly results: readonly OneDraft[]
}

export interface EditMessage {
  readonly message: number
  readonly body: string
}

/** `type` is the media type by content; `size` is in bytes; `width` and `height` of images only, in pixels. */
export interface File {
  readonly id: number
  readonly name: string
  readonly type: string
  readonly size: number
  readonly width?: number | null
  readonly height?: number | null
  readonly thumbnail?: Thumbnail | null
}

/** Among the members of `room`, or everybody. An empty query finds all, by name. */
export interface FindPeople {
  readonly query: string
  readonly room?: number | null
  readonly limit?: number
}

export interface FollowedThread {
  readonly root: Message
  readonly following: Following
}

/** Newest activity first; `next` is the `before` of the next page. */
export interface FollowedThreads {
  readonly results: readonly FollowedThread[]
  readonly next: number | null
}

/** What somebody has to do with the thread of this root: `following` is follows, mutes or none; `unread` counts the replies after `read_number`, deleted ones too, when they follow or mute it. */
export interface Following {
  readonly thread: number
  readonly following: string
  readonly read_number?: number
  readonly unread?: number
}

/** `room` is where to; `body` a comment above the copy. */
export interface ForwardMessage {
  readonly message: number
  readonly room: number
  readonly client_key: string
  readonly body?: string
}

/** Who wrote what was copied; and where, when that is a public room. Of other rooms nobody learns by this: readers of the copy need not be in the room it came from. */
export interface Forwarded {
  readonly author: number | null
  readonly message?: number | null
  readonly room?: number | null
}

/** `count` is of all pages and only of messages that the asker may see, exact up to 1,000; `is_more` says that there are more. It, `rooms` and `people` come with the first page only. */
export interface Found {
  readonly results: readonly FoundMessage[]
  readonly next: string | null
  readonly count: number | null
  readonly is_more: boolean
  readonly rooms: readonly FoundRoom[]
  readonly people: readonly Someone[]
}

/** `highlights` are ranges of code points of the body, half open. `rank` is of the best first only. */
export interface FoundMessage {
  readonly message: Message
  readonly highlights: readonly (readonly [number, number])[]
  readonly rank?: number | null
}

export interface FoundRoom {
  readonly room: Room
  readonly is_member: boolean
}

export interface GetPeople {
  readonly users: readonly number[]
}

/** The secret is told here only. `url` and its QR code, an <svg> element, come when an `origin` was given. */
export interface Invite {
  readonly id: number
  readonly secret: string
  readonly path: string
  readonly expires_at?: number | null
  readonly url?: string
  readonly qr_svg?: string
}

export interface InvitePeople {
  readonly room: number
  readonly people: readonly number[]
}

/** What a link is to; `invited_by` is None when that person was deleted. */
export interface Invited {
  readonly room: number
  readonly kind: string
  readonly name: string
  readonly topic: string
  readonly members: number
  readonly is_member: boolean
  readonly invited_by: number | null
}

/** Good or not any more; times are milliseconds since 1970. */
export interface Link {
  readonly id: number
  readonly creator: number | null
  readonly created_at: number
  readonly uses: number
  readonly most_uses?: number | null
  readonly expires_at?: number | null
  readonly revoked_at?: number | null
}

export interface Links {
  readonly results: readonly Link[]
  readonly next: number | null
}

export type ListDrafts = Readonly<Record<string, never>>

/** `before` is the id of a link. */
export interface ListInvites {
  readonly room: number
  readonly before?: number | null
  readonly limit?: number
}

/** `before` is the push of another page's last. */
export interface ListNotices {
  readonly before?: number | null
  readonly limit?: number
  readonly unread_only?: boolean
}

/** With a `query` the answer is one page, the best match first, and `after` means nothing. */
export interface ListPublic {
  readonly query?: string
  readonly after?: number
  readonly limit?: number
}

/** `before` is the `next` of another page. */
export interface ListSaved {
  readonly before?: number | null
  readonly limit?: number
}

/** As the other members see it. */
export interface Member {
  readonly user: number
  readonly role: string
  readonly muted_until?: number | null
}

export interface MemberChanged {
  readonly kind: 'member.changed'
  readonly offset: number
  readonly member: Member
}

export interface MemberJoined {
  readonly kind: 'member.joined'
  readonly offset: number
  readonly member: Member
}

/** `reason` is left, removed or banned; `by` who did it. */
export interface MemberLeft {
  readonly kind: 'member.left'
  readonly offset: number
  readonly user: number
  readonly reason: string
  readonly by?: number | null
}

export interface Members {
  readonly results: readonly Member[]
  readonly next: number | null
}

/** As the member sees it: `joined_number` is the last message from before they came. */
export interface Membership {
  readonly role: string
  readonly level: string
  readonly read_number: number
  readonly joined_number?: number
  readonly is_favourite?: boolean
  readonly muted_until?: number | null
}

/** Level, favourite, role or mute of one's own membership. */
export interface MembershipChanged {
  readonly kind: 'membership.changed'
  readonly offset: number
  readonly room: number
  readonly membership: Membership
}

/** A message as it is now. `key` is its author's client key; `html` is left out when the text has no marks, and is to be shown as it is; `thread` is of the thread that it begins or is in; `everyone` is 1 for @here, 2 for @all. */
export interface Message {
  readonly id: number
  readonly room: number
  readonly number: number
  readonly author: number | null
  readonly at: number
  readonly key?: string
  readonly body?: string
  readonly html?: string
  readonly reply_to?: number | null
  readonly thread?: Thread | null
  readonly forwarded?: Forwarded | null
  readonly mentions?: readonly number[]
  readonly everyone?: number
  readonly files?: readonly File[]
  readonly reactions?: readonly Reaction[]
  readonly is_pinned?: boolean
  readonly edited_at?: number | null
  readonly deleted_at?: number | null
}

/** By its author, a moderator, or the room's retention. It is no longer pinned, nor among anybody's saved ones. */
export interface MessageDeleted {
  readonly kind: 'message.deleted'
  readonly offset: number
  readonly message: Message
}

export interface MessageEdited {
  readonly kind: 'message.edited'
  readonly offset: number
  readonly message: Message
}

/** Oldest first. `previous` is the `before` of the page above, `next` the `after` of the page below. */
export interface MessagePage {
  readonly results: readonly Message[]
  readonly previous: number | null
  readonly next: number | null
}

/** For its author it is read, too: their read number is at least the message's number. A reply also makes its author follow the thread, with all of it read, and the author of the root, with all before it read if they did not follow it yet; who mutes the thread goes on muting it. Not where a `ThreadFollowed` with at least this number has said otherwise. */
export interface MessagePosted {
  readonly kind: 'message.posted'
  readonly offset: number
  readonly message: Message
}

/** For who listens to no room of their own: somebody wrote to this person in a direct room or a group. */
export interface MessageRang {
  readonly kind: 'message.rang'
  readonly offset: number
  readonly message: Message
}

export interface MessageSaved {
  readonly kind: 'saved.added'
  readonly offset: number
  readonly message: number
  readonly room: number
  readonly at: number
}

export interface MessageUnsaved {
  readonly kind: 'saved.removed'
  readonly offset: number
  readonly message: number
}

export interface MessagesAt {
  readonly room: number
  readonly at: number
}

/** Numbers, at most one of them; without any the newest. */
export interface MessagesOf {
  readonly room: number
  readonly before?: number | null
  readonly after?: number | null
  readonly around?: number | null
  readonly limit?: number
}

/** `seconds` from now; 0 gives the word back. */
export interface MuteMember {
  readonly room: number
  readonly user: number
  readonly seconds: number
}

export type Nothing = Readonly<Record<string, never>>

export interface Notice {
  readonly id: number
  readonly title: string
  readonly content: string
  readonly type: number
  readonly author: number | null
  readonly created_at: number
  readonly updated_at: number
  readonly asks_confirmation?: boolean
  readonly is_targeted?: boolean
}

/** A notice, its last push and when that was; and when one has read and confirmed it. */
export interface NoticeNow {
  readonly push: number
  readonly at: number
  readonly notice: Notice
  readonly read_at?: number | null
  readonly confirmed_at?: number | null
}

/** `push` is another one each time. */
export interface NoticePushed {
  readonly kind: 'notice.pushed'
  readonly offset: number
  readonly push: number
  readonly at: number
  readonly notice: Notice
}

export interface NoticeRead {
  readonly kind: 'notice.read'
  readonly offset: number
  readonly notice: number
  readonly read_at: number
  readonly confirmed_at?: number | null
}

export interface NoticeReader {
  readonly user: number
  readonly read_at?: number | null
  readonly confirmed_at?: number | null
}

/** `people`, `read` and `confirmed` count all whom it is for and who may sign in. */
export interface NoticeReaders {
  readonly people: number
  readonly read: number
  readonly confirmed: number
  readonly results: readonly NoticeReader[]
  readonly next: number | null
}

/** Those for everyone and those for who asks, the last pushed first. */
export interface Notices {
  readonly results: readonly NoticeNow[]
  readonly next: number | null
}

/** `after` is the id of a person. */
export interface NoticesReadersOf {
  readonly notice: number
  readonly which?: 'confirmed' | 'read' | 'unconfirmed' | 'unread'
  readonly after?: number
  readonly limit?: number
}

/** Of the first message at or after the moment; None when there is none. It may be `around` of a page. */
export interface NumberAt {
  readonly number: number | null
}

/** As it is now; without a `body` there is none. */
export interface OneDraft {
  readonly room: number
  readonly thread?: number | null
  readonly body?: string
  readonly reply_to?: number | null
  readonly updated_at?: number | null
}

export interface OneMember {
  readonly room: number
  readonly user: number
}

export interface OneMessage {
  readonly message: number
}

export interface OneNotice {
  readonly notice: number
}

/** `data` is what is pushed, as it is now: of a text that was edited or deleted since only what it is now. */
export interface OnePublication {
  readonly offset: number
  readonly data: Frame
}

export interface OneReaction {
  readonly message: number
  readonly emoji: string
}

export interface OneRoom {
  readonly room: number
}

/** Without anybody: of oneself alone. */
export interface OpenRoom {
  readonly people: readonly number[]
}

/** `after` is the id of a person. */
export interface Page {
  readonly room: number
  readonly after?: number
  readonly limit?: number
}

export interface People {
  readonly results: readonly Someone[]
}

export interface PinAdded {
  readonly kind: 'pin.added'
  readonly offset: number
  readonly message: number
  readonly number: number
  readonly by: number | null
  readonly at: number
}

export interface PinRemoved {
  readonly kind: 'pin.removed'
  readonly offset: number
  readonly message: number
  readonly number: number
}

export interface Pinned {
  readonly message: Message
  readonly by: number | null
  readonly at: number
}

/** All, the last pinned first. */
export interface PinnedMessages {
  readonly results: readonly Pinned[]
}

export interface PinsOf {
  readonly room: number
}

/** What is left out or null stays. */
export interface Prefer {
  readonly room: number
  readonly level?: 'everything' | 'mentions' | 'nothing' | null
  readonly is_favourite?: boolean | null
}

/** `html` is there for plain text too. Nobody is looked up: of mentions only those of everyone are marked. */
export interface Preview {
  readonly html: string
}

/** A text as it would be sent. */
export interface PreviewMessage {
  readonly body: string
}

/** Problem details (RFC 9457). `code` and `slug` are those of the chat's refusals; `errors` are texts by field. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code?: number | null
  readonly slug?: string | null
  readonly errors?: Readonly<Record<string, readonly string[]>>
}

export interface PublicRoom {
  readonly room: Room
  readonly members: number
  readonly is_member: boolean
}

export interface PublicRooms {
  readonly results: readonly PublicRoom[]
  readonly next: number | null
}

/** The oldest first; `next` is the `after` of the next page, null at the `head`. */
export interface Publications {
  readonly results: readonly OnePublication[]
  readonly head: ChannelHead
  readonly next: number | null
}

/** For everyone, or where `people` or `rooms` are given for these and for who is in these rooms now. */
export interface PublishNotice {
  readonly client_key: string
  readonly title: string
  readonly content?: string
  readonly type?: 1 | 2
  readonly people?: readonly number[] | null
  readonly rooms?: readonly number[] | null
  readonly asks_confirmation?: boolean
}

/** Without a `client_key` each time is one more push. */
export interface PushNotice {
  readonly notice: number
  readonly client_key?: string | null
}

/** `users` in the order in which they came. */
export interface Reaction {
  readonly emoji: string
  readonly users: readonly number[]
}

/** `message` is the id, `number` its number. The person is one of those who reacted with this emoji, the last. */
export interface ReactionAdded {
  readonly kind: 'reaction.added'
  readonly offset: number
  readonly message: number
  readonly number: number
  readonly emoji: string
  readonly user: number
}

export interface ReactionRemoved {
  readonly kind: 'reaction.removed'
  readonly offset: number
  readonly message: number
  readonly number: number
  readonly emoji: string
  readonly user: number
}

/** All up to this number is read, on every device; it moves back only by marking as unread. `last_number` is the room's then: a message of one's own with a higher one has moved it further. `mentions` are the numbers of the unread messages that mention the person, the newest first, at most 100. */
export interface ReadMoved {
  readonly kind: 'read.moved'
  readonly offset: number
  readonly room: number
  readonly read_number: number
  readonly last_number?: number
  readonly mentions?: readonly number[]
}

/** The answer: where it is now. */
export interface ReadPosition {
  readonly room: number
  readonly read_number: number
}

/** All up to `number` is read; from `number` on all is unread. It is a message's, in the room. */
export interface ReadRoom {
  readonly room: number
  readonly number: number
}

export interface ReadThread {
  readonly message: number
  readonly number: number
}

/** Who has read a message, by id: neither its author nor those who came after it. `count` is of all pages. In the lobby, who has never read or written anything there has read nothing. */
export interface Readers {
  readonly count: number
  readonly results: readonly number[]
  readonly next: number | null
}

/** Of one's own. */
export interface Reading {
  readonly notice: number
  readonly read_at: number
  readonly confirmed_at?: number | null
}

/** `after` is the id of a person. */
export interface ReadingReadersOf {
  readonly message: number
  readonly after?: number
  readonly limit?: number
}

/** `thread` is the message that begins it. */
export interface ReadingTyping {
  readonly room: number
  readonly thread?: number | null
}

/** Somebody has read all up to this number. It never moves back: of two the higher one holds. */
export interface Receipt {
  readonly kind: 'receipt'
  readonly room: number
  readonly user: number
  readonly read_number: number
}

/** What a message said until `replaced_at`. */
export interface Revised {
  readonly id: number
  readonly body: string
  readonly replaced_at: number
  readonly replaced_by: number | null
}

/** Newest first; `next` is the `before` of the next page. */
export interface RevisionPage {
  readonly results: readonly Revised[]
  readonly next: number | null
}

/** `before` is the id of a revision. */
export interface RevisionsOf {
  readonly message: number
  readonly before?: number | null
  readonly limit?: number
}

export interface RevokeInvite {
  readonly invite: number
}

/** `people` are those of a direct room or a group; `kind` is public, private, direct or group. */
export interface Room {
  readonly id: number
  readonly kind: string
  readonly name?: string
  readonly slug?: string
  readonly topic?: string
  readonly description?: string
  readonly people?: readonly number[]
  readonly posting?: string
  readonly history?: string
  readonly slow_mode_seconds?: number
  readonly edit_window_seconds?: number | null
  readonly retention_days?: number | null
  readonly created_at: number
  readonly archived_at?: number | null
}

/** Its name, topic, description or settings are others now, or it was archived or taken up again. */
export interface RoomChanged {
  readonly kind: 'room.changed'
  readonly offset: number
  readonly room: Room
}

/** A member from now on; whoever hears this also hears `room:<id>` from now on. The rest is to be loaded. */
export interface RoomGained {
  readonly kind: 'room.gained'
  readonly offset: number
  readonly room: number
}

export interface RoomLost {
  readonly kind: 'room.lost'
  readonly offset: number
  readonly room: number
  readonly reason: string
}

/** A room as its member finds it; at the channel's `offset`, or later by what is told after it anyway. `members` is how many there are. */
export interface RoomsRoom {
  readonly room: Room
  readonly membership: Membership
  readonly last_number: number
  readonly offset: number
  readonly epoch: string
  readonly members: number
}

/** The answer: `at` is when it was saved, in milliseconds since 1970. */
export interface Saved {
  readonly message: number
  readonly at: number
}

/** `at` is when it was saved. */
export interface SavedOne {
  readonly at: number
  readonly message: Message
}

/** The last saved first, without those that one may not read any more. */
export interface SavedPage {
  readonly results: readonly SavedOne[]
  readonly next: number | null
}

/** `query` is words, "phrases" and filters: `from:`, `in:`, `has:file|image|link`, `before:` and `after:` a day, which begins by the asker's clock, `utc_offset_minutes` before UTC's. `cursor` is the `next` of the page before. */
export interface Search {
  readonly query: string
  readonly order?: 'best' | 'newest'
  readonly room?: number | null
  readonly cursor?: string | null
  readonly limit?: number
  readonly utc_offset_minutes?: number
}

export interface SendMessage {
  readonly room: number
  readonly client_key: string
  readonly body?: string
  readonly reply_to?: number | null
  readonly thread?: number | null
  readonly files?: readonly number[]
}

/** The answer: `at` is milliseconds since 1970, `offset` that of the publication in the room's channel. */
export interface Sent {
  readonly id: number
  readonly room: number
  readonly number: number
  readonly offset: number
  readonly at: number
}

/** Of the room, or of the thread that begins at the message `thread`; an empty `body` removes it. */
export interface SetDraft {
  readonly room: number
  readonly body: string
  readonly thread?: number | null
  readonly reply_to?: number | null
}

export interface SetRole {
  readonly room: number
  readonly user: number
  readonly role: 'member' | 'moderator' | 'owner' | 'reader'
}

/** `name` is the shown one; who is not active may not sign in. */
export interface Someone {
  readonly id: number
  readonly username: string
  readonly name: string
  readonly is_active: boolean
}

/** Everything is as of the heads or later: apply what was published above them, in its order. `people` are oneself, those of direct rooms and groups, and who wrote the last messages. `saved` are ids of messages, the last saved first, of those too that one may not read any more; `threads` what one follows or mutes, at most 1,000; `unread_threads` counts those of them that one follows with unread replies. */
export interface Synced {
  readonly user: Someone
  readonly now: number
  readonly rooms: readonly SyncedRoom[]
  readonly user_head: ChannelHead
  readonly site_head: ChannelHead
  readonly people: readonly Someone[]
  readonly drafts: readonly OneDraft[]
  readonly saved: readonly number[]
  readonly notices: SyncedNotices
  readonly threads: readonly SyncedThread[]
  readonly unread_threads: number
}

/** `unread` are the newest of those for one that one has not read, at most 200. `last` is the highest id of any: one with a higher id that is pushed later is unread, one with a lower id only if it is among them. */
export interface SyncedNotices {
  readonly unread: readonly number[]
  readonly last: number
}

/** `unread` messages, of which `first_unread` is the first; `mentions` are the numbers of those that mention one, by name or with everyone, newest first, at most 100 (show "99+"). `badge` is the number to show by the membership's level: all that is unread, the mentions, or 0. `last_message` is left out when it is not one's own to read. */
export interface SyncedRoom {
  readonly room: Room
  readonly membership: Membership
  readonly head: ChannelHead
  readonly last_number: number
  readonly first_unread: number
  readonly unread?: number
  readonly mentions?: readonly number[]
  readonly badge?: number
  readonly last_message_at?: number | null
  readonly last_message?: Message | null
}

/** The thread of this root, in which `last_number` is the last reply; it is unread when `read_number` is lower. */
export interface SyncedThread {
  readonly thread: number
  readonly room: number
  readonly following: string
  readonly read_number: number
  readonly last_number: number
}

/** Of the message `root` and its author: how many replies there are, and the number of the last one. With none, and not resolved, there is no thread. */
export interface Thread {
  readonly root: number
  readonly replies: number
  readonly author?: number | null
  readonly last_number?: number
  readonly resolved_at?: number | null
  readonly resolved_by?: number | null
}

/** Resolved, or taken up again. */
export interface ThreadChanged {
  readonly kind: 'thread.changed'
  readonly offset: number
  readonly thread: Thread
}

/** `following` is follows, mutes or none. `number` was the last of the room: replies up to it change nothing about `following` any more, those after it do (`MessagePosted`). `read_number` never moves back but by `none`. */
export interface ThreadFollowed {
  readonly kind: 'thread.followed'
  readonly offset: number
  readonly thread: number
  readonly room: number
  readonly following: string
  readonly number: number
  readonly read_number?: number
}

/** `after` is a number in the room. */
export interface ThreadOf {
  readonly message: number
  readonly after?: number
  readonly limit?: number
}

/** Replies, oldest first; `next` is the `after` of the next page. What the thread is now, the root says. */
export interface ThreadPage {
  readonly root: Message
  readonly following: Following
  readonly results: readonly Message[]
  readonly next: number | null
}

/** `before` is the `next` of another page. */
export interface ThreadsOf {
  readonly before?: number | null
  readonly limit?: number
}

/** In pixels. */
export interface Thumbnail {
  readonly width: number
  readonly height: number
}

/** Somebody writes now, in the room or in a thread of it. It holds for five seconds. */
export interface Typing {
  readonly kind: 'typing'
  readonly room: number
  readonly user: number
  readonly thread?: number | null
}

/** The data of a publication, by its kind. */
export type Frame =
  | DraftChanged
  | MemberChanged
  | MemberJoined
  | MemberLeft
  | MembershipChanged
  | MessageDeleted
  | MessageEdited
  | MessagePosted
  | MessageRang
  | MessageSaved
  | MessageUnsaved
  | NoticePushed
  | NoticeRead
  | PinAdded
  | PinRemoved
  | ReactionAdded
  | ReactionRemoved
  | ReadMoved
  | RoomChanged
  | RoomGained
  | RoomLost
  | ThreadChanged
  | ThreadFollowed

/** What has no offset and is forgotten, by its kind. */
export type Signal =
  | Receipt
  | Typing

/** What is asked and what is answered, by the name of the command. */
export interface Commands {
  readonly 'draft.list': { readonly request: ListDrafts, readonly answer: Drafts }
  readonly 'draft.set': { readonly request: SetDraft, readonly answer: OneDraft }
  readonly 'invite.accept': { readonly request: BySecret, readonly answer: RoomsRoom }
  readonly 'invite.create': { readonly request: CreateInvite, readonly answer: Invite }
  readonly 'invite.list': { readonly request: ListInvites, readonly answer: Links }
  readonly 'invite.look': { readonly request: BySecret, readonly answer: Invited }
  readonly 'invite.revoke': { readonly request: RevokeInvite, readonly answer: Done }
  readonly 'message.delete': { readonly request: OneMessage, readonly answer: Done }
  readonly 'message.edit': { readonly request: EditMessage, readonly answer: Message }
  readonly 'message.forward': { readonly request: ForwardMessage, readonly answer: Sent }
  readonly 'message.get': { readonly request: OneMessage, readonly answer: Message }
  readonly 'message.preview': { readonly request: PreviewMessage, readonly answer: Preview }
  readonly 'message.revisions': { readonly request: RevisionsOf, readonly answer: RevisionPage }
  readonly 'message.send': { readonly request: SendMessage, readonly answer: Sent }
  readonly 'notice.confirm': { readonly request: OneNotice, readonly answer: Reading }
  readonly 'notice.list': { readonly request: ListNotices, readonly answer: Notices }
  readonly 'notice.publish': { readonly request: PublishNotice, readonly answer: NoticeNow }
  readonly 'notice.push': { readonly request: PushNotice, readonly answer: NoticeNow }
  readonly 'notice.read': { readonly request: OneNotice, readonly answer: Reading }
  readonly 'notice.readers': { readonly request: NoticesReadersOf, readonly answer: NoticeReaders }
  readonly 'people.find': { readonly request: FindPeople, readonly answer: People }
  readonly 'people.get': { readonly request: GetPeople, readonly answer: People }
  readonly 'pin.add': { readonly request: OneMessage, readonly answer: Done }
  readonly 'pin.list': { readonly request: PinsOf, readonly answer: PinnedMessages }
  readonly 'pin.remove': { readonly request: OneMessage, readonly answer: Done }
  readonly 'reaction.add': { readonly request: OneReaction, readonly answer: Done }
  readonly 'reaction.remove': { readonly request: OneReaction, readonly answer: Done }
  readonly 'room.archive': { readonly request: OneRoom, readonly answer: Done }
  readonly 'room.ban': { readonly request: BanPerson, readonly answer: Done }
  readonly 'room.bans': { readonly request: Page, readonly answer: Bans }
  readonly 'room.change': { readonly request: ChangeRoom, readonly answer: Done }
  readonly 'room.create': { readonly request: CreateRoom, readonly answer: RoomsRoom }
  readonly 'room.get': { readonly request: OneRoom, readonly answer: RoomsRoom }
  readonly 'room.invite': { readonly request: InvitePeople, readonly answer: Done }
  readonly 'room.join': { readonly request: OneRoom, readonly answer: RoomsRoom }
  readonly 'room.leave': { readonly request: OneRoom, readonly answer: Done }
  readonly 'room.list_public': { readonly request: ListPublic, readonly answer: PublicRooms }
  readonly 'room.members': { readonly request: Page, readonly answer: Members }
  readonly 'room.messages': { readonly request: MessagesOf, readonly answer: MessagePage }
  readonly 'room.messages_at': { readonly request: MessagesAt, readonly answer: NumberAt }
  readonly 'room.mute': { readonly request: MuteMember, readonly answer: Done }
  readonly 'room.open': { readonly request: OpenRoom, readonly answer: RoomsRoom }
  readonly 'room.prefer': { readonly request: Prefer, readonly answer: Done }
  readonly 'room.publications': { readonly request: AfterInRoom, readonly answer: Publications }
  readonly 'room.read': { readonly request: ReadRoom, readonly answer: ReadPosition }
  readonly 'room.readers': { readonly request: ReadingReadersOf, readonly answer: Readers }
  readonly 'room.remove': { readonly request: OneMember, readonly answer: Done }
  readonly 'room.role': { readonly request: SetRole, readonly answer: Done }
  readonly 'room.unarchive': { readonly request: OneRoom, readonly answer: Done }
  readonly 'room.unban': { readonly request: OneMember, readonly answer: Done }
  readonly 'room.unread': { readonly request: ReadRoom, readonly answer: ReadPosition }
  readonly 'saved.add': { readonly request: OneMessage, readonly answer: Saved }
  readonly 'saved.list': { readonly request: ListSaved, readonly answer: SavedPage }
  readonly 'saved.remove': { readonly request: OneMessage, readonly answer: Done }
  readonly 'search': { readonly request: Search, readonly answer: Found }
  readonly 'site.publications': { readonly request: After, readonly answer: Publications }
  readonly 'sync': { readonly request: Nothing, readonly answer: Synced }
  readonly 'thread.follow': { readonly request: OneMessage, readonly answer: Following }
  readonly 'thread.get': { readonly request: ThreadOf, readonly answer: ThreadPage }
  readonly 'thread.list': { readonly request: ThreadsOf, readonly answer: FollowedThreads }
  readonly 'thread.mute': { readonly request: OneMessage, readonly answer: Following }
  readonly 'thread.read': { readonly request: ReadThread, readonly answer: Following }
  readonly 'thread.resolve': { readonly request: OneMessage, readonly answer: Done }
  readonly 'thread.unfollow': { readonly request: OneMessage, readonly answer: Following }
  readonly 'thread.unresolve': { readonly request: OneMessage, readonly answer: Done }
  readonly 'typing': { readonly request: ReadingTyping, readonly answer: Done }
  readonly 'user.publications': { readonly request: After, readonly answer: Publications }
}

/** Where a command is asked for over HTTP; the names in braces are fields of it. */
export const ROUTES = {
  'draft.list': { method: 'GET', path: '/api/me/drafts' },
  'draft.set': { method: 'PUT', path: '/api/rooms/{room}/draft' },
  'invite.accept': { method: 'POST', path: '/api/invites/accept' },
  'invite.create': { method: 'POST', path: '/api/rooms/{room}/invites' },
  'invite.list': { method: 'GET', path: '/api/rooms/{room}/invites' },
  'invite.look': { method: 'POST', path: '/api/invites/look' },
  'invite.revoke': { method: 'DELETE', path: '/api/invites/{invite}' },
  'message.delete': { method: 'DELETE', path: '/api/messages/{message}' },
  'message.edit': { method: 'PATCH', path: '/api/messages/{message}' },
  'message.forward': { method: 'POST', path: '/api/messages/{message}/forward' },
  'message.get': { method: 'GET', path: '/api/messages/{message}' },
  'message.preview': { method: 'POST', path: '/api/messages/preview' },
  'message.revisions': { method: 'GET', path: '/api/messages/{message}/revisions' },
  'message.send': { method: 'POST', path: '/api/rooms/{room}/messages' },
  'notice.confirm': { method: 'PUT', path: '/api/notices/{notice}/confirmation' },
  'notice.list': { method: 'GET', path: '/api/me/notices' },
  'notice.publish': { method: 'POST', path: '/api/notices/publish' },
  'notice.read': { method: 'PUT', path: '/api/notices/{notice}/read' },
  'notice.readers': { method: 'GET', path: '/api/notices/{notice}/readers' },
  'people.find': { method: 'GET', path: '/api/people' },
  'people.get': { method: 'GET', path: '/api/people/by-id' },
  'pin.add': { method: 'PUT', path: '/api/messages/{message}/pin' },
  'pin.list': { method: 'GET', path: '/api/rooms/{room}/pins' },
  'pin.remove': { method: 'DELETE', path: '/api/messages/{message}/pin' },
  'reaction.add': { method: 'PUT', path: '/api/messages/{message}/reactions/{emoji}' },
  'reaction.remove': { method: 'DELETE', path: '/api/messages/{message}/reactions/{emoji}' },
  'room.archive': { method: 'PUT', path: '/api/rooms/{room}/archive' },
  'room.ban': { method: 'PUT', path: '/api/rooms/{room}/bans/{user}' },
  'room.bans': { method: 'GET', path: '/api/rooms/{room}/bans' },
  'room.change': { method: 'PATCH', path: '/api/rooms/{room}' },
  'room.create': { method: 'POST', path: '/api/rooms' },
  'room.get': { method: 'GET', path: '/api/rooms/{room}' },
  'room.invite': { method: 'POST', path: '/api/rooms/{room}/members' },
  'room.join': { method: 'PUT', path: '/api/rooms/{room}/membership' },
  'room.leave': { method: 'DELETE', path: '/api/rooms/{room}/membership' },
  'room.list_public': { method: 'GET', path: '/api/rooms/public' },
  'room.members': { method: 'GET', path: '/api/rooms/{room}/members' },
  'room.messages': { method: 'GET', path: '/api/rooms/{room}/messages' },
  'room.messages_at': { method: 'GET', path: '/api/rooms/{room}/messages/at' },
  'room.mute': { method: 'PUT', path: '/api/rooms/{room}/members/{user}/mute' },
  'room.open': { method: 'POST', path: '/api/rooms/direct' },
  'room.prefer': { method: 'PATCH', path: '/api/rooms/{room}/membership' },
  'room.publications': { method: 'GET', path: '/api/rooms/{room}/publications' },
  'room.read': { method: 'POST', path: '/api/rooms/{room}/read' },
  'room.readers': { method: 'GET', path: '/api/messages/{message}/readers' },
  'room.remove': { method: 'DELETE', path: '/api/rooms/{room}/members/{user}' },
  'room.role': { method: 'PUT', path: '/api/rooms/{room}/members/{user}/role' },
  'room.unarchive': { method: 'DELETE', path: '/api/rooms/{room}/archive' },
  'room.unban': { method: 'DELETE', path: '/api/rooms/{room}/bans/{user}' },
  'room.unread': { method: 'POST', path: '/api/rooms/{room}/unread' },
  'saved.add': { method: 'PUT', path: '/api/me/saved/{message}' },
  'saved.list': { method: 'GET', path: '/api/me/saved' },
  'saved.remove': { method: 'DELETE', path: '/api/me/saved/{message}' },
  'search': { method: 'GET', path: '/api/search' },
  'site.publications': { method: 'GET', path: '/api/site/publications' },
  'sync': { method: 'GET', path: '/api/sync' },
  'thread.follow': { method: 'PUT', path: '/api/messages/{message}/thread/follow' },
  'thread.get': { method: 'GET', path: '/api/messages/{message}/thread' },
  'thread.list': { method: 'GET', path: '/api/me/threads' },
  'thread.mute': { method: 'PUT', path: '/api/messages/{message}/thread/mute' },
  'thread.read': { method: 'POST', path: '/api/messages/{message}/thread/read' },
  'thread.resolve': { method: 'PUT', path: '/api/messages/{message}/thread/resolved' },
  'thread.unfollow': { method: 'DELETE', path: '/api/messages/{message}/thread/follow' },
  'thread.unresolve': { method: 'DELETE', path: '/api/messages/{message}/thread/resolved' },
  'user.publications': { method: 'GET', path: '/api/me/publications' },
} as const

/** The code of each refusal, by its slug; `try_again` is none: it may be done or not. */
export const REFUSALS = {
  try_again: 1000,
  refused: 1001,
  bad_argument: 1002,
  bad_body: 1003,
  bad_file: 1004,
  not_found: 1010,
  not_a_member: 1011,
  no_such_person: 1012,
  no_such_message: 1013,
  no_such_file: 1014,
  no_such_notice: 1015,
  bad_link: 1016,
  gone: 1017,
  not_allowed: 1020,
  muted: 1021,
  banned: 1022,
  too_late: 1023,
  conflict: 1030,
  key_conflict: 1031,
  archived: 1032,
  too_many: 1033,
  quota_exceeded: 1040,
  too_soon: 1041,
} as const
