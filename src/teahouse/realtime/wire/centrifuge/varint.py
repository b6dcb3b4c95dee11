"""
Varints of protobuf: seven bits a byte, the lowest first, the eighth bit says that more follow.

https://protobuf.dev/programming-guides/encoding/#varints
"""

_MOST_BYTES = 10
_64_BITS = 2**64 - 1
_SHORT = tuple(bytes((value,)) for value in range(0x80))


class Oversized(ValueError):
    """A varint of more than 64 bits."""


def varint(value: int) -> bytes:
    """Up to 64 bits. What is negative becomes its two's complement, as in `int64`."""
    if 0 <= value < 0x80:
        return _SHORT[value]
    value &= _64_BITS
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """
    The value at `at`, unsigned, and where it ends. More bytes than needed are no fault.

    Raises:
        IndexError: when `data` ends within it.
        Oversized: for more than 64 bits.
    """
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for count in range(1, _MOST_BYTES):
        byte = data[at + count]
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            if value > _64_BITS:
                break
            return value, at + count + 1
    raise Oversized(f"varint of more than 64 bits at byte {at}")
