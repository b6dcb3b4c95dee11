import time
from collections.abc import Callable

import pytest
from hypothesis import given

from teahouse.chat.text import parsing
from teahouse.chat.text.markdown import as_text, is_plain, render, render_all
from tests.chat.text.allowed import text_of_allowed
from tests.chat.text.strategies import LINES, MARKS


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**注意：**请看", "<p><strong>注意：</strong>请看</p>"),
        ("*a* _b_ ~~c~~ `d`", "<p><em>a</em> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("# a\n#### b", "<h3>a</h3>\n<h5>b</h5>"),
        ("text\n---", "<p>text</p>\n<hr>"),
        ("text\n===", "<p>text<br>\n===</p>"),
        ("a\n\n    b", "<p>a</p>\n<p>b</p>"),
        ("> a\nb", "<blockquote>\n<p>a<br>\nb</p>\n</blockquote>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("<b>x</b> &amp; &copy;", "<p>&lt;b&gt;x&lt;/b&gt; &amp; ©</p>"),
        ("[a]: https://b.cn\n[a]", "<p>[a]: "),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("```nonsense\na\n```", "<pre><code>a\n</code></pre>"),
        ("|a|\n|:-:|\n|b|", '<th class="align-center">a</th>'),
        ("2~3点", "<p>2~3点</p>"),
    ],
)
def test_markdown_as_in_chats(source: str, html: str) -> None:
    rendered = render(source)
    assert html in rendered
    text_of_allowed(rendered)


def test_code_is_marked_with_short_classes() -> None:
    html = render('```py\ndef f():\n    return "<b>"\n```')
    assert html.startswith('<pre><code class="language-python"><span class="k">def</span>')
    assert "style=" not in html
    assert 'def f():\n    return "<b>"\n' == text_of_allowed(html)


def test_an_image_is_a_link() -> None:
    assert ">a cat</a>" in render("![a cat](https://b.cn/cat.png)")
    assert ">https://b.cn/cat.png</a>" in render("![](https://b.cn/cat.png)")
    linked = render("[![a cat](https://b.cn/cat.png)](https://c.cn)")
    assert linked.count("<a ") == 1
    assert "cat.png" not in linked


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("今天下午三点开会，大家记得带上电脑。", True),
        ("好的~", True),
        ("R&D -> 2 < 3", True),
        ("3.5 and v1.2: fine (really)", True),
        ("one\ntwo", True),
        ("", False),
        ("@bob", False),
        ("see a.cn", False),
        ("http://a", False),
        ("1. a", False),
        ("a\n- b", False),
        ("a\n\nb", False),
        ("a ~~b~~", False),
        ("&amp;", False),
    ],
)
def test_plain_is_what_has_no_mark(source: str, is_one: bool) -> None:
    assert is_one == is_plain(source)


@given(source=LINES | MARKS)
def test_the_short_way_gives_what_the_long_way_gives(source: str) -> None:
    if is_plain(source):
        assert render_all(source, {"bob": 1, "小明": 2}) == render(source)
        assert source == text_of_allowed(render(source))
        assert source == as_text(source)


@pytest.mark.parametrize("frame", ["{}", "a{}", "a{}b", "{}b", "a {} b", "a\n{}b", "a{}\nb", "1{}1", "a.{}", "{0}{0}a"])
def test_the_short_way_and_each_character(frame: str) -> None:
    for code in (9, 10, *range(0x20, 0x250), *range(0x2000, 0x2070), *range(0x2FF0, 0x3020), *range(0xFF00, 0xFF20)):
        source = frame.format(chr(code))
        if is_plain(source):
            assert render_all(source, {}) == render(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**注意：**请看", "注意：请看"),
        ("[text](https://a.cn) and ![cat](https://b.cn)", "text and cat"),
        ("# a\n\n- b\n- c\n\n> d", "a\nb\nc\nd"),
        ("```py\nx = 1\n```", "x = 1"),
        ("<b> &lt; `c`", "<b> < c"),
        ("hi @bob", "hi @bob"),
    ],
)
def test_text_without_its_marks(source: str, text: str) -> None:
    assert text == as_text(source)


def test_what_is_nested_too_deep_is_still_shown() -> None:
    quotes = "\n".join(">" * depth + f" quote{depth}" for depth in range(1, 60))
    lists = "\n".join("  " * depth + f"- item{depth}" for depth in range(60))
    stars = "*a **b " * 40 + "** *" * 40
    assert "quote59" in text_of_allowed(render(quotes))
    assert "item59" in text_of_allowed(render(lists))
    assert 40 == text_of_allowed(render(stars)).count("a")
    assert render(quotes).count("<blockquote>") <= parsing.MOST_BLOCK_LEVELS


def test_a_table_is_not_blown_up() -> None:
    source = "|a" * 60 + "|\n" + "|-" * 60 + "|\n" + "|\n" * 3_000
    assert len(render(source)) < 20 * len(source)


def test_much_code_is_shown_without_marks() -> None:
    block = "```py\n" + "x = 1\n" * 500 + "```\n"
    html = render(block * 3)
    assert 500 == html.count('<span class="o">')
    assert 1_500 == text_of_allowed(html).count("x = 1")


_REPEATED = [
    *("[", "![", "*", "**", "_", "`", ">", "(", "<", "](", "[](", "[a](b", "- ", "1. ", "> - ", "\\", "&", "~", "~~"),
    *(
        "|",
        "a|\n",
        "@a",
        "@小",
        "http://",
        "https://a.",
        "http://a/(",
        "http://a/[",
        "://",
        "www.=",
        "a.com ",
        "xn--a.",
    ),
    *("a@b.com ", "b.com.é=", "*a ", "*a_ ", "_a*", "[*", "[`", "```\n", "#\n", "> \n", "\u0301", "<!--", "*a.cn*"),
]


def _seconds(work: Callable[[], object]) -> float:
    best = 60.0
    for _ in range(2):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("repeated", _REPEATED)
def test_twice_the_text_is_not_four_times_the_work(repeated: str) -> None:
    short, long = ((repeated * size)[:size] for size in (1_500, 6_000))
    # Four times the text: linear is 4, quadratic 16. What is quick is quick enough.
    once = _seconds(lambda: render(short))
    assert _seconds(lambda: render(long)) < max(0.1, 11 * once)
