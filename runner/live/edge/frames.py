"""Frames in what a connection received (RFC 6455, section 5.2), told apart without a parser.

Nearly all that a feed receives are short texts, each in a frame of its own: two bytes of head, two more for a length from
126 to 65,535, and the text. `whole_texts` cuts these out. Whatever else there is, pings, farewells, fragments, longer
frames, or frames that break the rules, is left to the library; `head_of` says how far such a frame goes.
"""

from typing import NamedTuple

__all__ = ["Head", "head_of", "whole_texts"]

TEXT = 0x81
"""First byte of a text that isn't continued, without extensions."""
FIN, CONTROL = 0x80, 0x08
"""Of a first byte: set in the last frame of a message; set in frames that belong to no message."""
MASKED, LENGTH = 0x80, 0x7F
"""Of a second byte: four more bytes follow the length; the length."""
SHORT, LONG = 126, 127
"""Instead of a length: it follows in two bytes, or in eight."""
LENGTH_BYTES = {SHORT: 2, LONG: 8}
MASK_BYTES = 4


class Head(NamedTuple):
    """What is known of a frame by its head."""

    end: int
    """Where it ends, which may be beyond what is there."""
    is_text: bool
    """Whether it is one of those that `whole_texts` cuts out."""
    ends_message: bool | None
    """Whether a message ends with it; None: it belongs to none."""


def whole_texts(data: bytes, at: int, most: int) -> tuple[list[bytes], int]:
    """Cut texts out of some bytes.

    Args:
        data: What was received.
        at: Where a frame begins in it.
        most: Bytes that a text may have.

    Returns:
        The texts, and where the first frame begins that isn't one of them or isn't all there.
    """
    found: list[bytes] = []
    size = len(data)
    while size - at >= 2 and data[at] == TEXT:
        length, begin = data[at + 1], at + 2
        if length == SHORT and size - at >= 4:
            length, begin = data[at + 2] << 8 | data[at + 3], at + 4
        elif length >= SHORT:
            break
        end = begin + length
        if end > size or length > most:
            break
        found.append(data[begin:end])
        at = end
    return found, at


def head_of(data: bytes, at: int, most: int) -> Head | None:
    """Return what is known of the frame that begins at a place, None if its head isn't all there.

    Args:
        data: What was received.
        at: Where the frame begins in it.
        most: Bytes that a text may have.
    """
    begin = at + 2
    if len(data) < begin:
        return None
    first, length = data[at], data[at + 1] & LENGTH
    is_short, is_masked = length <= SHORT, bool(data[at + 1] & MASKED)
    if length >= SHORT:
        begin += LENGTH_BYTES[length]
        if len(data) < begin:
            return None
        length = int.from_bytes(data[at + 2 : begin])
    return Head(
        begin + length + MASK_BYTES * is_masked,
        first == TEXT and is_short and not is_masked and length <= most,
        None if first & CONTROL else bool(first & FIN),
    )
