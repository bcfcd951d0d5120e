"""Window by window: the same tape as loading whole, and the same refusals, wherever the borders fall."""

import tracemalloc
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import ConfigError, DataError
from runner.market.digest import tape_digest
from runner.market.load import load
from runner.market.sources.generated import Generated
from runner.market.sources.parquet import Parquet
from runner.market.windows import joined, tape_windows
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Life, Universe
from runner.spec.window import Window

MINUTE = Timezone(zone="UTC", stamp="open", interval="1min")
EVENT = Timezone(zone="UTC", stamp="event")
US_DAILY = Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))
START = datetime(2024, 3, 4, tzinfo=UTC)
AB = Universe(symbols=("B", "A"))


def bars(*rows):
    """Rows of symbol, minute and optionally close; quiet prices around it."""
    full = [(symbol, minute, *(close or [10.0])) for symbol, minute, *close in rows]
    symbols, minutes, closes = zip(*full, strict=True)
    close = pl.Series(closes, dtype=pl.Float64)
    stamps = pl.Series([START + timedelta(minutes=minute) for minute in minutes], dtype=pl.Datetime("us", "UTC"))
    return pl.DataFrame(
        {"symbol": symbols, "timestamp": stamps, "open": close, "high": close + 1, "low": close - 1, "close": close}
        | {"volume": close * 3}
    )


def written(folder, *frames):
    """Write one file per frame, with small row groups, and return the source."""
    for number, frame in enumerate(frames):
        frame.write_parquet(folder / f"{number}.parquet", row_group_size=7)
    return Parquet(path=str(folder))


def both(source, **words):
    """Return the tape loaded whole and the tapes of the windows; their reports must agree as well."""
    whole, total, windows = reports(source, **words)
    assert total == next(iter(whole.quality.values()))
    return whole.tape, [window.tape for window in windows]


def reports(source, *, window, universe=AB, timezone=MINUTE, quality=None, dates=None, now=None):
    """Return what was loaded whole, the report of the whole pass, with the first rows of each check left out, and the
    windows."""
    quality, dates = quality or Quality(), dates or Window()
    words = {"universe": universe, "timezone": timezone, "quality": quality, "now": now}
    whole = load(source, window=dates, **words)
    windows = tape_windows(source, window=window, dates=dates, **words)
    parts = list(windows)
    assert windows.as_of == whole.as_of
    total = windows.total
    for report in (total, next(iter(whole.quality.values()))):
        for name, check in report["checks"].items():
            # The first in time here, the first by symbol there.
            if name not in {"gap", "coarse"}:
                assert len(check.pop("first")) == min(check["count"], 5)
    return whole, total, parts


def refused(source, error=DataError, **words):
    """Return what going through the windows is refused with."""
    words = {"universe": AB, "timezone": MINUTE, "quality": Quality(), "window": "5min"} | words
    with pytest.raises(error) as caught:
        list(tape_windows(source, **words))
    return str(caught.value)


def steady(symbol, minutes):
    return [(symbol, minute, 10.0 + minute % 3) for minute in minutes]


@settings(max_examples=25, deadline=None)
@given(
    data=st.data(),
    window=st.one_of(st.sampled_from(["1min", "7min", "1h", "2d"]), st.integers(1, 60)),
    files=st.integers(1, 4),
)
def test_windows_put_together_are_the_tape(data, window, files, tmp_path_factory):
    """Whatever the files, the borders and the gaps, the digest is that of the tape loaded whole."""
    minutes = {name: sorted(data.draw(st.sets(st.integers(0, 200), min_size=2, max_size=40))) for name in "AB"}
    frame = bars(*(row for name in "AB" for row in steady(name, [*minutes[name], 201, 202]))).sort("timestamp", "symbol")
    edges = [frame.height * number // files for number in range(files + 1)]
    source = written(tmp_path_factory.mktemp("files"), *(frame[one:two] for one, two in pairwise(edges)))

    whole, parts = both(source, window=window)

    assert tape_digest(joined(parts)) == tape_digest(whole)
    assert all(one.ts.max() <= two.ts.min() for one, two in pairwise(parts))
    assert all(part.symbols == ("B", "A") for part in parts)


@pytest.mark.parametrize("stream", ["quotes", "trades", "depth"])
def test_events_keep_their_order_within_an_instant(tmp_path, stream):
    """Several events of one instant stay in the order of the file, in every stream."""
    words = {"start": "2024-03-04", "end": "2024-03-04", "every": "1min", "levels": 3, "streams": [stream]}
    (raw,) = Generated(**words).read(AB)
    rounded = raw.frame.with_columns(pl.col("timestamp").dt.truncate("5m"))
    rounded.write_parquet(tmp_path / "events.parquet")
    columns = {"bid_price": "bid_price", "ask_price": "ask_price", "bid_size": "bid_size", "ask_size": "ask_size"}
    source = Parquet(path=str(tmp_path), stream=stream, columns=columns if stream == "quotes" else {})

    whole, parts = both(source, window="1h", timezone=EVENT)

    assert len(parts) == 24
    assert tape_digest(joined(parts)) == tape_digest(whole)


def test_daily_bars_of_dates_are_cut_by_days(tmp_path):
    """Stamps that are dates, and a window of session dates that begins and ends inside."""
    days = pl.date_range(date(2024, 3, 1), date(2024, 5, 31), eager=True)
    days = days.filter(days.dt.weekday() < 6)
    frame = bars(*steady("A", range(len(days))), *steady("B", range(len(days))))
    source = written(tmp_path, frame.with_columns(pl.concat([days, days]).alias("timestamp")))
    words = {"timezone": US_DAILY, "dates": Window(start="2024-03-08", end="2024-05-02")}

    whole, parts = both(source, window="10d", **words)

    assert tape_digest(joined(parts)) == tape_digest(whole)
    assert 'window: must be a multiple of the stamps\' own unit, was "12h"' in refused(
        source, ConfigError, timezone=US_DAILY, window="12h"
    )


def test_wall_clock_stamps_are_cut_as_they_are_written(tmp_path):
    """Naive stamps across a change of clocks, in both directions."""
    zone = Timezone(zone="America/New_York", stamp="open", interval="1h", naive="localize", ambiguous="earliest")
    frames = []
    for day in (9, 10, 11):
        hours = [hour for hour in range(24) if (day, hour) != (10, 2)]
        stamps = pl.Series([f"2024-03-{day:02d} {hour:02d}:00:00" for hour in hours]).str.to_datetime()
        frame = bars(*steady("A", range(len(hours))), *steady("B", range(len(hours))))
        frames.append(frame.with_columns(pl.concat([stamps, stamps]).alias("timestamp")))

    whole, parts = both(written(tmp_path, *frames), window="5h", timezone=zone)

    assert tape_digest(joined(parts)) == tape_digest(whole)


def test_lives_are_applied_in_every_window(tmp_path):
    """A renamed instrument goes on under one symbol."""
    old, new = (bars(*steady(name, range(first, first + 30))) for name, first in (("OLD", 0), ("NEW", 1_440)))
    universe = Universe(symbols=("NEW",), lives={"NEW": (Life(ticker="OLD", end="2024-03-04"), Life(start="2024-03-05"))})

    whole, parts = both(written(tmp_path, old, new), window="10min", universe=universe)

    assert len(parts) == 6
    assert tape_digest(joined(parts)) == tape_digest(whole)


def test_rows_that_policies_drop_or_mend_are_the_same(tmp_path):
    """Missing, duplicate, conflicting, inconsistent and worthless rows at every border."""
    frame = bars(*steady("A", range(40)), *steady("B", range(40)))
    spoilt = pl.concat(
        [
            frame.with_columns(
                pl.when(pl.int_range(pl.len()) % 10 == 4).then(None).otherwise("close").alias("close"),
                pl.when(pl.int_range(pl.len()) % 10 == 5).then(0.5).otherwise("high").alias("high"),
                pl.when(pl.int_range(pl.len()) % 10 == 6).then(-1.0).otherwise("low").alias("low"),
            ),
            frame[9:10],
            frame[19:20].with_columns(pl.col("close") + 0.25),
        ]
    ).sort("timestamp", maintain_order=True)
    policies = {"missing": "drop", "duplicate": "drop", "conflict": "drop", "inconsistent": "repair", "nonpositive": "drop"}

    whole, parts = both(written(tmp_path, spoilt), window="5min", quality=Quality(**policies))

    assert whole.rows < frame.height
    assert tape_digest(joined(parts)) == tape_digest(whole)


@pytest.mark.parametrize("window", ["1min", "7min", "1d"])
@pytest.mark.parametrize("known", [9.5, 10, 20])
def test_bars_known_later_than_now_are_still_forming_as_in_the_whole(tmp_path, window, known):
    """A moment inside a bar, one at which a bar is known, and one at which all are; both symbols, wherever the border is."""
    now = round((START + timedelta(minutes=known)).timestamp()) * 10**9
    source = written(tmp_path, bars(*steady("A", range(20)), *steady("B", [*range(9), 10])))
    forming = sum(minute + 1 > known for minute in [*range(20), *range(9), 10])

    whole, total, windows = reports(source, window=window, now=now)

    assert total == whole.quality["bars"]
    assert total["checks"]["forming"]["count"] == forming
    assert tape_digest(joined([each.tape for each in windows])) == tape_digest(whole.tape)
    if forming:
        text = refused(source, window=window, now=now, quality=Quality(forming="error"))
        assert "quality.forming: no bar may be known later than it was read" in text


def test_a_window_of_which_nothing_is_left_is_passed_over(tmp_path):
    """Policies may drop every row of a stretch."""
    frame = bars(*steady("A", range(20)), *steady("B", range(20)))
    spoilt = frame.with_columns(
        pl.when(pl.col("timestamp") < START + timedelta(minutes=10)).then(None).otherwise("close").alias("close")
    )

    whole, parts = both(written(tmp_path, spoilt), window="5min", quality=Quality(missing="drop"))

    assert len(parts) == 2
    assert tape_digest(joined(parts)) == tape_digest(whole)


def test_rows_behind_a_border_that_belong_before_it_are_refused(tmp_path):
    """A later line with an earlier stamp is found although its window was read before; the policy to sort puts it there."""
    source = written(tmp_path, bars(*steady("A", [0, 1, 10, 11]), *steady("B", range(12))), bars(*steady("A", [2, 3])))

    assert "quality.unsorted: stamps of a symbol must not go backwards" in refused(source)
    whole, total, windows = reports(source, window="5min", quality=Quality(unsorted="sort"))
    assert tape_digest(joined([window.tape for window in windows])) == tape_digest(whole.tape)
    assert "2 rows of A stood before rows of an earlier window: put in order" in total["notes"]


FAULTS = {
    "a duplicate": ([("A", 4), ("A", 4)], "quality.duplicate"),
    "a split": ([("A", minute, 100.0 if minute < 5 else 50.0) for minute in range(10)], "quality.split"),
    "a stale stretch": ([("A", minute, 10.0) for minute in range(4, 40)], "quality.stale"),
    "an outlier": (
        [("A", minute, 35.0 if minute == 15 else 10 + minute % 2 / 10) for minute in range(30)],
        "quality.outlier",
    ),
    "pence": ([("A", minute, 10.0 if minute < 15 else 1000.0 + minute % 2) for minute in range(30)], "quality.unit"),
}


@pytest.mark.parametrize("window", ["5min", "1min", "1d"])
@pytest.mark.parametrize("what", FAULTS)
def test_what_is_wrong_across_a_border_is_refused(tmp_path, what, window):
    """Faults that lie between two rows or in a stretch of them are found wherever the border is."""
    rows, where = FAULTS[what]
    source = written(tmp_path, bars(*rows, *steady("B", range(45))))

    assert where in refused(source, window=window, quality=Quality(stale="error", outlier="error"))


def test_bars_that_are_not_as_long_as_declared_are_refused(tmp_path):
    """Ten-minute bars declared as one-minute bars: no window shows it alone, all of them together do."""
    source = written(tmp_path, bars(*steady("A", range(0, 600, 10)), *steady("B", range(0, 600, 10))))

    assert 'timezone.interval: must be the length of one bar, was "1min"' in refused(source, window="5min")


def test_sparse_windows_are_not_mistaken_for_longer_bars(tmp_path):
    """Bars far apart in one window are fine where others lie as close as declared."""
    sparse = [minute * minute // 7 for minute in range(20, 120)]
    source = written(tmp_path, bars(*steady("A", [*sparse, 2_030]), *steady("B", [*sparse, 2_030, 2_031])))

    whole, parts = both(source, window="2h")

    assert tape_digest(joined(parts)) == tape_digest(whole)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            {"quality": Quality(outlier="drop")},
            "quality.outlier: must not leave rows out where data are read window by window",
        ),
        (
            {"quality": Quality(stale="drop")},
            "quality.stale: must not leave rows out where data are read window by window, was drop. Write error or keep, or "
            "load the data whole: whether too many rows are alike is known so many rows later.",
        ),
        ({"quality": Quality(unit="drop")}, "the right unit is the one most rows of the whole history are in"),
    ],
)
def test_what_needs_the_whole_data_is_refused_before_reading(tmp_path, words, message):
    """A policy that later rows could change would give another tape than loading whole; the reason is said."""
    assert message in refused(Parquet(path=str(tmp_path / "nothing.parquet")), ConfigError, **words)


def test_absent_symbols_and_unreadable_columns_are_refused(tmp_path):
    """The same symbols must be there, and columns must have their types: nothing is parsed on the way."""
    frame = bars(*steady("A", range(5)))
    source = written(tmp_path, frame)
    assert 'universe.symbols: must name symbols the data have, was "B"' in refused(source)

    text = written(tmp_path, frame.with_columns(pl.col("close").cast(pl.String)))
    assert "data.columns.close: must be a column of numbers in 0.parquet, was String" in refused(text)

    empty = written(tmp_path, frame.with_columns(pl.lit(None, dtype=frame.schema["timestamp"]).alias("timestamp")))
    assert "0.parquet: must have a stamp and a symbol in every row" in refused(empty)


def test_windows_of_rows_hold_about_as_many(tmp_path):
    """No window holds more than asked for where stamps are fine enough, and few hold less than half."""
    source = written(tmp_path, bars(*steady("A", range(500)), *steady("B", range(500))))

    _, parts = both(source, window=100)

    assert [part.rows for part in parts] == [100] * 10


def test_memory_follows_the_window_and_not_the_data(tmp_path):
    """Four times as many files need no more numpy memory than one."""
    peaks = []
    for files in (2, 8):
        folder = tmp_path / str(files)
        folder.mkdir()
        for number in range(files):
            (raw,) = Generated(start=f"2024-03-{number + 1:02d}", end=f"2024-03-{number + 1:02d}", interval="1min").read(AB)
            raw.frame.write_parquet(folder / f"{number}.parquet")
        words = {
            "universe": AB,
            "timezone": MINUTE,
            "quality": Quality(split="keep", outlier="keep", unit="keep"),
            "window": "1d",
        }
        tracemalloc.start()
        rows = sum(window.tape.rows for window in tape_windows(Parquet(path=str(folder)), **words))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert rows == files * 2 * 1_440

    assert peaks[1] < 1.5 * peaks[0]
    assert np.all(np.array(peaks) > 0)


def gap_minutes(*holes):
    return [minute for minute in range(120) if minute not in holes]


AROUND_THE_CLOCK = Timezone(zone="UTC", stamp="open", interval="1min", calendar="24-7")


@pytest.mark.parametrize("window", ["1min", "7min", "1h", 10])
def test_gaps_across_borders_are_counted_once(tmp_path, window):
    """Holes inside windows, across borders and longer than windows; each window reports those that end in it."""
    holes = {"A": gap_minutes(3, 4, 6, *range(8, 36), 80), "B": gap_minutes(0, 1, *range(50, 120))}
    source = written(tmp_path, bars(*steady("A", holes["A"]), *steady("B", holes["B"])))

    whole, total, windows = reports(source, window=window, timezone=AROUND_THE_CLOCK)

    assert total == whole.quality["bars"]
    assert total["checks"]["gap"]["symbols"] == {"A": 32}
    assert sum(each.quality["checks"]["gap"]["count"] for each in windows) == 32
    assert sum(each.quality["checks"]["gap"]["expected"] for each in windows) == 120 + 48


@settings(max_examples=10, deadline=None)
@given(data=st.data(), window=st.sampled_from(["1h", "2h", "1d", "3d"]), hours=st.sampled_from(["XHKG", "fixed"]))
def test_gaps_by_an_exchange_s_hours_are_those_of_the_whole(data, window, hours, tmp_path_factory):
    """Lunch, holidays, empty windows, and days that only the other symbol has; hourly bars counted from the open."""
    noon = ("05:00", "06:00", "07:00") if hours == "XHKG" else ("04:30", "05:30", "06:30")
    opens = [f"{day} {hour}" for day in (23, 27, 30) for hour in ("01:30", "02:30", "03:30", *noon)]
    instants = [datetime.fromisoformat(f"2024-12-{each}").replace(tzinfo=UTC) for each in opens]
    held = {name: sorted(data.draw(st.sets(st.integers(0, 17), min_size=1))) for name in "AB"}
    frame = bars(*(row for name in "AB" for row in steady(name, held[name])))
    stamps = pl.Series([instants[each] for name in "AB" for each in held[name]], dtype=pl.Datetime("us", "UTC"))
    timezone = Timezone(
        zone="Asia/Hong_Kong",
        stamp="open",
        interval="1h",
        calendar="XHKG" if hours == "XHKG" else None,
        session=None if hours == "XHKG" else Session(open="09:30", close="16:00"),
    )

    source = written(tmp_path_factory.mktemp("files"), frame.with_columns(stamps.alias("timestamp")))

    whole, total, _ = reports(source, window=window, timezone=timezone)
    assert total["checks"]["gap"] == whole.quality["bars"]["checks"]["gap"]


def test_a_gap_is_refused_where_it_ends(tmp_path):
    """The windows before it are handed out, with the policy `error` too."""
    source = written(tmp_path, bars(*steady("A", gap_minutes(30, 31))))
    words = {"universe": Universe(symbols=("A",)), "timezone": AROUND_THE_CLOCK, "quality": Quality(gap="error")}
    windows = tape_windows(source, window="20min", **words)

    assert next(windows).tape.rows == 20
    with pytest.raises(DataError, match=r"quality.gap: .* 2 bars are missing \(A 2\)"):
        next(windows)
    assert "quality.gap: error needs to know when the market is open" in refused(source, **{**words, "timezone": MINUTE})


@pytest.mark.parametrize(("policy", "minutes"), [("late", range(60, 120)), ("early", range(60))])
def test_symbols_that_start_late_or_stop_early_are_refused_behind_the_last_window(tmp_path, policy, minutes):
    """As loading whole refuses them."""
    days = [*steady("A", range(0, 24 * 60 * 4, 60))]
    other = [(name, minute * 24, *rest) for name, minute, *rest in steady("B", minutes)]
    source = written(tmp_path, bars(*days, *other))
    words = {"universe": Universe(symbols=("B", "A"), **{policy: "error"}), "quality": Quality(coarse="keep", split="keep")}

    with pytest.raises(DataError) as caught:
        load(source, window=Window(), timezone=MINUTE, **words)
    assert str(caught.value) == refused(source, window="6h", **words)


def test_longer_bars_of_one_symbol_are_refused_behind_the_last_window(tmp_path):
    """Hours beside minutes: no window holds twenty of them. Kept, they are counted in the total."""
    source = written(tmp_path, bars(*steady("A", range(0, 1_800, 60)), *steady("B", range(200))))

    text = refused(source, window="5h")
    assert 'quality.coarse: every symbol\'s bars must be as long as timezone.interval, was "1min"' in text
    assert "A: 30 bars, mostly 1h apart" in text

    whole, total, windows = reports(source, window="5h", quality=Quality(coarse="keep"))
    assert total == whole.quality["bars"]
    assert total["checks"]["coarse"]["symbols"] == {"A": 30}
    assert all("coarse" not in window.quality["checks"] for window in windows)


@pytest.mark.parametrize("window", ["1min", "4min", "10min", "1h"])
def test_what_is_kept_is_counted_once_wherever_the_border_is(tmp_path, window):
    """Stretches that become stale by their length, an outlier known as one by the next row, and volumes that aren't known."""
    lively = [10 + minute % 2 / 100 for minute in range(120)]
    lively[60:100] = [10.0] * 40
    lively[30] = 13.0
    frame = bars(*(("A", minute, price) for minute, price in enumerate(lively)), *steady("B", range(120)))
    unknown = pl.when(pl.int_range(pl.len()) % 10 == 3).then(None).otherwise("volume").alias("volume")
    source = written(tmp_path, frame.with_columns(unknown))

    whole, total, windows = reports(source, window=window, quality=Quality(stale="keep", stale_rows=5, outlier="keep"))

    assert total == whole.quality["bars"]
    checks = total["checks"]
    counts = {name: sum(each.quality["checks"][name]["count"] for each in windows) for name in ("stale", "outlier")}
    assert counts == {name: checks[name]["count"] for name in counts}
    assert counts["outlier"] == 1
    assert "volume is unknown (NaN) in 24 rows" in total["notes"]


def test_each_window_has_a_report_of_its_own_rows(tmp_path):
    """Rows, symbols and what was found, none of it of the rows before."""
    frame = bars(*steady("A", range(20)), *steady("B", range(10)))
    spoilt = frame.with_columns(pl.when(pl.int_range(pl.len()) == 12).then(None).otherwise("close").alias("close"))
    source = written(tmp_path, spoilt)

    _, _, (one, two) = reports(source, window="10min", quality=Quality(missing="drop"))

    assert (one.quality["rows_read"], one.quality["rows_kept"]) == (20, 20)
    assert (two.quality["rows_read"], two.quality["rows_kept"]) == (10, 9)
    assert one.quality["checks"]["missing"]["count"] == 0
    assert two.quality["checks"]["missing"]["symbols"] == {"A": 1}
    assert two.quality["symbols"] == {
        "A": {"rows": 9, "first": "2024-03-04T00:11:00Z", "last": "2024-03-04T00:20:00Z"},
    }


def test_what_hours_and_lives_leave_out_is_noted(tmp_path):
    """In every window and in the total, as loading whole notes it."""
    source = written(tmp_path, bars(*steady("OLD", range(0, 2_880, 30)), *steady("A", range(0, 2_880, 30))))
    universe = Universe(symbols=("NEW", "A"), lives={"NEW": (Life(ticker="OLD", end="2024-03-04"),)})
    session = Session(open="06:00", close="20:00")
    timezone = Timezone(zone="UTC", stamp="open", interval="30min", session=session, out_of_session="drop")

    whole, total, windows = reports(source, window="1d", universe=universe, timezone=timezone)

    assert total == whole.quality["bars"]
    assert total["notes"] == [
        "40 of 96 rows (42 %) of A lie outside the hours and were left out",
        "40 of 96 rows (42 %) of OLD lie outside the hours and were left out",
        "28 rows of ticker OLD lie outside of universe.lives and were left out",
    ]
    assert [len(each.quality["notes"]) for each in windows] == [2, 3]
    assert (total["rows_read"], total["rows_kept"]) == (192, 84)
    assert total["left_out"] == {"out_of_session": 80, "lives": 28}


@pytest.mark.parametrize("window", ["1h", "1d", 1])
def test_windows_of_rows_that_are_all_left_out_count_in_the_total(tmp_path, window):
    """A Saturday between a Friday and a Monday, and a ticker before it was the symbol's: every row is accounted for."""
    minutes = [day * 1_440 + 900 for day in (4, 5, 6, 7)]
    source = written(tmp_path, bars(*steady("OLD", minutes), *steady("A", minutes)))
    universe = Universe(symbols=("NEW", "A"), lives={"NEW": (Life(ticker="OLD", start="2024-03-09"),)})
    timezone = Timezone(zone="America/New_York", stamp="open", interval="1min", calendar="XNYS", out_of_session="drop")

    whole, total, windows = reports(source, window=window, universe=universe, timezone=timezone)

    assert total == whole.quality["bars"]
    assert len(windows) == 2
    assert sum("outside the hours" in note for note in total["notes"]) == 2
    assert any("outside of universe.lives" in note for note in total["notes"])


HALVES = [day * 1_440 + minute for day in range(5) for minute in range(870, 1_260, 30)]
"""When half hours of New York open, in minutes from a Monday's midnight in UTC, over a week in winter."""
NEW_YORK = Timezone(zone="America/New_York", stamp="open", interval="30min", calendar="XNYS", out_of_session="drop")


@pytest.mark.parametrize("window", ["30min", "1d", "3d", 40])
def test_one_row_of_every_session_left_out_is_noted_as_in_the_whole(tmp_path, window):
    """Half hours stamped with their close and declared as opens lose the last one of each day, wherever the border is."""
    source = written(tmp_path, bars(*steady("A", [minute + 30 for minute in HALVES]), *steady("B", HALVES)))

    whole, total, _ = reports(source, window=window, timezone=NEW_YORK)

    assert total == whole.quality["bars"]
    assert "1 row of nearly every session of A, stamped 16:00, was left out: is timezone.stamp right?" in total["notes"]


@pytest.mark.parametrize("window", ["30min", "1d", "3d", 40])
def test_sessions_cut_off_at_their_ends_are_noted_as_in_the_whole(tmp_path, window):
    """A symbol that begins late in the first session and one that ends early in the last, where gaps are refused."""
    source = written(tmp_path, bars(*steady("A", HALVES[4:]), *steady("B", HALVES[:-6])))

    whole, total, _ = reports(source, window=window, timezone=NEW_YORK, quality=Quality(gap="error"))

    assert total == whole.quality["bars"]
    assert total["notes"] == [
        "bars begin too late in the first session: A by 2h; were earlier ones cut off?",
        "bars end too early in the last session: B by 3h; were later ones cut off?",
    ]


@pytest.mark.parametrize("window", ["30min", "1h", "1d"])
def test_a_handful_of_bars_equally_far_apart_is_noted_as_in_the_whole(tmp_path, window):
    """Four hours of one symbol beside the minutes of another; no window holds them all."""
    source = written(tmp_path, bars(*steady("A", [0, 60, 120, 180]), *steady("B", range(200))))

    whole, total, _ = reports(source, window=window)

    assert total == whole.quality["bars"]
    assert len(total["notes"]) == 1


def test_a_pass_without_rows_is_refused_as_loading_whole_is(tmp_path):
    """Dates without rows, and policies that leave nothing."""
    frame = bars(*steady("A", range(20)), *steady("B", range(20)))
    source = written(tmp_path, frame.with_columns(pl.lit(None, dtype=pl.Float64).alias("close")))
    nowhere = {"dates": Window(start="2023-01-01", end="2023-01-02")}
    dropped = {"quality": Quality(missing="drop")}

    assert "The universe's rows span 2024-03-04 to 2024-03-04" in refused(source, **nowhere)
    assert "quality: must leave at least one row, was none after dropping (missing 40)" in refused(source, **dropped)


def test_instants_shared_by_files_are_counted(tmp_path):
    """Trades of one instant in two files: a note in the window and the total."""
    stamps = pl.Series([START + timedelta(minutes=minute) for minute in (0, 1, 70)], dtype=pl.Datetime("us", "UTC"))
    trades = pl.DataFrame({"symbol": ["A"] * 3, "timestamp": stamps, "price": [10.0, 10.1, 10.2], "size": [1.0, 2.0, 3.0]})
    for number in (0, 1):
        trades.with_columns(pl.col("size") + number).write_parquet(tmp_path / f"{number}.parquet")
    source = Parquet(path=str(tmp_path), stream="trades", columns={"side": None})
    universe, quality = Universe(symbols=("A",)), Quality(unsorted="sort")

    _, total, windows = reports(source, window="1h", universe=universe, timezone=EVENT, quality=quality)

    note = "rows in more than one file; which came first, the order of the files decides"
    assert f"3 instants have {note}" in total["notes"]
    assert [f"2 instants have {note}" in windows[0].quality["notes"], len(windows)] == [True, 2]
