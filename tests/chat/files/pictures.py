"""Images for tests, small ones and hostile ones, as bytes."""

import io
import random
import struct
import zlib

from PIL import Image

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def still(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: object) -> bytes:
    """The left half in one colour, the right half in another."""
    image = Image.new("RGB", size, COLOURS[0])
    image.paste(COLOURS[1], (size[0] // 2, 0, *size))
    # There is no way to 16 bits but by grey.
    return written(image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode), kind, **how)


def animated(kind: str, frames: int, size: tuple[int, int] = (40, 30), **how: object) -> bytes:
    """No two frames are alike, or writing them would make one of them."""
    images = []
    for frame in range(frames):
        image = Image.new("RGB", size, COLOURS[frame % 3])
        image.paste((255, 255, 0), (frame % size[0], frame // size[0] % size[1], frame % size[0] + 2, size[1]))
        images.append(image)
    return written(images[0], kind, save_all=True, append_images=images[1:], duration=40, loop=0, **how)


def noise(kind: str, size: tuple[int, int], **how: object) -> bytes:
    return written(Image.frombytes("RGB", size, random.Random(7).randbytes(size[0] * size[1] * 3)), kind, **how)


def written(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND", b"")


def png_with(kind: bytes, content: bytes) -> bytes:
    """With one more chunk after its header."""
    png = still("PNG")
    end_of_header = len(_PNG) + 25
    return png[:end_of_header] + _chunk(kind, content) + png[end_of_header:]


def gif_of_tiny_frames(frames: int) -> bytes:
    frame = b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def with_exif(orientation: int, text: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = text
    return exif


_PNG = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
