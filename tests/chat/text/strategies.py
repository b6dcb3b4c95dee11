"""Texts that are likely to be taken for something."""

from hypothesis import strategies as st

_PIECES = [
    *"*_`~[]()<>!#|\\@.:/-+=&;\"'0123 \n\t　",
    *("**", "~~", "```", "~~~", "[x](", "](", "![", "> ", "- ", "1. ", "# ", "|-|", "\n\n", "  \n", "    "),
    *("https://a.cn/", "http://", "www.", "a@b.com", ".com", "mailto:", "xn--", "@bob", "@小明", "@all", "＠在线"),
    *("<script>", "</p>", "<!--", "&lt;", "&#x3c;", "&nbsp;", "javascript:", "\xa0", "\u2028", "\u0301", "\ufe0f"),
    *("小明", "，", "。", "：", "“", "”", "（", "😀", "ﬁ", "İ", "Ａ", "ｶﾞ", "한", "é", "word", "ok", "0", "🤷🏽\u200d♀️"),
]
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff" + "".join(map(chr, range(32))))
MARKS = st.lists(st.sampled_from(_PIECES) | st.text(CHARACTERS, max_size=3), max_size=25).map("".join)
LINES = st.lists(
    st.sampled_from([*"abz 09.,:~&<>-#+|=!?()'\"/", "word", "小明", "，", "。", "\n", "😀", "to:", "1.", "é"]),
    max_size=25,
).map("".join)
