"""What a publication says, as types: the data of `realtime` publications. Encoded here and nowhere else."""

import msgspec


class _Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    pass


class MessagePosted(_Frame, frozen=True, kw_only=True, tag="message.posted"):
    """In `room:<id>`. `at` is milliseconds since 1970; `author` is None for a person who was deleted."""

    id: int
    room: int
    number: int
    author: int | None
    body: str
    at: int


class MessageRang(_Frame, frozen=True, kw_only=True, tag="message.rang"):
    """In `user:<id>`, for who listens to no room of their own: somebody wrote to this person in a direct room."""

    message: MessagePosted


class NoticePushed(_Frame, frozen=True, kw_only=True, tag="notice.pushed"):
    """In `site`. `push` is another one each time; times are milliseconds since 1970."""

    notice: int
    push: int
    title: str
    content: str
    type: int
    author: int | None
    created_at: int
    updated_at: int


Frame = MessagePosted | MessageRang | NoticePushed

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)


def encode(frame: Frame) -> bytes:
    return _encoder.encode(frame)


def decode(data: bytes) -> Frame:
    return _decoder.decode(data)
