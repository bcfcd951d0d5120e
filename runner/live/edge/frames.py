"""Whole messages at the front of what a connection received, cut out without a parser.

Nearly all that a feed receives are short texts, each in a frame of its own (RFC 6455, section 5.2): two bytes of head, two
more for a length from 126 to 65,535, and the text. These are cut out here. Whatever else there is, pings, farewells,
fragments, longer frames, or frames that break the rules, is left to the library from where it begins.
"""

__all__ = ["whole_texts"]

TEXT = 0x81
"""First byte of a text that isn't continued, without extensions."""
SHORT = 126
"""A second byte below it is the length; itself says that the length follows in two bytes. A masked frame has more."""


def whole_texts(data: bytes, most: int) -> tuple[list[bytes], int, bool]:
    """Cut texts out of the front of some bytes.

    Args:
        data: What was received; a frame begins with its first byte.
        most: Bytes that a text may have.

    Returns:
        The texts, where the first frame begins that isn't one of them, and whether that one may become one with more bytes.
    """
    found: list[bytes] = []
    at, size = 0, len(data)
    while size - at >= 2:
        if data[at] != TEXT:
            return found, at, False
        length, begin = data[at + 1], at + 2
        if length == SHORT:
            if size - at < 4:
                return found, at, True
            length, begin = data[at + 2] << 8 | data[at + 3], at + 4
        elif length > SHORT:
            return found, at, False
        if length > most:
            return found, at, False
        end = begin + length
        if end > size:
            return found, at, True
        found.append(data[begin:end])
        at = end
    return found, at, at == size or data[at] == TEXT
