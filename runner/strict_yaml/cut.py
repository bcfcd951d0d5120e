"""Values that a comma has cut: `{enter: close > mean(close, 20), exit: …}` is the keys `enter`, `20)` and `exit` to YAML.

In braces a comma ends a plain value, within parentheses too. What follows up to the closing parenthesis stands there as keys
without values. `whole` puts such a value together again and hands it on as a `CutValue`, so that one fault can say what
happened and nobody complains about the pieces.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import yaml

__all__ = ["CutValue", "whole"]


class CutValue(yaml.ScalarEvent):
    """A plain value in braces with the pieces that commas cut off."""


def whole(events: Iterator[Any]) -> Iterator[Any]:
    """Yield the events of a text, each value that was cut as one."""
    ahead: deque[Any] = deque()
    counts: list[int | None] = []
    while event := ahead.popleft() if ahead else next(events, None):
        if isinstance(event, yaml.NodeEvent) and counts and counts[-1] is not None:
            counts[-1] += 1
            if counts[-1] % 2 == 0 and _opened(event) > 0:
                event = _joined(event, ahead, events)
        if isinstance(event, yaml.CollectionStartEvent):
            counts.append(0 if isinstance(event, yaml.MappingStartEvent) and event.flow_style else None)
        elif isinstance(event, yaml.CollectionEndEvent):
            counts.pop()
        yield event


def _joined(event: Any, ahead: deque[Any], events: Iterator[Any]) -> Any:
    """Return the value with its pieces, which are taken off; the value alone, if its parentheses aren't closed by any."""
    texts, opened = [event.value], _opened(event)
    while opened > 0:
        while len(ahead) < 2 * len(texts):
            ahead.append(next(events))
        key, value = ahead[2 * len(texts) - 2], ahead[2 * len(texts) - 1]
        if not _is_plain(key) or not _is_plain(value) or value.value:
            return event
        texts.append(key.value)
        opened += _opened(key)
    for _ in range(2 * len(texts) - 2):
        ahead.popleft()
    return CutValue(event.anchor, event.tag, event.implicit, ", ".join(texts), event.start_mark, event.end_mark)


def _opened(event: Any) -> int:
    """Return how many more parentheses a plain scalar opens than it closes."""
    return event.value.count("(") - event.value.count(")") if _is_plain(event) else 0


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and bool(event.implicit[0]) and event.anchor is None
