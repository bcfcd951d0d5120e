"""PyYAML's words for a text that isn't YAML, in ours: what must hold and what to write."""

import re

__all__ = ["syntax_words"]

_WORDS = (
    (
        r"character '\\t'",
        "must be indented with spaces, and has a tab here",
        "Replace the tab by spaces, two for each level.",
    ),
    (r"character '(?P<sign>[@`%|>])'", "must not begin a value with {sign}", 'Quote the value: "{sign}…".'),
    (
        r"mapping values are not allowed",
        "must have one `key: value` on a line",
        "Quote a value that holds a colon, or indent the line like its neighbours.",
    ),
    (r"unexpected end of stream", "must close the quote it opens here", "Add the closing quote."),
    (r"stream end", "must close the bracket it opens here", "Add the closing bracket."),
    (
        r"expected ',' or",
        "must close the bracket it opens",
        "Add the comma or the closing bracket that is missing; quote a value that holds commas or quotes.",
    ),
    (
        r"expected <block end>, but found '(<block mapping start>|<block sequence start>|\?|-)'",
        "must be indented like the lines above it",
        "Indent the lines of one mapping, or of one list, alike.",
    ),
    (r"expected <block end>", "must end after its value", "Quote the whole value, or remove what follows it."),
    (r"expected (chomping|a comment or a line break)", "must not begin a value with | or >", 'Quote the value: "|…".'),
    (r"expected alphabetic or numeric", "must not begin a value with & or *", 'Quote the value: "*…".'),
    (
        r"node content, but found '(?P<sign>.*?)'",
        "must have a value before the {sign}",
        "Quote the value, or remove the {sign}.",
    ),
    (r"could not find expected ':'", "must be `key: value`", "Add a colon and a space, or indent the line under its key."),
    (r"unknown escape character", "must use YAML's escapes between double quotes", "Use single quotes instead."),
    (
        r"sequence entries are not allowed",
        "must not begin a list behind a key",
        "Put each `- item` on a line below the key.",
    ),
)


def syntax_words(problem: str) -> tuple[str, str]:
    """Return what must hold and what to write for a problem as PyYAML names it."""
    for pattern, must, write in _WORDS:
        found = re.search(pattern, problem)
        if found:
            return must.format(**found.groupdict()), write.format(**found.groupdict())
    return "must be YAML that can be read", f"Compare the line with its neighbours: {problem}."
