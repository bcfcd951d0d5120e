"""What a witness and Runner both have to say: the orders, the fills and the equity curve, as plain rows.

Instants are computed here from session dates, with the regular New York hours spelled out, so that a wrong stamp of
Runner's shows up as a difference.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

EARLY = {
    "2000": ("07-03", "11-24"),
    "2001": ("07-03", "11-23", "12-24"),
    "2002": ("07-05", "11-29", "12-24"),
    "2003": ("07-03", "11-28", "12-24", "12-26"),
    "2004": ("11-26",),
    "2005": ("11-25",),
    "2006": ("07-03", "11-24"),
    "2007": ("07-03", "11-23", "12-24"),
    "2008": ("07-03", "11-28", "12-24"),
    "2009": ("11-27", "12-24"),
    "2010": ("11-26",),
    "2011": ("11-25",),
    "2012": ("07-03", "11-23", "12-24"),
}
"""Year → days on which the New York Stock Exchange closed at 13:00, from its own yearly announcements, to March 2013."""

HALF_DAYS = frozenset(date.fromisoformat(f"{year}-{day}") for year, days in EARLY.items() for day in days)


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of one symbol."""

    day: date
    open: float
    high: float
    low: float
    close: float


Bars = Mapping[str, Sequence[Bar]]
"""Symbol → its bars in ascending order of the day; the order of the symbols is the order of the universe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The reference strategy's numbers. Exactly one of `units` and `share` is given."""

    lookback: int = 20
    buy_below: float = 0.7
    sell_above: float = 1.5
    bps: float = 2.5
    units: float | None = None
    share: float | None = None
    capital: float = 100_000.0

    def __post_init__(self):
        if (self.units is None) == (self.share is None):
            raise ValueError("give either units or share")


@dataclass(frozen=True, slots=True)
class Order:
    ts: datetime
    symbol: str
    side: str
    quantity: float
    status: str


@dataclass(frozen=True, slots=True)
class Fill:
    ts: datetime
    symbol: str
    side: str
    quantity: float
    reference: float
    price: float


@dataclass(frozen=True, slots=True)
class Value:
    ts: datetime
    equity: float
    cash: float


@dataclass(frozen=True, slots=True)
class Outcome:
    orders: list[Order]
    fills: list[Fill]
    curve: list[Value]

    def count(self, status: str) -> int:
        """Return how many orders ended this way."""
        return sum(order.status == status for order in self.orders)


def opening(day: date) -> datetime:
    """Return the instant the regular session of the day opens."""
    return datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC)


def closing(day: date) -> datetime:
    """Return the instant the regular session of the day closes."""
    return datetime.combine(day, time(13 if day in HALF_DAYS else 16, 0), NEW_YORK).astimezone(UTC)


def outcome_of(run) -> Outcome:
    """Return what a Runner run says, row by row in the order of its own tables."""
    orders, fills, curve = run.orders, run.fills, run.equity
    return Outcome(
        orders=_rows(Order, orders, "ts", "symbol", "side", "quantity", "status"),
        fills=_rows(Fill, fills, "ts", "symbol", "side", "quantity", "reference", "price"),
        curve=_rows(Value, curve, "ts", "equity", "cash"),
    )


def assert_same(expected: Outcome, actual: Outcome, *, relative: float) -> None:
    """Fail at the first row that differs; prices and money may differ by `relative`, everything else by nothing.

    Cash may be off by that part of the capital: what is left of 100,000 after a thousand trades carries the rounding of
    100,000, however little is left.
    """
    slack = {"reference": 0.0, "price": 0.0, "equity": 0.0, "cash": relative * expected.curve[0].equity}
    _assert_rows("order", expected.orders, actual.orders, relative, slack)
    _assert_rows("fill", expected.fills, actual.fills, relative, slack)
    _assert_rows("value", expected.curve, actual.curve, relative, slack)


def _rows(row, frame, *columns):
    plain = [[value.to_pydatetime() for value in frame["ts"]], *(frame[column].tolist() for column in columns[1:])]
    return [row(*values) for values in zip(*plain, strict=True)]


def _assert_rows(what, expected, actual, relative, slack):
    for number, (wanted, got) in enumerate(zip(expected, actual, strict=False)):
        assert _alike(wanted, got, relative, slack), f"{what} {number}\nexpected {wanted}\nactual   {got}"
    longer = expected if len(expected) > len(actual) else actual
    rest = longer[min(len(expected), len(actual)) :][:1]
    assert len(expected) == len(actual), f"expected {len(expected)} {what}s, got {len(actual)}; first left over: {rest}"


def _alike(wanted, got, relative, slack):
    return all(
        math.isclose(getattr(wanted, name), getattr(got, name), rel_tol=relative, abs_tol=slack[name])
        if name in slack
        else getattr(wanted, name) == getattr(got, name)
        for name in type(wanted).__slots__
    )
