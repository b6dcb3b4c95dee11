"""
The Centrifuge protocol in protobuf: its frames. `protobuf_fields.py` has the numbers, `frames.py` the shapes.

Commands are only read and replies only written. Why without Google's library: docs/decisions/0006-protobuf.md.
"""

from collections.abc import Sequence

from teahouse.realtime.wire.centrifuge.codec import MOST_COMMANDS, BadFrame
from teahouse.realtime.wire.centrifuge.frames import Command, Reply
from teahouse.realtime.wire.centrifuge.protobuf_fields import BinaryEmulationRequest
from teahouse.realtime.wire.centrifuge.protobuf_reader import Reader
from teahouse.realtime.wire.centrifuge.protobuf_writer import write
from teahouse.realtime.wire.centrifuge.varint import Oversized, read_varint, varint

# What is cut off is read past its end.
_FAULTS = (IndexError, Oversized, UnicodeDecodeError)

_read_command = Reader(Command).read
_read_emulation_request = Reader(BinaryEmulationRequest).read


class ProtobufCodec:
    """A frame is one message or several, each after its length as a varint."""

    name = "protobuf"
    is_text = False

    def commands(self, frame: str | bytes) -> list[Command]:
        if not frame or isinstance(frame, str):
            raise BadFrame("no bytes")
        commands = []
        at, end = 0, len(frame)
        try:
            while at < end:
                size, at = read_varint(frame, at)
                if size > end - at:
                    raise BadFrame("a command is cut off")
                command = Command()
                if size:
                    _read_command(command, frame[at : at + size])
                    at += size
                commands.append(command)
                if len(commands) > MOST_COMMANDS:
                    raise BadFrame("too many commands")
        except _FAULTS as error:
            raise BadFrame(str(error)) from None
        return commands

    def encode(self, reply: Reply) -> bytes:
        return write(reply)

    def join(self, messages: Sequence[bytes]) -> bytes:
        return b"".join([part for message in messages for part in (varint(len(message)), message)])


def emulation_request(body: bytes) -> BinaryEmulationRequest:
    """What a client of http_stream sends beside the stream. Raises BadFrame."""
    request = BinaryEmulationRequest()
    try:
        _read_emulation_request(request, body)
    except _FAULTS as error:
        raise BadFrame(str(error)) from None
    return request


PROTOBUF = ProtobufCodec()
