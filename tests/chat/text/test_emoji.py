"""What counts as one emoji, and how it is written."""

import pytest

from teahouse.chat.text.emoji import NoEmoji, emoji_in


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        pytest.param("🍵", "🍵", id="a picture"),
        pytest.param("👍🏽", "👍🏽", id="with a skin tone"),
        pytest.param("☝🏽", "☝🏽", id="a skin tone in place of U+FE0F"),
        pytest.param("❤", "❤\ufe0f", id="drawn as text by itself"),
        pytest.param("❤\ufe0f", "❤\ufe0f", id="drawn as a picture"),
        pytest.param("🍵\ufe0f", "🍵", id="U+FE0F where none is needed"),
        pytest.param("👩\u200d👩\u200d👧\u200d👦", "👩\u200d👩\u200d👧\u200d👦", id="a family"),
        pytest.param("🏳\u200d🌈", "🏳\ufe0f\u200d🌈", id="a rainbow flag"),
        pytest.param("🏴\u200d☠\ufe0f", "🏴\u200d☠\ufe0f", id="a pirate flag"),
        pytest.param("👩🏾\u200d❤\u200d💋\u200d👨🏻", "👩🏾\u200d❤\ufe0f\u200d💋\u200d👨🏻", id="a kiss"),
        pytest.param("🇨🇳", "🇨🇳", id="a country's flag"),
        pytest.param("🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", id="Scotland's flag"),
        pytest.param("1\u20e3", "1\ufe0f\u20e3", id="a keycap"),
        pytest.param("#\ufe0f\u20e3", "#\ufe0f\u20e3", id="another"),
        pytest.param("㊙", "㊙\ufe0f", id="a Japanese button"),
        pytest.param("©", "©\ufe0f", id="a sign"),
        pytest.param("🫨", "🫨", id="of Unicode 15"),
    ],
)
def test_an_emoji_is_written_in_one_way(text: str, emoji: str) -> None:
    assert emoji == emoji_in(text)
    assert emoji == emoji_in(emoji)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a", id="a letter"),
        pytest.param("茶", id="an ideograph"),
        pytest.param("7", id="a digit"),
        pytest.param("#", id="half a keycap"),
        pytest.param(":tea:", id="a short name"),
        pytest.param(" 🍵", id="with space"),
        pytest.param("🍵🍵", id="two"),
        pytest.param("🍵a", id="with a letter"),
        pytest.param("🇨", id="half a flag"),
        pytest.param("🇨🇳🇫", id="a flag and a half"),
        pytest.param("🏽", id="a skin tone alone"),
        pytest.param("👍🏽🏽", id="two skin tones"),
        pytest.param("\u200d", id="a joiner alone"),
        pytest.param("🍵\u200d", id="a joiner at the end"),
        pytest.param("\ufe0f", id="a selector alone"),
        pytest.param("❤\ufe0e", id="asked to be text"),
        pytest.param("\u202e🍵", id="with a turn of direction"),
        pytest.param("🏴󠁧󠁢", id="a region's flag that does not end"),
        pytest.param("\u200d".join("🍵" * 17), id="33 code points"),
        pytest.param("\u200d".join("❤" * 16), id="more than 32 once it is written fully"),
        pytest.param("\ud83c", id="half a pair"),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(NoEmoji):
        emoji_in(text)
