"""The day a file's name tells: `20140606_trade.zip` with `"%Y%m%d"` is 2014-06-06."""

import json
import re
from datetime import date, datetime

from runner.errors import DataError, Fault
from runner.market.stamp_format import DAY_LETTERS, letters_of

__all__ = ["name_date", "name_date_faults"]

WHERE = "data.date_from_name"
PATTERNS = {"Y": "[0-9]{4}", "y": "[0-9]{2}", "m": "[0-9]{2}", "d": "[0-9]{2}", "j": "[0-9]{3}", "b": "[A-Za-z]{3}"}
"""Letter of a format → what it matches in a name."""


def name_date_faults(written: str) -> list[Fault]:
    """Return what is wrong with the format itself: letters that name no day, or none at all."""
    letters = letters_of(written)
    names_day = letters & {"Y", "y"} and (letters >= {"j"} or (letters & {"m", "b"} and letters & DAY_LETTERS))
    if letters <= set(PATTERNS) and names_day:
        return []
    write = 'Write how the name spells its day with %Y %y %m %b %d %j, e.g. date_from_name: "%Y%m%d".'
    return [Fault(WHERE, "must be the format of a day", json.dumps(written), write)]


def name_date(name: str, written: str) -> date:
    """Return the day that `name` spells in the format; the format must be free of `name_date_faults`.

    Digits right before or behind don't belong to a day. Raises DataError if the name spells no day or several.
    """
    parts = re.split("%([A-Za-z])", written)
    pattern = "".join(PATTERNS[part] if at % 2 else re.escape(part) for at, part in enumerate(parts))
    spelled = re.findall(f"(?<![0-9])(?=({pattern})(?![0-9]))", name)
    found = {day for text in spelled if (day := _day(text, written)) is not None}
    if len(found) == 1:
        return found.pop()
    was = ", ".join(sorted(map(str, found))) or "a name without one"
    write = "Write the format of the day in the name, or the day itself as date."
    raise DataError(Fault(name, f"its name must spell one day as {json.dumps(written)}", was, write))


def _day(text: str, written: str) -> date | None:
    try:
        return datetime.strptime(text, written).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
