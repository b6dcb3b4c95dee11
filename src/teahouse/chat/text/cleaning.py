"""What text has to be before it is stored: bodies of messages, names of things, names of files."""

import re
import unicodedata


class BadText(ValueError):
    """A text that is not taken. The message says why, for people."""


# Of a body as JSON, so that a command with it fits a frame of 64 KiB.
MOST_JSON_BYTES = 60 * 1024
MOST_MARKS_IN_A_ROW = 20
MOST_FILE_NAME_BYTES = 255
_MOST_SUFFIX_BYTES = 24

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NEW_LINES = re.compile(r"\r\n?")
# Marks are no word characters for `re`; emoji and punctuation in a row are looked at for nothing.
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS_IN_A_ROW + 1}}}")

# Letters and a symbol that are drawn as nothing, beside the category Cf.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_FORMATS = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_UNSEEN = re.compile(f"[{_BLANKS}{_SELECTORS}{_FORMATS}]")
_UNSEEN_OR_SPACE = re.compile(f"[\\s{_BLANKS}{_SELECTORS}{_FORMATS}]*")
_SPACES = re.compile(r"[\s\u2028\u2029]+")
_NAME_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PATH = re.compile(r"[/\\]+")

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
# UTS 51, ED-16 and ED-20: pictures joined by U+200D, each with skin tone or U+FE0F; keycaps.
_ELEMENT = f"{_PICTURE}[\U0001f3fb-\U0001f3ff\ufe0f]?"
_EMOJI = re.compile(f"{_ELEMENT}(?:\u200d{_ELEMENT})*|[0-9#*]\ufe0f\u20e3")


def clean_body(text: str, most_chars: int) -> str:
    """
    The text as it is stored: NFC, lines end in "\\n", no white space around it, at most 20 combining marks in a row
    (more are cut off). A second time it changes nothing.

    Raises:
        BadText: nothing to be seen in it; over `most_chars` code points; over 60 KiB as JSON in UTF-8; with control
            characters but "\\n" and "\\t", lone surrogates or U+FEFF. PostgreSQL takes no NUL, UTF-8 no surrogates.
    """
    if text.isascii():
        text = _NEW_LINES.sub("\n", text) if "\r" in text else text
        _refuse_controls(text)
        text = text.strip()
    else:
        text = _NEW_LINES.sub("\n", text)
        _refuse_controls(text)
        if _SURROGATES.search(text) or "\ufeff" in text:
            raise BadText("The text has characters that are none.")
        text = _with_few_marks(unicodedata.normalize("NFC", text).strip())
        if _UNSEEN_OR_SPACE.fullmatch(text):
            text = ""
    if not text:
        raise BadText("The text is empty.")
    if len(text) > most_chars:
        raise BadText(f"The text has {len(text)} characters; {most_chars} are allowed.")
    if len(text) * 4 > MOST_JSON_BYTES and _json_bytes(text) > MOST_JSON_BYTES:
        raise BadText(f"The text has more than {MOST_JSON_BYTES} bytes.")
    return text


def clean_name(text: str, most_chars: int) -> str:
    """
    A name of a room, a topic, a list: one line in NFC, white space in it single, none around it. Characters that turn
    the direction of writing or are not seen are left out, but for U+200D and U+FE0F inside an emoji. A second time
    changes nothing.

    Raises:
        BadText: nothing left; over `most_chars` code points; control characters, lone surrogates.
    """
    text = _SPACES.sub(" ", text)
    if _NAME_CONTROLS.search(text) or _SURROGATES.search(text):
        raise BadText("The name has characters that are none.")
    text = _seen(text)
    if not text:
        raise BadText("The name is empty.")
    if len(text) > most_chars:
        raise BadText(f"The name has {len(text)} characters; {most_chars} are allowed.")
    return text


def clean_file_name(text: str) -> str:
    """
    A file's name to be shown and saved under: without folders, and as `clean_name` has it; at most 255 bytes of UTF-8,
    with its suffix; "file" when nothing is left. Takes anything, raises nothing; a second time changes nothing.
    """
    text = _NAME_CONTROLS.sub("", _SPACES.sub(" ", _SURROGATES.sub("", text)))
    # A name that a shell or Windows reads otherwise: "..", a dot or a space at its end.
    parts = [part for part in (_seen(part).rstrip(". ") for part in _PATH.split(text)) if part]
    name = parts[-1] if parts else ""
    if len(name.encode()) > MOST_FILE_NAME_BYTES:
        stem, dot, suffix = name.rpartition(".")
        if not stem or " " in suffix or len(suffix.encode()) > _MOST_SUFFIX_BYTES:
            stem, dot, suffix = name, "", ""
        room = MOST_FILE_NAME_BYTES - len((dot + suffix).encode())
        cut = stem.encode()[:room].decode(errors="ignore")
        name = _seen(cut).rstrip(". ") + dot + suffix
    return name or "file"


def _refuse_controls(text: str) -> None:
    if _CONTROLS.search(text):
        raise BadText("The text has control characters.")


def _json_bytes(text: str) -> int:
    return len(text.encode()) + sum(text.count(character) for character in '\n\t"\\')


def _with_few_marks(text: str) -> str:
    if not _MAYBE_MARKS.search(text):
        return text
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= MOST_MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _seen(text: str) -> str:
    """In NFC and without what is not seen, which may have kept apart what composes: until nothing changes."""
    while True:
        seen = unicodedata.normalize("NFC", _without_unseen(text))
        seen = _SPACES.sub(" ", _with_few_marks(seen)).strip()
        if seen == text:
            return seen
        text = seen


def _without_unseen(text: str) -> str:
    if not _UNSEEN.search(text):
        return text
    kept = []
    end = 0
    for emoji in _EMOJI.finditer(text):
        kept += [_UNSEEN.sub("", text[end : emoji.start()]), emoji.group()]
        end = emoji.end()
    return "".join([*kept, _UNSEEN.sub("", text[end:])])
