"""The terminal's door: text is shown, and never obeyed, whatever it was made into before it came here.

What rich itself adds, such as colours and the bar, is no text and stays.
"""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from runner.plain_text import plain_text

__all__ = ["SafeConsole"]


class SafeConsole(Console):
    """A console that prints text as `plain_text`."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return what is to be printed, harmless."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else plain_text(text), style, control)
