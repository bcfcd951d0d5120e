"""What a page of market data draws and says."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from runner.market.calendar import calendar_of, without_breaks
from runner.market.tape import Tape
from runner.report.figures.hours import hours_figures
from runner.report.figures.prices import symbol_figures

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def tape(ts, stream, **columns):
    ts = np.asarray(ts, np.int64)
    return Tape(
        symbols=("A",),
        ts=ts,
        opened=ts,
        session=(ts // DAY).astype(np.int32),
        symbol=np.zeros(ts.size, np.int32),
        columns={name: np.asarray(values, np.float64) for name, values in columns.items()},
        offsets=np.array([0, ts.size]),
        stream=stream,
    )


def trades(ts):
    return tape(ts, "trades", price=np.linspace(10, 11, len(ts)))


def bars(ts, close, **raw):
    return tape(ts, "bars", close=close, **raw)


def figure_of(tape, report=None):
    (figure,) = symbol_figures(tape, 0, report or {})
    return figure


class TestPrices:
    """A symbol's price."""

    def test_a_spread_far_below_a_basis_point_is_not_zero(self):
        """The tick of a coin is a hundredth of a thousandth of its price."""
        touch = {"bid_price_0": [61_600.0] * 3, "ask_price_0": [61_600.01] * 3}

        _, spread = symbol_figures(tape([0, SECOND, 2 * SECOND], "depth", **touch), 0, {})

        assert spread.caption == "Offer less bid, in basis points of the middle; the median is 0.00162."

    def test_adjusted_prices_say_so_and_at_what_they_were_traded(self):
        """The heading and the caption of the figure itself, not a table far below."""
        days = [at(f"2024-01-0{day}") for day in (2, 3, 4)]

        figure = figure_of(bars(days, [25.0, 50.0, 51.0], raw_close=[100.0, 50.0, 51.0]))

        assert figure.heading == "A: close, adjusted"
        assert "the first close of 25.000 was traded at 100.00, the last of 51.000 was traded at 51.000" in figure.caption

    @pytest.mark.parametrize("raw", [{}, {"raw_close": [25.0, 50.0]}])
    def test_prices_as_traded_are_not_called_adjusted(self, raw):
        """Also beside other symbols that were."""
        figure = figure_of(bars([at("2024-01-02"), at("2024-01-03")], [25.0, 50.0], **raw))

        assert figure.heading == "A: close"
        assert "djusted" not in figure.caption

    def test_a_line_does_not_cross_a_night_without_trades(self):
        """Two hours of minutes a day apart are two lines."""
        day = [at("2024-01-02 15:00") + n * MINUTE for n in range(120)]

        figure = figure_of(trades([*day, *(ts + DAY for ts in day)]))

        for drawing in figure.drawings:
            assert len(re.findall('<path class="series"', drawing)) == 2

    def test_a_line_crosses_weekends_of_a_daily_series(self):
        """What is usual in the data is no hole."""
        days = np.arange(at("2024-01-01") // DAY, at("2024-04-01") // DAY)
        weekdays = days[(days + 3) % 7 < 5] * DAY

        figure = figure_of(bars(weekdays, np.arange(weekdays.size)))

        assert len(re.findall('<path class="series"', figure.drawings[0])) == 1

    def test_a_lone_trade_is_seen(self):
        """One trade far from five hundred others has no line to lie on."""
        many = [at("2024-01-02 15:00") + n * SECOND for n in range(500)]

        figure = figure_of(trades([*many, at("2024-01-02 21:00")]))

        assert len(re.findall('<circle class="series"', figure.drawings[0])) == 1

    def test_rows_of_one_instant_are_told_instead_of_drawn(self):
        """A line without length shows nothing."""
        figure = figure_of(tape([at("2024-01-02 15:46")] * 3, "trades", price=[1_315.0, 1_340.0, 1_320.0]))

        assert figure.drawings == ()
        assert figure.caption == "3 rows, at 2024-01-02 15:46. All at one instant: 1,315.0 to 1,340.0."

    def test_values_that_are_not_known_are_not_drawn(self):
        """Nothing in a path but numbers; nothing known at all is told."""
        ts = [at("2024-01-02") + n * DAY for n in range(3)]

        figure, nothing = (figure_of(bars(ts, close)) for close in ([1.0, np.nan, 2.0], [np.nan] * 3))

        assert "nan" not in figure.drawings[0]
        assert nothing.drawings == ()
        assert nothing.caption.endswith("Nothing is known.")

    @pytest.mark.parametrize(("stretches", "more"), [(1, "."), (7, ", the first and the longest of more.")])
    def test_missing_bars_are_shaded_and_counted(self, stretches, more):
        """The caption says whether the shades are all there is."""
        gap = {"symbol": "A", "from": "2024-01-04T00:00:00Z", "to": "2024-01-06T00:00:00Z", "missing": 2}
        report = {"checks": {"gap": {"first": [gap], "longest": [gap], "stretches": stretches}}}
        days = [at(f"2024-01-{day:02}") for day in (2, 3, 7, 8)]

        figure = figure_of(bars(days, [1.0, 2.0, 3.0, 4.0]), report)

        assert figure.drawings[0].count('class="warmup"') == 1
        assert figure.caption.endswith(f"Shaded: 1 stretch where the calendar expects bars that aren't there{more}")


class TestHours:
    """Rows by time of day."""

    def every(self, step, *stretches):
        return trades(np.sort(np.concatenate([np.arange(at(start), at(end), step) for start, end in stretches])))

    def test_hours_across_midnight_are_one_stretch(self):
        """The night session of two days, not the whole day."""
        (figure,) = hours_figures(
            self.every(MINUTE, ("2024-08-08 22:00", "2024-08-09 02:30"), ("2024-08-09 22:00", "2024-08-10 02:30")), {}
        )

        assert figure.caption == "Rows from 22:00 to 02:30, across midnight. Times are UTC."

    @pytest.mark.parametrize(
        ("hours", "told"),
        [
            (("14:30", "21:00"), "from 14:30 to 21:00"),
            (("20:00", "23:59"), "from 20:00 to 24:00"),
            (("00:00", "03:00"), "from 00:00 to 03:00"),
        ],
    )
    def test_hours_within_a_day_are_told_plainly(self, hours, told):
        """From the first quarter of an hour with rows to the end of the last."""
        start, end = hours
        days = [(f"2024-10-0{day} {start}", f"2024-10-0{day} {end}") for day in (7, 8, 9)]

        (figure,) = hours_figures(self.every(MINUTE, *days), {})

        assert figure.caption == f"Rows {told}. Times are UTC."

    def test_a_market_that_never_closes_is_open_around_the_clock(self):
        """No quarter of an hour is empty."""
        (figure,) = hours_figures(self.every(MINUTE, ("2024-10-07", "2024-10-09")), {})
        caption = figure.caption

        assert caption == "Rows around the clock. Times are UTC."

    def test_winter_and_summer_are_drawn_apart_where_both_have_rows(self):
        """An exchange's hours move against UTC."""
        winter, summer = ("2024-01-{} 14:30", "2024-01-{} 21:00"), ("2024-07-{} 13:30", "2024-07-{} 20:00")
        days = [tuple(text.format(day) for text in season) for season in (winter, summer) for day in ("09", "10", "11")]

        (figure,) = hours_figures(self.every(MINUTE, *days), {})

        assert figure.caption == (
            "Rows from 14:30 to 21:00 (November to February), from 13:30 to 20:00 (May to August). Times are UTC."
        )
        assert figure.drawings[0].count("<path") == 2

    @pytest.mark.parametrize("month", ["01", "04", "07", "10"])
    def test_no_plot_is_empty(self, month):
        """Rows of one season only, or of neither, are one plot."""
        (figure,) = hours_figures(self.every(MINUTE, (f"2024-{month}-08", f"2024-{month}-10")), {})

        assert figure.drawings[0].count("<path") == 1
        assert figure.drawings[0].count('class="name"') == 1

    def test_less_than_a_day_needs_no_plot(self):
        """The axis of the price says the hours already."""
        assert hours_figures(self.every(SECOND, ("2024-08-08 23:54", "2024-08-09 00:05")), {}) == []

    def test_daily_rows_need_no_plot(self):
        """Every row is of the same hour."""
        assert hours_figures(self.every(DAY, ("2024-01-02", "2024-03-02")), {}) == []

    def test_symbols_of_different_markets_are_drawn_apart(self):
        """Minutes of New York beside those of Tokyo, and of fixed hours; an exchange's are one, whichever part gave them."""
        days = (date(2024, 10, 7), date(2024, 10, 8))
        new_york, again, tokyo = (calendar_of(name, *days) for name in ("XNYS", "XNYS", "XTKS"))
        fixed = without_breaks("session", new_york.days, new_york.open_ns + HOUR, new_york.close_ns)
        held = {"A": new_york, "B": tokyo, "C": again, "D": fixed}
        stamps = [np.concatenate([*map(self.between, each.open_ns, each.close_ns)]) for each in held.values()]
        ts, sizes = np.concatenate(stamps), [each.size for each in stamps]
        of_all = replace(
            trades(ts),
            symbols=tuple(held),
            symbol=np.repeat(np.arange(4, dtype=np.int32), sizes),
            offsets=np.array([0, *np.cumsum(sizes)]),
        )

        figures = hours_figures(of_all, held)
        pooled = hours_figures(of_all, dict.fromkeys("ABC", new_york) | {"D": new_york})

        assert [(figure.heading, figure.caption) for figure in figures] == [
            ("Rows by time of day, trades of A, C", "Rows from 13:30 to 20:00. Times are UTC."),
            ("Rows by time of day, trades of B", "Rows from 00:00 to 06:00. Times are UTC."),
            ("Rows by time of day, trades of D", "Rows from 14:30 to 20:00. Times are UTC."),
        ]
        assert len({re.search('aria-labelledby="([^"]*)"', figure.drawings[0])[1] for figure in figures}) == 3
        assert [figure.heading for figure in pooled] == ["Rows by time of day, trades"]

    def between(self, start, end):
        return np.arange(start, end, MINUTE)
