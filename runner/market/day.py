"""Days of the configuration: of the right form as `units.Day`, which lets a 30th of February pass."""

from datetime import date

__all__ = ["is_day"]


def is_day(text: str) -> bool:
    """Tell whether a text of the form YYYY-MM-DD is a day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
