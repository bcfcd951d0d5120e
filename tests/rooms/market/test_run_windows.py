"""What a run reads window by window: what it can't, and what is known of the whole behind the last window."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from markets import minutes, tape_of
from streamed import cut

from runner.errors import ConfigError
from runner.kinds import FolderKinds
from runner.market.digest import RowsDigest
from runner.market.run_data import run_data
from runner.market.run_windows import run_windows, window_source_faults
from runner.spec.run import RunSpec

MINUTE = 60_000_000_000
POLICY = {"zone": "America/New_York", "stamp": "open", "interval": "1min", "calendar": "XNYS", "out_of_session": "drop"}


@pytest.fixture
def path(tmp_path):
    """Minutes of four sessions around a weekend, the last of which isn't there until noon."""
    opens = [datetime(2024, 3, day, 14, 30, tzinfo=UTC) for day in (7, 8)]
    opens += [datetime(2024, 3, day, 13, 30, tzinfo=UTC) for day in (11, 12)]
    stamps = [begin + timedelta(minutes=k) for begin in opens for k in range(20)]
    price = pl.Series(100.0 + np.arange(len(stamps)) % 7)
    frame = pl.DataFrame({"symbol": ["A"] * len(stamps), "timestamp": stamps, "open": price, "high": price + 1})
    frame = frame.with_columns(low=price - 1, close=price, volume=price)
    frame.write_parquet(tmp_path / "bars.parquet")
    return tmp_path / "bars.parquet"


def spec(data, window="1d", **sections):
    values = {
        "data": data,
        "universe": {"symbols": ["A"]},
        "timezone": POLICY,
        "signal": {"long": {"enter": "close > 1", "exit": "close > 2"}},
        "sizing": {"kind": "units", "units": 1.0},
        "fill": {"kind": "next_open"},
        "slippage": {"kind": "none"},
        "fees": {"kind": "none"},
        "mode": {"kind": "backtest"},
        "engine": {"kind": "native", "window": window},
        **sections,
    }
    return RunSpec.of(values, FolderKinds())


def test_sessions_digests_counts_and_rows_are_those_of_the_whole(path):
    """Behind the last window; how far the reading is grows to one."""
    asked = spec({"kind": "parquet", "path": str(path)})
    whole = run_data(asked, asked.data, now=None)

    windows = run_windows(asked, now=None)
    shares = [windows.share for _ in windows.tapes["bars"]]
    parts = windows.market(whole.tapes)

    assert shares == sorted(shares)
    assert len(shares) == 4
    assert windows.share == 1.0
    assert parts.digests == whole.digests
    one, other = (found.calendars["bars"]["A"] for found in (parts, whole))
    held = np.isin(other.days, one.days)
    assert set(np.unique(whole.tape.session).tolist()) <= set(one.days.tolist())
    assert one.open_ns.tolist() == other.open_ns[held].tolist()
    assert one.close_ns.tolist() == other.close_ns[held].tolist()
    for key in ("rows_read", "rows_kept", "symbols", "notes"):
        assert parts.quality["bars"][key] == whole.quality["bars"][key]


def test_the_digest_of_rows_tells_rows_apart_and_not_windows():
    """Cut anywhere it is the same; another value, symbol or stream is another."""
    tape = tape_of("bars", {"A": minutes(*[(10, 11, 9, 10, k) for k in range(9)]), "B": minutes((1, 2, 1, 2, 0), start=3)})
    changed = replace(tape, columns={**tape.columns, "close": tape.columns["close"] + 1})
    renamed = replace(tape, symbols=("A", "C"))

    def digest(parts, stream="bars"):
        parts = list(parts)
        found = RowsDigest(stream, parts[0].symbols)
        for part in parts:
            found.add(part)
        return found.text

    whole = digest([tape])
    assert {digest(cut(tape, [k * MINUTE for k in ends])) for ends in ([], [1], [2, 3, 4], range(9))} == {whole}
    assert len({whole, digest([changed]), digest([renamed]), digest([tape], "quotes")}) == 4


PART = {"kind": "parquet", "path": "bars"}


@pytest.mark.parametrize(
    ("data", "was"),
    [
        ({"kind": "csv", "path": "x.csv"}, "data of kind csv"),
        ({"kind": "combined", "parts": {"a": PART, "b": {"kind": "csv", "path": "x.csv"}}}, "data.parts.b of kind csv"),
        ({"kind": "combined", "parts": {"a": {**PART, "symbols": ["A"]}}}, "data.parts.a"),
        ({"kind": "combined", "parts": {"a": PART, "b": PART}}, "bars"),
        ({**PART, "adjust": "total"}, "total"),
    ],
)
def test_data_that_do_not_come_in_windows_are_refused(data, was):
    """Before a file is looked at; the fault says what they are."""
    assert [fault.was for fault in window_source_faults(spec(data))] == [was]


def test_a_window_shorter_than_stamps_can_tell_is_a_fault_of_its_key(tmp_path):
    """Daily dates in windows of an hour."""
    days = pl.date_range(date(2024, 3, 4), date(2024, 3, 8), eager=True)
    frame = pl.DataFrame({"symbol": ["A"] * len(days), "timestamp": days})
    frame.with_columns(open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0).write_parquet(tmp_path / "days.parquet")
    policy = {"zone": "America/New_York", "stamp": "session", "calendar": "XNYS"}

    with pytest.raises(ConfigError) as caught:
        run_windows(spec({"kind": "parquet", "path": str(tmp_path)}, "1h", timezone=policy), now=None)

    assert [fault.where for fault in caught.value.faults] == ["engine.window"]
