"""The double envelope, in and out; what is no envelope is told apart from what is."""

import json

import msgspec
import pytest

from teahouse.realtime.wire.classic import codec
from teahouse.realtime.wire.classic.codec import Envelope


class Said(msgspec.Struct, frozen=True):
    text: str


@pytest.mark.parametrize(
    ("text", "envelope"),
    [
        pytest.param('{"type":"a","content":"{}"}', Envelope("a", "{}"), id="as the article's page sends it"),
        pytest.param('{"content":"1","type":"a"}', Envelope("a", "1"), id="in the other order"),
        pytest.param(' { "type" : "a" } ', Envelope("a", "{}"), id="content missing"),
        pytest.param('{"type":"a","more":{"x":[1]}}', Envelope("a", "{}"), id="unknown fields"),
        pytest.param('{"type":"","content":""}', Envelope("", ""), id="both empty"),
        pytest.param('{"type":"a","content":"not json"}', Envelope("a", "not json"), id="content is not looked into"),
        pytest.param(
            '{"type":"茶","content":"\\u8336\\ud83c\\udf75"}', Envelope("茶", "茶🍵"), id="Chinese, escaped or not"
        ),
        pytest.param('{"type":"a","type":"b"}', Envelope("b", "{}"), id="a field twice: the last one"),
        pytest.param(f'{{"type":"a","more":{"9" * 5_000}}}', Envelope("a", "{}"), id="a huge number passed over"),
    ],
)
def test_an_envelope_is_read(text: str, envelope: Envelope) -> None:
    assert envelope == codec.decode(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("hello", id="not JSON"),
        pytest.param('{"type":"a"', id="cut off"),
        pytest.param('{"type":"a"}{"type":"b"}', id="two at once"),
        pytest.param('["type"]', id="an array"),
        pytest.param("1", id="a number"),
        pytest.param("9" * 5_000, id="a huge number"),
        pytest.param("null", id="null"),
        pytest.param('"type"', id="a string"),
        pytest.param("NaN", id="not a number"),
        pytest.param("{}", id="no type"),
        pytest.param('{"content":"{}"}', id="content only"),
        pytest.param('{"Type":"a"}', id="another spelling of type"),
        pytest.param('{"type":null}', id="type null"),
        pytest.param('{"type":1}', id="type a number"),
        pytest.param(f'{{"type":{"1" * 400}}}', id="type a huge number"),
        pytest.param('{"type":["a"]}', id="type an array"),
        pytest.param('{"type":"a","content":null}', id="content null"),
        pytest.param('{"type":"a","content":{"text":"x"}}', id="content an object"),
        pytest.param('{"type":"a","content":1}', id="content a number"),
        pytest.param('{"type":"a","content":1e400}', id="content beyond all numbers"),
        pytest.param('{"type":"a","content":[]}', id="content an array"),
        pytest.param("[" * 100_000, id="100,000 arrays deep"),
        pytest.param('{"type":' * 100_000, id="100,000 objects deep"),
        pytest.param('{"type":"a","more":' + "[" * 100_000 + "]" * 100_000 + "}", id="100,000 deep where nobody looks"),
        pytest.param('{"type":"\\ud800"}', id="half a surrogate pair, escaped"),
        pytest.param('{"type":"\ud800"}', id="half a surrogate pair"),
        pytest.param('\ufeff{"type":"a"}', id="a byte order mark"),
    ],
)
def test_anything_else_is_a_bad_frame(text: str) -> None:
    with pytest.raises(codec.BadFrame):
        codec.decode(text)


def test_content_goes_out_as_a_json_string_within_json() -> None:
    frame = codec.encode("demo-message-receive", Said('a "quote" and a \\'))

    outer = json.loads(frame)
    assert {"type": "demo-message-receive", "content": outer["content"]} == outer
    assert {"text": 'a "quote" and a \\'} == json.loads(outer["content"])


def test_chinese_goes_out_as_it_is() -> None:
    assert '{"type":"x","content":"{\\"text\\":\\"你好🍵\\"}"}' == codec.encode("x", Said("你好🍵"))


def test_what_is_encoded_is_decoded_as_the_same() -> None:
    envelope = codec.decode(codec.encode("x", Said("line\nbreak \u2028 \x00")))

    assert Said("line\nbreak \u2028 \x00") == msgspec.json.decode(envelope.content, type=Said)
