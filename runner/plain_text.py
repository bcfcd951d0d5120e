"""Text from outside, without any sign that a terminal would obey.

A name, a note or a venue's message may hold signs that a terminal takes for orders: clear the screen, move the cursor, write
into the clipboard, turn the direction of reading. Whatever is printed goes through here.
"""

import re

__all__ = ["plain_text"]

ORDERS = re.compile(
    "\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?"  # commands to the system, such as the window's title and the clipboard
    "|\x1b[PX^_][^\x1b]*(?:\x1b\\\\)?"  # strings for the device
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?"  # all other sequences
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # single signs, but for line breaks and tabs
    "|[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"  # invisible ones, and those that turn the direction of reading
)


def plain_text(text: str) -> str:
    """Return a text without any sign that a terminal would obey."""
    return ORDERS.sub("", text)
