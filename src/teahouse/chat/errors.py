"""
What the chat refuses, and the one thing that it does not know.

ChatError           for good: the same request will be refused again, and nothing of it is stored
├── BadArgument     a value that can never be right; its subclasses say which kind
│   ├── BadBody     empty, too long, or with characters that are none
│   └── BadFile     what may not be kept
├── NotFound        not there, or not for you: the two are not told apart
│   ├── NotAMember, NoSuchPerson, NoSuchMessage, NoSuchFile, NoSuchNotice
│   ├── BadLink     an invitation that is not, or no longer, good
│   └── Gone        it was there, and is not kept any more
├── NotAllowed      a member, but not in the role for it
│   ├── Muted, Banned
│   └── TooLate     the time for it is over
├── Conflict        it does not go together with what is
│   ├── KeyConflict the client key names something else already
│   ├── Archived    nothing changes in an archived room
│   └── TooMany     one more would be more than there may be
├── QuotaExceeded   no room for so many bytes
└── TooSoon         slow mode: asks to wait
TryAgain            nobody knows whether it is done: the same request with the same client key is harmless

Each has a `slug` for programs. The doors give a status or an error code to each, in `chat.refusals`.
"""


class ChatError(Exception):
    """A refusal for good: the same request will be refused again."""

    slug = "refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class BadArgument(ChatError):
    slug = "bad_argument"


class BadBody(BadArgument):
    slug = "bad_body"


class BadFile(BadArgument):
    slug = "bad_file"


class NotFound(ChatError):
    slug = "not_found"


class NotAMember(NotFound):
    slug = "not_a_member"


class NoSuchPerson(NotFound):
    slug = "no_such_person"


class NoSuchMessage(NotFound):
    slug = "no_such_message"


class NoSuchFile(NotFound):
    slug = "no_such_file"


class NoSuchNotice(NotFound):
    slug = "no_such_notice"


class BadLink(NotFound):
    slug = "bad_link"


class Gone(NotFound):
    """A history that begins later than what was asked for. Load what is now."""

    slug = "gone"


class NotAllowed(ChatError):
    slug = "not_allowed"


class Muted(NotAllowed):
    slug = "muted"


class Banned(NotAllowed):
    slug = "banned"


class TooLate(NotAllowed):
    slug = "too_late"


class Conflict(ChatError):
    slug = "conflict"


class KeyConflict(Conflict):
    slug = "key_conflict"


class Archived(Conflict):
    slug = "archived"


class TooMany(Conflict):
    slug = "too_many"


class QuotaExceeded(ChatError):
    slug = "quota_exceeded"


class TooSoon(ChatError):
    """`seconds`: how long to wait at least. Sending it then is another request, even under the same client key."""

    slug = "too_soon"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


class TryAgain(Exception):
    """The database did not answer in time, or not at all. What was asked for may be done or not."""
