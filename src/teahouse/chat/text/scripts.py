"""Which characters are written without spaces between words, or are as wide as a Chinese character."""

import unicodedata

# Ranges for a regular expression's character class. Punctuation and full-width forms are in `WIDE` only.
HAN = r"\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
KANA = r"\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
HANGUL = r"\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"
BOPOMOFO = r"\u3105-\u312f\u31a0-\u31bf"
CJK = HAN + KANA + HANGUL + BOPOMOFO
# All of it with its punctuation, and the quotes, dashes and dots that Chinese shares with Latin.
WIDE = CJK + r"\u2018\u2019\u201c\u201d\u2014\u2026\u2e80-\ua4cf\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uffef"


def is_cjk(character: str) -> bool:
    """
    A CJK character as CommonMark's CJK-friendly amendments have it (github.com/tats-u/markdown-cjk-friendly, 2.1):
    wide, full-width or half-width and not an emoji by default, or Hangul.
    """
    code = ord(character)
    if code < 0x1100:
        return False
    if unicodedata.east_asian_width(character) in ("W", "F", "H"):
        # What is wide in these blocks is an emoji, but for two brackets and the squared words.
        if code < 0x2E80:
            return code < 0x1200 or code in (0x2329, 0x232A)
        return not 0x1F000 <= code <= 0x1FAFF or 0x1F200 <= code <= 0x1F265
    return 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FB
