"""
What kind of channel a name is and what clients may do there, by the part of the name before its first colon. Pure.

A name without a colon is of the namespace that is called like it, else of "". A name that begins with `$` is private:
only a subscription token opens it. `name#1,2` is for the users 1 and 2 only; `#1` is the personal channel of user 1.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

_MOST_NAME_CHARS = 255

Kind: TypeAlias = Literal["logged", "kept", "plain"]
# "token": only with a subscription token. "application": `Application.may_subscribe` says. With a dot in it: the path
# of a function `(user: str, channel: str) -> bool`, called in a thread, which may use the database.
MaySubscribe: TypeAlias = str
Who: TypeAlias = Literal["nobody", "subscribers", "signed_in", "anyone"]

_SUBSCRIBE_WORDS = frozenset(("token", "signed_in", "anyone", "application"))


class Namespace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of one namespace. Times are seconds."""

    # logged: an application keeps the history and only it publishes; kept: the engine keeps it; plain: nobody does.
    kind: Kind = "plain"
    may_subscribe: MaySubscribe = "token"
    # Clients, by the `publish` command. The server always may, but for logged channels.
    may_publish: Who = "nobody"
    may_read_presence: Who = "nobody"
    may_read_history: Who = "nobody"
    # Whether it is known who listens.
    presence: bool = False
    # Whether clients may ask to be told who comes and goes; with `push_join_leave` all are told.
    join_leave: bool = False
    push_join_leave: bool = False
    # Of kept channels: how many publications, and for how long after the last one.
    history_size: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 100
    history_seconds: Annotated[float, msgspec.Meta(ge=1)] = 300
    max_publication_bytes: Annotated[int, msgspec.Meta(ge=1, le=1_048_576)] = 65_536

    def __post_init__(self) -> None:
        if self.may_subscribe not in _SUBSCRIBE_WORDS and "." not in self.may_subscribe:
            raise ValueError(
                f"may_subscribe={self.may_subscribe!r} is none of {', '.join(sorted(_SUBSCRIBE_WORDS))}"
                " and no dotted path of a function."
            )

    @property
    def has_history(self) -> bool:
        return self.kind != "plain"


class Namespaces:
    """All of a site's, by name."""

    def __init__(self, by_name: Mapping[str, Namespace]) -> None:
        self._by_name = dict(by_name)

    def of(self, channel: str) -> Namespace | None:
        """None for a channel of no namespace of ours."""
        name, colon, _ = channel.removeprefix("$").partition(":")
        found = self._by_name.get(name)
        return self._by_name.get("") if found is None and not colon else found

    def kind_of(self, channel: str) -> Kind | None:
        namespace = self.of(channel)
        return None if namespace is None else namespace.kind


def is_name(channel: str) -> bool:
    """Whether a channel can be called so: 1 to 255 characters of ASCII that are shown or a space."""
    return 0 < len(channel) <= _MOST_NAME_CHARS and channel.isascii() and channel.isprintable()


def is_private(channel: str) -> bool:
    return channel.startswith("$")


def users_of(channel: str) -> frozenset[str] | None:
    """The users whom the name itself admits, None when it names none."""
    _, mark, users = channel.partition("#")
    return frozenset(users.split(",")) if mark else None


def personal_channel_of(user: str) -> str:
    return f"#{user}"
