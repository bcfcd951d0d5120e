"""The library that knows exchanges, imported when it is first needed and fitted to the pandas it is used with.

pandas 3.1 moves an instant by an offset's `_add_datetime`, once called `_apply`, and lists business days by their weekmask
alone; `exchange_calendars` 4.13 knows neither. Unfitted, holidays by the Orthodox Easter can't be worked out (Athens,
Belgrade, Bucharest, Nicosia), those of Tel Aviv become the Western Easter, and weeks that aren't Monday to Friday silently
are: Sundays in Tel Aviv, Saturdays in Seoul until 1998, single weekends in Mumbai and Moscow. `_fitted` gives the library's
offsets the names that pandas asks for, and nothing else; with a pandas or a library that has them it does nothing.
"""

import warnings
from types import ModuleType
from typing import Any

__all__ = ["exchange_library"]

ASKED, DEFINED = "_add_datetime", "_apply"
"""What pandas calls to move an instant by an offset, and what it called before 3.1."""
BY_WEEKMASK = "_supports_daily_offset_mask"
"""Whether pandas lists the days of an offset by one weekmask; those with several must be asked day by day."""
CUSTOM_DAYS, SEVERAL_WEEKMASKS = "CustomBusinessDay", "CompositeCustomBusinessDay"


def exchange_library() -> ModuleType:
    """Return `exchange_calendars`. It brings pandas and takes half a second, which nobody else should pay."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import exchange_calendars  # type: ignore[import-untyped]  # noqa: PLC0415 - half a second nobody else should pay
    _fitted(exchange_calendars.pandas_extensions.offsets, exchange_calendars.tase_holidays)
    return exchange_calendars  # type: ignore[no-any-return]


def _fitted(offsets: ModuleType, holidays: ModuleType) -> None:
    """Give the library's offsets what pandas asks for, and pandas' days what the library asks of them."""
    days: Any = getattr(offsets, CUSTOM_DAYS)
    if not hasattr(days, ASKED) or hasattr(days, DEFINED):
        return
    for held in (*vars(offsets).values(), *vars(holidays).values()):
        own = vars(held) if isinstance(held, type) else {}
        if DEFINED in own and ASKED not in own:
            setattr(held, ASKED, own[DEFINED])
    setattr(getattr(offsets, SEVERAL_WEEKMASKS), BY_WEEKMASK, False)
    setattr(offsets, CUSTOM_DAYS, type(CUSTOM_DAYS, (days,), {DEFINED: days.__add__}))
