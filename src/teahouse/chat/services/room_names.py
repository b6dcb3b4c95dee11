"""Names of rooms: cleaned, and for public rooms unique, with a slug made of them. Used under the lock of `site`."""

import itertools
import re
import unicodedata

from django.utils.text import slugify

from teahouse.chat import errors
from teahouse.chat.conf import conf
from teahouse.chat.models import Room
from teahouse.chat.text import pinyin
from teahouse.chat.text.cleaning import BadText, clean_body, clean_name
from teahouse.chat.text.scripts import HAN

MOST_NAME_CHARS = 120
MOST_TOPIC_CHARS = 250
MOST_DESCRIPTION_CHARS = 4_000
# What is left of a slug's 80 is for a number behind it.
_MOST_SLUG_CHARS = 70
_HAN = re.compile(f"[{HAN}]+")


def cleaned_name(name: str) -> str:
    """At least one character that is seen. Raises errors.BadArgument."""
    try:
        return clean_name(name, MOST_NAME_CHARS)
    except BadText as error:
        raise errors.BadArgument(f"name: {error}") from None


def cleaned_topic(topic: str) -> str:
    """One line, or nothing. Raises errors.BadArgument."""
    if not topic.strip():
        return ""
    try:
        return clean_name(topic, MOST_TOPIC_CHARS)
    except BadText as error:
        raise errors.BadArgument(f"topic: {error}") from None


def cleaned_description(description: str) -> str:
    """Lines in Markdown, or nothing. Raises errors.BadArgument."""
    if not description.strip():
        return ""
    try:
        return clean_body(description, MOST_DESCRIPTION_CHARS)
    except BadText as error:
        raise errors.BadArgument(f"description: {error}") from None


def check_public_name(name: str, *, room_id: int | None = None) -> None:
    """
    Raises errors.Conflict when another public room, archived or not, has this name but for case and width of letters.
    """
    # Neither database folds the case of all letters; rooms are made and named rarely.
    named = Room.objects.filter(kind=Room.Kind.PUBLIC).values_list("pk", "name")
    if any(pk != room_id and _folded(other) == _folded(name) for pk, other in named.iterator()):
        raise errors.Conflict("another public room has this name")


def free_slug_for(name: str) -> str:
    """
    Letters and digits of the name in lower case, Chinese in pinyin, words joined by "-"; "room" when there are none.
    The first one free of `design`, `design-2`, `design-3` ... The lobby's is never free.
    """
    spelled = _HAN.sub(lambda run: f" {pinyin.usual(run.group())[0]} ", name)
    base = slugify(spelled, allow_unicode=True)[:_MOST_SLUG_CHARS].strip("-_") or "room"
    taken = {*Room.objects.filter(slug__startswith=base).values_list("slug", flat=True), conf().lobby_slug}
    return next(
        slug
        for slug in itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
        if slug not in taken
    )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
