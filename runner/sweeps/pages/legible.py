"""Text from outside as one legible line: values of axes and errors may hold anything.

Signs that don't print (controls of a terminal, reversed writing, halves of surrogate pairs) are shown as `·`: they could
make a line look like another, and some can't be written as UTF-8.
"""

__all__ = ["cut", "legible"]

LONGEST = 400
"""Characters of one text that are shown."""


def legible(text: str, *, longest: int = LONGEST) -> str:
    """Return a text in one line, without signs that don't print, cut to so many characters."""
    flat = "".join(sign if sign.isprintable() else " " if sign.isspace() else "·" for sign in text[: 4 * longest])
    return cut(" ".join(flat.split(" ")), longest)


def cut(text: str, longest: int) -> str:
    """Return a text of at most so many characters, its end marked where there was more."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
