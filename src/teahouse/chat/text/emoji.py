"""Which texts are one emoji, as a reaction has to be; pure. UTS 51 is Unicode Technical Standard 51, Unicode Emoji."""

import re

MOST_CODE_POINTS = 32

# The property Extended_Pictographic, with what is reserved for emoji to come. No letter, digit, skin tone or half of a
# flag has it, but for U+2139.
_PICTURES = (
    "a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 231a-231b 2328 2388 23cf 23e9-23f3 23f8-23fa 24c2 25aa-25ab 25b6 "
    "25c0 25fb-25fe 2600-2605 2607-2612 2614-2685 2690-2705 2708-2712 2714 2716 271d 2721 2728 2733-2734 2744 2747 "
    "274c 274e 2753-2755 2757 2763-2767 2795-2797 27a1 27b0 27bf 2934-2935 2b05-2b07 2b1b-2b1c 2b50 2b55 3030 303d "
    "3297 3299 1f000-1f0ff 1f10d-1f10f 1f12f 1f16c-1f171 1f17e-1f17f 1f18e 1f191-1f19a 1f1ad-1f1e5 1f201-1f20f "
    "1f21a 1f22f 1f232-1f23a 1f23c-1f23f 1f249-1f3fa 1f400-1f53d 1f546-1f64f 1f680-1f6ff 1f774-1f77f 1f7d5-1f7ff "
    "1f80c-1f80f 1f848-1f84f 1f85a-1f85f 1f888-1f88f 1f8ae-1f8ff 1f90c-1f93a 1f93c-1f945 1f947-1faff 1fc00-1fffd"
)
# Emoji_Presentation: drawn as a picture by itself; the others only with U+FE0F behind them.
_PICTURES_BY_THEMSELVES = (
    "231a-231b 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693 26a1 26aa-26ab 26bd-26be 26c4-26c5 26ce "
    "26d4 26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c 274e 2753-2755 2757 2795-2797 27b0 27bf 2b1b-2b1c "
    "2b50 2b55 1f004 1f0cf 1f18e 1f191-1f19a 1f201 1f21a 1f22f 1f232-1f236 1f238-1f23a 1f250-1f251 1f300-1f320 "
    "1f32d-1f335 1f337-1f37c 1f37e-1f393 1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f43e 1f440 1f442-1f4fc "
    "1f4ff-1f53d 1f54b-1f54e 1f550-1f567 1f57a 1f595-1f596 1f5a4 1f5fb-1f64f 1f680-1f6c5 1f6cc 1f6d0-1f6d2 "
    "1f6d5-1f6df 1f6eb-1f6ec 1f6f4-1f6fc 1f7e0-1f7eb 1f7f0 1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa70-1faff"
)


def _set_of(ranges: str) -> str:
    return "[" + "".join("-".join(f"\\U{int(end, 16):08x}" for end in part.split("-")) for part in ranges.split()) + "]"


_PICTURE = _set_of(_PICTURES)
_TONE = "[\U0001f3fb-\U0001f3ff]"
_ELEMENT = f"{_PICTURE}(?:\ufe0f|{_TONE})?"
# UTS 51, ED-14c, ED-14a, ED-14 and ED-16: keycaps, flags of regions (England's), of countries, and pictures that are
# joined by U+200D, each with a skin tone or U+FE0F.
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_REGION = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")
_COUNTRY = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_JOINED = re.compile(f"{_ELEMENT}(?:\u200d{_ELEMENT})*")
_ONE = re.compile(f"({_PICTURE})(\ufe0f|{_TONE})?")
_BY_ITSELF = re.compile(_set_of(_PICTURES_BY_THEMSELVES))


class NoEmoji(ValueError):
    """Not one emoji."""


def emoji_in(text: str) -> str:
    """
    The emoji that a text is, fully qualified (UTS 51, ED-18): with U+FE0F wherever it makes a picture and nowhere else,
    so that the same emoji of two keyboards is the same text. A second time it changes nothing.

    Raises:
        NoEmoji: letters, digits, a skin tone alone, half a flag, two of them; over 32 code points.
    """
    if len(text) <= MOST_CODE_POINTS:
        if keycap := _KEYCAP.fullmatch(text):
            return f"{keycap.group(1)}\ufe0f\u20e3"
        if _REGION.fullmatch(text) or _COUNTRY.fullmatch(text):
            return text
        if _JOINED.fullmatch(text) and len(qualified := _ONE.sub(_qualified, text)) <= MOST_CODE_POINTS:
            return qualified
    raise NoEmoji(text)


def _qualified(element: re.Match[str]) -> str:
    picture, more = element.groups(default="")
    if more not in ("", "\ufe0f"):
        return picture + more
    return picture if _BY_ITSELF.match(picture) else f"{picture}\ufe0f"
