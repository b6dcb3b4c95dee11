"""What a file is follows from its bytes; what it is called is harmless."""

import gzip
import io
import pathlib
import zipfile

import pytest

from teahouse.chat.files import media
from tests.chat.files import pictures


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def epub() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("book.opf", "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(pictures.still("PNG"), "image/png", id="PNG"),
        pytest.param(pictures.still("JPEG"), "image/jpeg", id="JPEG"),
        pytest.param(pictures.still("GIF"), "image/gif", id="GIF"),
        pytest.param(pictures.still("WEBP"), "image/webp", id="WebP"),
        pytest.param(pictures.still("TIFF"), "image/tiff", id="TIFF, which is not shown inline"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "application/pdf", id="PDF"),
        pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0", "video/mp4", id="MP4"),
        pytest.param(b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4", id="M4A"),
        pytest.param(b"\0\0\0\x14ftypqt  \0\0\0\0", "video/quicktime", id="QuickTime"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic", id="HEIC, which is not shown inline"),
        pytest.param(b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x82\x84webm", "video/webm", id="WebM"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav", id="WAV"),
        pytest.param(b"OggS\0\x02" + bytes(22) + b"\x01\x1eOpusHead", "audio/ogg", id="Ogg"),
        pytest.param(b"ID3\x04\0\0\0\0", "audio/mpeg", id="MP3"),
        pytest.param(gzip.compress(b"x"), "application/gzip", id="gzip"),
        pytest.param(zipped("a.txt"), "application/zip", id="zip"),
        pytest.param(
            zipped("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            id="Word",
        ),
        pytest.param(
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            id="Excel",
        ),
        pytest.param(epub(), "application/epub+zip", id="EPUB"),
        pytest.param("茶\n".encode(), "text/plain", id="text"),
        pytest.param("茶".encode() * 5000, "text/plain", id="text that is cut in a character where we stop reading"),
        pytest.param(b"<!DOCTYPE html><script>alert(1)</script>", "text/plain", id="HTML"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "text/plain", id="SVG"),
        pytest.param(b'<?xml version="1.0"?><a/>', "text/plain", id="XML"),
        pytest.param(b"<html>\0<script>", "application/octet-stream", id="HTML with a NUL"),
        pytest.param("<html>".encode("utf-16"), "application/octet-stream", id="HTML in UTF-16"),
        pytest.param(b"\x7fELF\x02\x01\x01\0", "application/octet-stream", id="a program"),
        pytest.param("茶".encode()[:2], "application/octet-stream", id="half a character"),
        pytest.param(b"", "application/octet-stream", id="nothing"),
    ],
)
def test_the_type_follows_from_the_content(tmp_path: pathlib.Path, content: bytes, expected: str) -> None:
    # Its name says something else.
    path = tmp_path / "a.html"
    path.write_bytes(content)

    assert expected == media.type_of(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("茶.pdf", "茶.pdf", id="a good one"),
        pytest.param("../../etc/passwd", "passwd", id="folders"),
        pytest.param("C:\\Users\\a.txt", "a.txt", id="folders of Windows"),
        pytest.param('a"\r\nSet-Cookie: x=1.html', 'a"Set-Cookie: x=1.html', id="an end of line"),
        pytest.param("a\0.png", "a.png", id="a NUL"),
        pytest.param("gpj\u202eexe.png", "gpjexe.png", id="another direction"),
        pytest.param("a\u2028b\x1b[31m", "ab[31m", id="a separator of lines and an escape"),
        pytest.param("\ud800a", "a", id="half a surrogate pair"),
        pytest.param("Cafe\u0301.txt", "Café.txt", id="decomposed"),
        pytest.param("👩\u200d🍳.png", "👩\u200d🍳.png", id="a joined emoji"),
        pytest.param("..", "file", id="dots only"),
        pytest.param(".profile", "profile", id="hidden"),
        pytest.param("", "file", id="none"),
        pytest.param("a" * 300 + ".jpeg", "a" * 195 + ".jpeg", id="300 letters"),
        pytest.param("茶" * 300 + ".jpeg", "茶" * 83 + ".jpeg", id="300 characters of three bytes"),
        pytest.param("a." + "b" * 300, ("a." + "b" * 300)[:200], id="a suffix that is none"),
    ],
)
def test_names_are_cleaned(name: str, expected: str) -> None:
    assert expected == media.clean_name(name)
