"""Commands about threads. `message` is the one that begins the thread, or any reply in it."""

import msgspec

from teahouse.chat.commands.messages import Id, Limit, Number, OneMessage
from teahouse.chat.commands.table import Command
from teahouse.chat.people import Person
from teahouse.chat.selectors import threads as pages
from teahouse.chat.services import standing, threads


class ThreadOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after` is a number in the room."""

    message: Id
    after: Number = 0
    limit: Limit = 50


class ReadThread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: Id
    number: Number


class ThreadsOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`before` is the `next` of another page."""

    before: Id | None = None
    limit: Limit = 50


def get(person: Person, asked: ThreadOf) -> pages.ThreadPage:
    """Replies of a thread, with what it is now."""
    access, root = standing.root_of(person.pk, asked.message)
    return pages.thread_page(access, root, user=person, after=asked.after, limit=asked.limit)


def follow(person: Person, asked: OneMessage) -> pages.Following:
    """What is so already changes nothing."""
    return threads.follow_thread(actor=person, message_id=asked.message, wish="follows")


def mute(person: Person, asked: OneMessage) -> pages.Following:
    """Hear no more of it; writing in it changes nothing about that."""
    return threads.follow_thread(actor=person, message_id=asked.message, wish="mutes")


def unfollow(person: Person, asked: OneMessage) -> pages.Following:
    """Neither follow nor mute. One's next reply follows again, and any reply if one began the thread."""
    return threads.follow_thread(actor=person, message_id=asked.message, wish="none")


def read(person: Person, asked: ReadThread) -> pages.Following:
    """Up to this number; it never moves back."""
    return threads.read_thread(actor=person, message_id=asked.message, number=asked.number)


def resolve(person: Person, asked: OneMessage) -> None:
    """Who may write in the room may."""
    threads.resolve_thread(actor=person, message_id=asked.message, is_resolved=True)


def unresolve(person: Person, asked: OneMessage) -> None:
    """Take it up again."""
    threads.resolve_thread(actor=person, message_id=asked.message, is_resolved=False)


def list_followed(person: Person, asked: ThreadsOf) -> pages.FollowedThreads:
    """The threads one follows."""
    return pages.followed_threads(user=person, before=asked.before, limit=asked.limit)


COMMANDS = {
    "thread.get": Command(ThreadOf, get, pages.ThreadPage),
    "thread.follow": Command(OneMessage, follow, pages.Following),
    "thread.mute": Command(OneMessage, mute, pages.Following),
    "thread.unfollow": Command(OneMessage, unfollow, pages.Following),
    "thread.read": Command(ReadThread, read, pages.Following),
    "thread.resolve": Command(OneMessage, resolve),
    "thread.unresolve": Command(OneMessage, unresolve),
    "thread.list": Command(ThreadsOf, list_followed, pages.FollowedThreads),
}
