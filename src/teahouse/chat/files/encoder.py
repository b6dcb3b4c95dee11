"""
`python -m teahouse.chat.files.encoder SOURCE FORMAT FOLDER`: decode one image, write it and its thumbnail anew, say as
JSON what came of it. Runs as a child with little memory and time (`images.py` starts it), and imports nothing of ours.
"""

import contextlib
import io
import json
import os
import resource
import sys
import warnings
from typing import NamedTuple

from PIL import Image, ImageOps

# Per image. The address space is what decoding, turning and writing `MOST_PIXELS` takes, and the program itself.
_MEMORY_BYTES = 768 * 1024**2
_CPU_SECONDS = 30
_WRITTEN_BYTES = 256 * 1024**2
_NICENESS = 10

MOST_PIXELS = 40_000_000
# JPEG can be decoded at a half, a quarter or an eighth: photographs of up to so many pixels are scaled down.
_MOST_SCALED_PIXELS = 220_000_000
# An animation of more frames, or of more pixels in all of them, stays only as its first frame; one of far more frames
# is refused.
MOST_FRAMES = 200
MOST_FRAMES_AT_ALL = 500
_MOST_ANIMATED_PIXELS = 50_000_000
_MOST_METADATA_BYTES = 1024**2
THUMBNAIL_PIXELS = 480

# What of an image's properties is needed to write it. Everything else (place, camera, comments) is dropped.
_KEPT = ("transparency", "duration", "loop", "disposal")


class Refused(Exception):
    """It would cost too much or is not whole. The text goes to whoever uploaded it."""


class Size(NamedTuple):
    width: int
    height: int


def encode(source: str, kind: str, folder: str) -> tuple[Size, Size]:
    """
    Write `folder`/image and `folder`/thumbnail (WebP) from a `source` of one `kind` (Pillow's name of a format). Gives
    the size of each.

    Raises:
        Refused: a bomb, or cut off.
        OSError, SyntaxError, ValueError: it is no such image.
    """
    with _opened(source, kind) as image:
        frames = _frames(image, source, kind)
        written = os.path.join(folder, "image")
        if frames > 1:
            size = _save_animated(image, kind, written)
            image.seek(0)
            still = _whole(image).copy()
        else:
            still = _as_seen(_whole(image))
            _save_still(still, kind, written, is_lossless=_is_lossless(source))
            size = Size(*still.size)
    return size, _save_thumbnail(still, os.path.join(folder, "thumbnail"))


def _opened(source: str, kind: str) -> Image.Image:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = _MOST_SCALED_PIXELS if kind == "JPEG" else MOST_PIXELS
    if kind == "WEBP":
        _check_webp_is_whole(source)
    try:
        image = Image.open(source, formats=[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("The image has too many pixels.") from None
    if len(image.info.get("exif", b"")) > _MOST_METADATA_BYTES:
        raise Refused("The image carries too much besides itself.")
    if kind == "JPEG":
        scale = 1
        while image.width * image.height // scale**2 > MOST_PIXELS:
            scale *= 2
        image.draft(None, (image.width // scale, image.height // scale))
    if image.width * image.height > MOST_PIXELS:
        raise Refused("The image has too many pixels.")
    return image


def _check_webp_is_whole(source: str) -> None:
    """Its decoder does not tell a file that is cut off from one that is none."""
    with open(source, "rb") as file:
        head = file.read(8)
        if int.from_bytes(head[4:8], "little") + len(head) > file.seek(0, io.SEEK_END):
            raise Refused("The image is cut off.")


def _frames(image: Image.Image, source: str, kind: str) -> int:
    """How many frames to write: 1 for what is no animation, or too long a one."""
    if kind == "GIF":
        frames = _gif_frames(source)
    elif kind == "WEBP":
        frames = getattr(image, "n_frames", 1)
    else:
        return 1
    if frames > MOST_FRAMES_AT_ALL:
        raise Refused("The animation has too many frames.")
    is_long = frames > MOST_FRAMES or frames * image.width * image.height > _MOST_ANIMATED_PIXELS
    return 1 if is_long else frames


def _gif_frames(source: str) -> int:
    """By the blocks of the file (GIF89a §12 to §26), without decoding any; stops once there are too many."""
    with open(source, "rb") as opened:
        data = opened.read()
    at = 13 + _gif_colours_bytes(data[10])
    frames = 0
    while at < len(data) and frames <= MOST_FRAMES_AT_ALL:
        if data[at] == 0x2C:
            frames += 1
            at += 11 + _gif_colours_bytes(data[at + 9] if at + 9 < len(data) else 0)
        elif data[at] == 0x21:
            at += 2
        else:
            break
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return max(1, frames)


def _gif_colours_bytes(flags: int) -> int:
    return 3 << ((flags & 0b111) + 1) if flags & 0x80 else 0


def _whole(image: Image.Image) -> Image.Image:
    try:
        image.load()
    except (OSError, EOFError, SyntaxError):
        # Its header could be read, so it is an image, but not all of it.
        raise Refused("The image is cut off or damaged.") from None
    return image


def _as_seen(image: Image.Image) -> Image.Image:
    """Turned as its EXIF says, in the colours of the web, without anything else about it."""
    profile = image.info.get("icc_profile")
    # Whatever is wrong with these says nothing about the pixels.
    with contextlib.suppress(Exception):
        # In place: most images need no turning, and a copy is as large as the image.
        ImageOps.exif_transpose(image, in_place=True)
    seen = _in_srgb(image, profile) if profile and image.mode in ("CMYK", "RGB") else image
    if seen.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        seen = seen.convert("RGB")
    seen.info = {name: seen.info[name] for name in _KEPT if name in seen.info}
    return seen


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    from PIL import ImageCms

    with contextlib.suppress(Exception):
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
        if converted is not None:
            return converted
    return image


def _is_lossless(source: str) -> bool:
    """Of WebP: whether its pixels are in a VP8L chunk (RFC 9649 §2.6)."""
    with open(source, "rb") as file:
        return file.read(16)[12:] == b"VP8L"


def _save_still(image: Image.Image, kind: str, path: str, *, is_lossless: bool) -> None:
    if kind == "JPEG":
        image.save(path, "JPEG", quality=90, exif=b"", icc_profile=None, comment=b"")
    elif kind == "PNG":
        image.save(path, "PNG", compress_level=4, exif=None, icc_profile=None)
    elif kind == "GIF":
        image.save(path, "GIF", comment=b"")
    else:
        image.save(path, "WEBP", quality=90, lossless=is_lossless, exif=b"", icc_profile=b"", xmp=b"")


def _save_animated(image: Image.Image, kind: str, path: str) -> Size:
    try:
        if kind == "GIF":
            image.save(path, "GIF", save_all=True, comment=b"")
        else:
            durations = []
            for frame in range(getattr(image, "n_frames", 1)):
                image.seek(frame)
                image.load()
                durations.append(image.info.get("duration", 0))
            loop = image.info.get("loop", 0)
            image.save(path, "WEBP", save_all=True, duration=durations, loop=loop, exif=b"", icc_profile=b"", xmp=b"")
    except (OSError, EOFError, SyntaxError, IndexError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:
            # It could not be written.
            raise
        raise Refused("The image is cut off or damaged.") from None
    return Size(*image.size)


def _save_thumbnail(image: Image.Image, path: str) -> Size:
    if image.mode.startswith("I"):
        # 16 bits of grey, of which the upper 8 are shown.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    image.info = {}
    image.save(path, "WEBP", quality=80)
    return Size(*image.size)


def _limit_this_process() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        # Not every system knows all of them.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    os.nice(_NICENESS)


def main(source: str, kind: str, folder: str) -> None:
    _limit_this_process()
    answer: dict[str, object]
    try:
        image, thumbnail = encode(source, kind, folder)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "The image takes too much memory."}
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        EOFError,
        OverflowError,
        ArithmeticError,
    ):
        answer = {"unreadable": True}
    else:
        answer = {"image": image, "thumbnail": thumbnail}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
