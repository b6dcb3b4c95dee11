"""
What a file is, by its content and never by its name or by what the client says, and how it may be called.

A type from here is a label on a download: only images that `images.py` has made anew are shown as what they are.
"""

import unicodedata
from pathlib import Path

import puremagic

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
UNKNOWN = "application/octet-stream"

# Enough for every signature, and for the directory at the end of a zip file.
_HEAD_BYTES = 8192
_TAIL_BYTES = 65_536
# What a name may have in file systems, in code points as in UTF-8.
_MOST_NAME_CHARS = 200
_MOST_NAME_BYTES = 255
_MOST_SUFFIX_CHARS = 16
# Joiners that emoji and some scripts are written with.
_JOINERS = "\u200c\u200d"

# First bytes; where the same ones open many formats, `_by_look` goes on from there.
_SIGNATURES: dict[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\xff\xf2": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"\x1f\x8b\x08": "application/gzip",
    b"BZh": "application/x-bzip2",
    b"\xfd7zXZ\x00": "application/x-xz",
    b"(\xb5/\xfd": "application/zstd",
    b"7z\xbc\xaf'\x1c": "application/x-7z-compressed",
    b"Rar!\x1a\x07": "application/vnd.rar",
}
_RIFF_KINDS = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
# Brands of ISO base media files (ISO/IEC 14496-12); the others are video/mp4.
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"avis": "image/avif",
}
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
# The part that each kind of office document has (ECMA-376).
_ZIP_PARTS = {
    b"word/document.xml": _OPEN_XML + "wordprocessingml.document",
    b"xl/workbook.xml": _OPEN_XML + "spreadsheetml.sheet",
    b"ppt/presentation.xml": _OPEN_XML + "presentationml.presentation",
}
# OpenDocument and EPUB say what they are in their first entry, uncompressed, at this place.
_ZIP_TYPE_AT = 30
_ZIP_TYPES = {
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.presentation",
    b"application/epub+zip",
}
# What else may be named as what it looks like. Nothing here can hold a script that a browser would run.
_OTHERS = frozenset(
    {
        "application/vnd.sqlite3",
        "application/x-sqlite3",
        "application/x-tar",
        "audio/aac",
        "audio/aiff",
        "audio/x-midi",
        "font/otf",
        "font/ttf",
        "font/woff",
        "font/woff2",
        "image/tiff",
        "image/vnd.adobe.photoshop",
        "video/mpeg",
        "video/x-flv",
        "video/x-ms-wmv",
    }
)
# Shorter signatures are met by chance.
_FEWEST_SIGNATURE_BYTES = 4


def type_of(path: Path) -> str:
    """
    The media type of a file by its content, from a closed list; `UNKNOWN` for everything else.

    Whatever is text is `text/plain`, so HTML, SVG, XML and scripts too.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        size_bytes = file.seek(0, 2)
        file.seek(max(0, size_bytes - _TAIL_BYTES))
        tail = file.read()
    if found := _by_look(head, tail):
        return found
    if _is_text(head, is_whole=size_bytes <= len(head)):
        return "text/plain"
    return _by_puremagic(head)


def clean_name(name: str) -> str:
    """
    What people see and save a file as: NFC, without folders, control characters and marks of direction, of at most 200
    characters and 255 bytes, its suffix kept; "file" when nothing is left.
    """
    # Half a surrogate pair has no normal form in UTF-8, nor a place in a database.
    whole = "".join(char for char in name if unicodedata.category(char) != "Cs")
    last = unicodedata.normalize("NFC", whole).replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char in _JOINERS or unicodedata.category(char) not in _UNSEEN)
    shown = shown.strip(" .\u3000")
    stem, dot, suffix = shown.rpartition(".")
    if not stem or len(suffix) > _MOST_SUFFIX_CHARS:
        stem, dot, suffix = shown, "", ""
    tail = dot + suffix
    stem = stem[: _MOST_NAME_CHARS - len(tail)]
    while len((stem + tail).encode()) > _MOST_NAME_BYTES:
        stem = stem[:-1]
    return stem + tail or "file"


# Control characters, marks of format and direction, private use, unassigned, and separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})


def _by_look(head: bytes, tail: bytes) -> str | None:
    for signature, found in _SIGNATURES.items():
        if head.startswith(signature):
            return found
    if head.startswith(b"RIFF"):
        return _RIFF_KINDS.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head[:128] else "audio/ogg"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(head, tail)
    return None


def _zip_type(head: bytes, tail: bytes) -> str:
    """By the names in it. It is never unpacked."""
    if head[_ZIP_TYPE_AT:].startswith(b"mimetype"):
        said = head[_ZIP_TYPE_AT + len(b"mimetype") :].partition(b"PK")[0]
        return said.decode() if said in _ZIP_TYPES else "application/zip"
    return next((found for part, found in _ZIP_PARTS.items() if part in tail), "application/zip")


def _is_text(head: bytes, *, is_whole: bool) -> bool:
    """UTF-8 without control characters but those of plain text (tab, line feed, form feed, carriage return, escape)."""
    if not head or set(head) & _NOT_TEXT:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut by the end of what was read.
        return not is_whole and error.reason == "unexpected end of data"
    return True


# As in the MIME Sniffing Standard, "binary data byte".
_NOT_TEXT = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b") | {127}


def _by_puremagic(head: bytes) -> str:
    if not head:
        return UNKNOWN
    try:
        candidates = puremagic.magic_string(head)
    except puremagic.PureError:
        return UNKNOWN
    for candidate in candidates:
        if candidate.mime_type in _OTHERS and len(candidate.byte_match) >= _FEWEST_SIGNATURE_BYTES:
            return str(candidate.mime_type)
    return UNKNOWN
