"""Images are made anew by a child process: nothing but their pixels is left, and no image costs much."""

import io
import os
import pathlib
import time

import psutil
import pytest
from PIL import Image

from teahouse.chat import errors
from teahouse.chat.files import encoder, images
from teahouse.chat.files.images import Picture
from tests.chat.files import pictures

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
SECRET = "somewhere at home"


def made(folder: pathlib.Path, kind: str, content: bytes) -> Picture | None:
    source = folder / "source"
    source.write_bytes(content)
    work = folder / "work"
    work.mkdir()
    return images.made_anew(source, TYPES[kind], work)


def picture(folder: pathlib.Path, kind: str, content: bytes) -> Picture:
    found = made(folder, kind, content)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", TYPES)
def test_an_image_keeps_its_kind_its_size_and_its_pixels(tmp_path: pathlib.Path, kind: str) -> None:
    found = picture(tmp_path, kind, pictures.still(kind))

    with Image.open(found.path) as image:
        assert (kind, (64, 48)) == (image.format, image.size)
        left, right = (image.convert("RGB").getpixel((x, 20)) for x in (10, 50))
    assert left == pytest.approx(pictures.COLOURS[0], abs=12)
    assert right == pytest.approx(pictures.COLOURS[1], abs=12)
    assert (64, 48) == (found.width, found.height)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param((64, 48), (64, 48), id="small ones are not made larger"),
        pytest.param((960, 480), (480, 240), id="wide"),
        pytest.param((480, 960), (240, 480), id="high"),
        pytest.param((3000, 1), (480, 1), id="a line"),
    ],
)
def test_its_thumbnail_fits_a_square_and_its_size_is_known(
    tmp_path: pathlib.Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    found = picture(tmp_path, "PNG", pictures.still("PNG", size))

    with Image.open(found.thumbnail_path) as thumbnail:
        assert ("WEBP", expected) == (thumbnail.format, thumbnail.size)
    assert expected == (found.thumbnail_width, found.thumbnail_height)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        pytest.param("PNG", "RGBA", id="transparent PNG"),
        pytest.param("PNG", "P", id="PNG with a palette"),
        pytest.param("PNG", "1", id="black and white"),
        pytest.param("PNG", "LA", id="transparent grey"),
        pytest.param("PNG", "I;16", id="16 bits of grey"),
        pytest.param("JPEG", "CMYK", id="colours of print"),
        pytest.param("JPEG", "L", id="grey JPEG"),
        pytest.param("WEBP", "RGBA", id="transparent WebP"),
    ],
)
def test_every_mode_of_colour_can_be_made_anew(tmp_path: pathlib.Path, kind: str, mode: str) -> None:
    content = pictures.still(kind, mode=mode)

    found = picture(tmp_path, kind, content)

    with Image.open(found.path) as image:
        assert (64, 48) == image.size


def test_an_image_is_turned_as_its_exif_says(tmp_path: pathlib.Path) -> None:
    content = pictures.still("JPEG", exif=pictures.with_exif(6, SECRET))

    found = picture(tmp_path, "JPEG", content)

    assert (48, 64) == (found.width, found.height)
    with Image.open(found.path) as image:
        assert image.getpixel((20, 10)) == pytest.approx(pictures.COLOURS[0], abs=12)
        assert image.getpixel((20, 50)) == pytest.approx(pictures.COLOURS[1], abs=12)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param("JPEG", pictures.still("JPEG", exif=pictures.with_exif(1, SECRET)), id="EXIF of a JPEG"),
        pytest.param("JPEG", pictures.still("JPEG", comment=SECRET.encode()), id="the comment of a JPEG"),
        pytest.param("JPEG", pictures.still("JPEG", xmp=SECRET.encode()), id="XMP of a JPEG"),
        pytest.param("PNG", pictures.png_with(b"tEXt", b"Comment\0" + SECRET.encode()), id="text of a PNG"),
        pytest.param("PNG", pictures.still("PNG", exif=pictures.with_exif(1, SECRET)), id="EXIF of a PNG"),
        pytest.param("GIF", pictures.still("GIF", comment=SECRET.encode()), id="the comment of a GIF"),
        pytest.param("GIF", pictures.animated("GIF", 3, comment=SECRET.encode()), id="the comment of an animated GIF"),
        pytest.param("WEBP", pictures.still("WEBP", xmp=SECRET.encode()), id="XMP of a WebP"),
        pytest.param("WEBP", pictures.animated("WEBP", 3, xmp=SECRET.encode()), id="XMP of an animated WebP"),
        pytest.param("PNG", pictures.still("PNG") + SECRET.encode(), id="what comes after a PNG"),
        pytest.param("GIF", pictures.still("GIF") + SECRET.encode(), id="what comes after a GIF"),
    ],
)
def test_nothing_but_the_pixels_is_left(tmp_path: pathlib.Path, kind: str, content: bytes) -> None:
    assert SECRET.encode() in content

    found = picture(tmp_path, kind, content)

    assert SECRET.encode() not in found.path.read_bytes()
    assert SECRET.encode() not in found.thumbnail_path.read_bytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
@pytest.mark.parametrize(
    ("frames", "left"),
    [
        pytest.param(3, 3, id="a short one stays animated"),
        pytest.param(encoder.MOST_FRAMES, encoder.MOST_FRAMES, id="one of the most frames stays animated"),
        pytest.param(encoder.MOST_FRAMES + 1, 1, id="of a longer one the first frame is left"),
    ],
)
def test_animations_have_so_many_frames_at_most(tmp_path: pathlib.Path, kind: str, frames: int, left: int) -> None:
    found = picture(tmp_path, kind, pictures.animated(kind, frames))

    with Image.open(found.path) as image:
        assert left == getattr(image, "n_frames", 1)
        assert (kind, (40, 30)) == (image.format, image.size)
        image.load()
        assert left == 1 or image.info["duration"] == 40


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param("PNG", pictures.png_that_claims(50_000, 50_000), id="a PNG of 2.5 thousand million pixels"),
        pytest.param("PNG", pictures.png_that_claims(2**31 - 1, 2**31 - 1), id="a PNG of the largest numbers"),
        pytest.param("GIF", pictures.gif_of_tiny_frames(1000), id="a GIF of 1,000 frames"),
        pytest.param("GIF", pictures.gif_of_tiny_frames(1_000_000), id="a GIF of a million frames"),
        pytest.param("PNG", pictures.png_with(b"eXIf", os.urandom(10 * 1024**2)), id="10 MiB of EXIF"),
        pytest.param("PNG", pictures.noise("PNG", (200, 200))[:60_000], id="half a PNG"),
        pytest.param("JPEG", pictures.noise("JPEG", (200, 200))[:9_000], id="half a JPEG"),
        pytest.param("GIF", pictures.noise("GIF", (200, 200))[:9_000], id="half a GIF"),
        pytest.param("WEBP", pictures.noise("WEBP", (200, 200))[:9_000], id="half a WebP"),
        pytest.param("GIF", pictures.animated("GIF", 20)[:1_300], id="half an animation"),
    ],
)
def test_bombs_are_refused_at_once_and_cost_the_server_nothing(
    tmp_path: pathlib.Path, kind: str, content: bytes
) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.monotonic()

    with pytest.raises(errors.BadFile) as refused:
        made(tmp_path, kind, content)

    assert refused.value.detail
    # Alone it is 0.1 to 0.2 s; tests share their machine.
    assert time.monotonic() - began < 3
    assert process.memory_info().rss - before < 20 * 1024**2


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param(
            "PNG", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", id="a script behind the first bytes of a PNG"
        ),
        pytest.param("GIF", b"GIF89a/*" + b"alert(1);" * 100, id="a script that begins like a GIF"),
        pytest.param("JPEG", b"\xff\xd8\xff" + bytes(100), id="zeros behind the first bytes of a JPEG"),
        pytest.param("WEBP", b"RIFF\x04\0\0\0WEBP", id="a WebP of nothing"),
        pytest.param("PNG", pictures.still("JPEG"), id="another kind"),
    ],
)
def test_what_only_begins_like_an_image_is_none(tmp_path: pathlib.Path, kind: str, content: bytes) -> None:
    assert made(tmp_path, kind, content) is None


def test_a_photograph_that_is_too_large_to_keep_is_scaled_down(tmp_path: pathlib.Path) -> None:
    found = picture(tmp_path, "JPEG", pictures.written(Image.new("RGB", (9000, 6000)), "JPEG"))

    assert (4500, 3000) == (found.width, found.height)


def test_a_profile_of_colours_is_applied_and_dropped(tmp_path: pathlib.Path) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    found = picture(tmp_path, "JPEG", pictures.still("JPEG", icc_profile=profile))

    with Image.open(io.BytesIO(found.path.read_bytes())) as image:
        assert "icc_profile" not in image.info


def test_a_child_that_is_ended_by_its_limits_refuses_the_image(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that ends it: here because it is not given the time to begin."""
    monkeypatch.setattr(images, "_MOST_SECONDS", 0.001)

    with pytest.raises(errors.BadFile):
        made(tmp_path, "PNG", pictures.still("PNG"))
