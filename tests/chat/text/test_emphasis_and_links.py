import re

import pytest

from teahouse.chat.text.markdown import render


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**中文**，好", "<strong>中文</strong>，好"),
        ("这是**“重点”**吗", "这是<strong>“重点”</strong>吗"),
        ("**该星号不会被识别。**这是因为", "<strong>该星号不会被识别。</strong>这是因为"),
        ("可以强调**这个`code`**吗", "可以强调<strong>这个<code>code</code></strong>吗"),
        ("**テスト（かっこ）**です", "<strong>テスト（かっこ）</strong>です"),
        ("**이 용어(This term)**를", "<strong>이 용어(This term)</strong>를"),
        ("~~旧价：~~新价", "<s>旧价：</s>新价"),
        ("中*(a)*文", "中<em>(a)</em>文"),
        ("𠮷**(a)**𠮷", "𠮷<strong>(a)</strong>𠮷"),
        ("**葛󠄀**(x)", "<strong>葛󠄀</strong>(x)"),
        ("a**(b)**c", "a**(b)**c"),
        ("2*3*4", "2<em>3</em>4"),
        ("snake_case_name", "snake_case_name"),
        ("中_(a)_文", "中_(a)_文"),
        ("a**😀！**b", "a**😀！**b"),
        ("中**😀！**b", "中<strong>😀！</strong>b"),
        ("** 空 **", "** 空 **"),
    ],
)
def test_emphasis_beside_chinese(source: str, html: str) -> None:
    assert f"<p>{html}</p>" == render(source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("看https://example.com/a。好", ["https://example.com/a"]),
        ("https://example.com/路径", ["https://example.com/"]),
        ("（https://example.com/a）", ["https://example.com/a"]),
        ("“https://example.com/a”", ["https://example.com/a"]),
        ("https://example.com/a，https://b.cn/?x=1&y=2；", ["https://example.com/a", "https://b.cn/?x=1&y=2"]),
        ("https://example.com】》」』", ["https://example.com"]),
        ("https://a.cn！https://b.cn？https://c.cn：", ["https://a.cn", "https://b.cn", "https://c.cn"]),
        ("https://a.cn/x、https://b.cn…", ["https://a.cn/x", "https://b.cn"]),
        ("https://example.com/a_b_c/*d*", ["https://example.com/a_b_c/*d"]),
        ("https://a.cn/wiki/X_(y).", ["https://a.cn/wiki/X_(y)"]),
        ("(https://a.cn/x)", ["https://a.cn/x"]),
        ("https://a.cn/?u=https://b.cn/c", ["https://a.cn/?u=https://b.cn/c"]),
        ("HTTPS://A.CN/x", ["HTTPS://A.CN/x"]),
        ("http://localhost:8000/x http://10.0.0.1/", ["http://localhost:8000/x", "http://10.0.0.1/"]),
        ("https://xn--fiqs8s.cn/", ["https://xn--fiqs8s.cn/"]),
        ("看www.example.com吧", ["http://www.example.com"]),
        ("example.com/x", ["http://example.com/x"]),
        ("写信a@b.com，谢谢", ["mailto:a@b.com"]),
        ("mailto:a@b.com", ["mailto:a@b.com"]),
        ("main.py run.sh README.md lib.rs", []),
        ("ftp://a.cn //a.cn xhttps://a.cn", []),
        ("`https://a.cn`", []),
        ("[好](https://例子.中国/路)", ["https://xn--fsqu00a.xn--fiqs8s/%E8%B7%AF"]),
        ("<https://a.cn/路>", ["https://a.cn/%E8%B7%AF"]),
        ("[x](javascript:alert) [y](/z) [q](//a.cn) [r](https:a.cn)", []),
        ("[x]() [y](<>)", []),
        ('[x](https://a.cn "title")', ["https://a.cn"]),
        ("https://a.cn/" + "x" * 3_000, []),
    ],
)
def test_where_an_address_ends(source: str, found: list[str]) -> None:
    html = render(source)
    assert found == [address.replace("&amp;", "&") for address in re.findall('href="([^"]*)"', html)]
    assert "title" not in html


def test_a_link_without_text_shows_its_address() -> None:
    assert ">https://a.cn</a>" in render("[](https://a.cn)")


def test_punycode_is_not_turned_into_letters_that_look_like_others() -> None:
    assert ">https://xn--80ak6aa92e.com</a>" in render("https://xn--80ak6aa92e.com")
