"""From a source to a tape."""

import hashlib
import json
import struct
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.errors import ConfigError, DataError
from runner.market.digest import tape_digest
from runner.market.load import config_faults
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

DAYS = [date(2024, 1, 1) + timedelta(days=day) for day in range(10)]
TWO = [("A", DAYS[0]), ("A", DAYS[1]), ("B", DAYS[1]), ("B", DAYS[2])]


def told(error, run):
    with pytest.raises(error) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def test_rows_lie_by_symbol_in_the_universe_s_order(loaded):
    """Codes, offsets and rows follow the universe, not the file."""
    tape = loaded(TWO, symbols=("B", "A")).tape

    assert tape.symbols == ("B", "A")
    assert tape.symbol.tolist() == [0, 0, 1, 1]
    assert tape.offsets.tolist() == [0, 2, 4]
    assert tape.session.tolist() == [19724, 19725, 19723, 19724]


def test_a_tape_is_made_of_arrays_that_cannot_be_written_to(loaded):
    """Types are the declared ones; every array is contiguous and read-only, so that nothing changes the market behind a run."""
    tape = loaded(TWO).tape

    arrays = {"ts": tape.ts, "opened": tape.opened, "session": tape.session, "symbol": tape.symbol, "offsets": tape.offsets}
    types = {"ts": np.int64, "opened": np.int64, "session": np.int32, "symbol": np.int32, "offsets": np.int64}
    assert {name: array.dtype for name, array in arrays.items()} == types
    assert {array.dtype.type for array in tape.columns.values()} == {np.float64}
    assert tuple(tape.columns) == ("open", "high", "low", "close", "volume")
    for array in (*arrays.values(), *tape.columns.values()):
        assert array.flags.c_contiguous
        assert not array.flags.writeable


def test_bars_open_before_they_are_known_and_ascend(loaded):
    """Within a symbol instants ascend strictly, and no bar is known before it opened."""
    tape = loaded([("A", day) for day in DAYS]).tape

    assert (tape.opened < tape.ts).all()
    assert all(earlier < later for earlier, later in pairwise(tape.ts.tolist()))


@pytest.mark.parametrize(
    ("window", "kept"),
    [
        (Window(), list(range(10))),
        (Window(start="2024-01-03"), list(range(2, 10))),
        (Window(end="2024-01-03"), [0, 1, 2]),
        (Window(start="2024-01-03", end="2024-01-03"), [2]),
    ],
)
def test_the_window_includes_both_ends(loaded, window, kept):
    """Session dates from start to end, both included."""
    tape = loaded([("A", day) for day in DAYS], window=window).tape

    assert (tape.session - 19723).tolist() == kept


def test_faulty_rows_outside_the_window_do_not_matter(loaded):
    """The gate judges what the run looks at."""
    bad = ("A", DAYS[0], None, None, None, None, None)

    data = loaded([bad, ("A", DAYS[1]), ("A", DAYS[2])], window=Window(start="2024-01-02"))

    report = data.quality["bars"]
    assert (report["rows_read"], report["rows_kept"], report["left_out"]) == (3, 2, {"window": 1})


def test_a_symbol_without_rows_in_the_window_is_noted(loaded):
    """Its range on the tape is empty, and the report says so."""
    data = loaded(TWO, window=Window(end="2024-01-01"))

    assert data.tape.offsets.tolist() == [0, 1, 1]
    assert data.quality["bars"]["notes"] == ["B has no rows in the window"]


def test_an_empty_window_says_which_dates_there_are(loaded):
    """The span available is in the message."""
    assert told(DataError, lambda: loaded(TWO, window=Window(start="2025-01-01"))) == (
        "  window: must hold at least one row of the data, was 2025-01-01 to the end. "
        "The universe's rows span 2024-01-01 to 2024-01-03; write dates among them."
    )


def test_configuration_faults_come_at_once_and_before_reading(loaded):
    """Universe, window, time zone and quality are judged together."""
    text = told(
        ConfigError,
        lambda: loaded(
            TWO,
            symbols=("A", "A"),
            window=Window(start="2024-02-01", end="2024-01-01"),
            timezone=Timezone(zone="UTC", stamp="open"),
            missing="keep",
        ),
    )

    assert [line.split(":")[0].strip() for line in text.splitlines()] == [
        "quality.missing",
        "timezone.interval",
        "universe.symbols",
        "window",
    ]
    assert '  universe.symbols: must name each symbol once, was "A" 2 times. Write it once.' in text
    assert (
        '  window: must start on or before its end, was "2024-02-01" to "2024-01-01". Exchange window.start and window.end.'
    ) in text


def test_a_day_that_does_not_exist_is_a_fault(daily):
    """The 30th of February has the right shape and is no day."""
    window = Window(start="2024-02-30", end="2023-02-29")

    faults = config_faults(universe=Universe(symbols=("A",)), window=window, timezone=daily, quality=Quality())

    assert [str(fault) for fault in faults] == [
        'window.start: must be a day of the calendar, was "2024-02-30". Write YYYY-MM-DD, e.g. "2005-01-31".',
        'window.end: must be a day of the calendar, was "2023-02-29". Write YYYY-MM-DD, e.g. "2005-01-31".',
    ]


def test_a_symbol_the_source_does_not_have_is_a_fault(loaded):
    """A source that doesn't check its symbols is checked here."""
    assert told(DataError, lambda: loaded(TWO, symbols=("A", "BB"))) == (
        '  universe.symbols: must name symbols the data have, was "BB". Did you mean B? Known: A, B.'
    )


def test_symbols_outside_the_universe_are_left_out(loaded):
    """A source that hands out more than was asked for changes nothing."""
    assert tape_digest(loaded(TWO, symbols=("A",)).tape) == tape_digest(loaded(TWO[:2]).tape)


def test_a_source_that_breaks_its_contract_is_told_so(loaded, bars):
    """A frame without a column, or with numbers as text, is refused with the column's name."""
    frame = bars(TWO).drop("volume").with_columns(pl.col("close").cast(pl.String))

    assert told(DataError, lambda: loaded(frame)) == (
        "  data: the source must give bars with every column, was no volume. Add it to the frame.\n"
        "  data: the source must give close as Float64, was String. Cast the column."
    )


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(DAYS),
        st.sampled_from([9.5, 10.0, None, -1.0]),
        st.just(11.0),
        st.sampled_from([9.0, 10.2]),
        st.just(10.5),
        st.sampled_from([100.0, 0.0, -0.0, float("nan"), None]),
    ),
    min_size=1,
    max_size=25,
)
LENIENT = {
    "missing": "drop",
    "unsorted": "sort",
    "duplicate": "drop",
    "conflict": "drop",
    "inconsistent": "drop",
    "nonpositive": "keep",
}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rows=ROWS)
def test_the_order_of_rows_does_not_change_the_tape(loaded, data, rows):
    """Any permutation of the rows gives the same tape bit for bit, or the same refusal."""
    shuffled = data.draw(st.permutations(rows))
    rows = [*rows, ("Z", DAYS[0])]
    symbols = tuple(sorted({row[0] for row in rows}))

    once, again = (loaded(given_rows, symbols=symbols, **LENIENT) for given_rows in (rows, [("Z", DAYS[0]), *shuffled]))

    assert tape_digest(once.tape) == tape_digest(again.tape)
    counted = {name: check["count"] for name, check in once.quality["bars"]["checks"].items() if name != "unsorted"}
    assert counted == {name: check["count"] for name, check in again.quality["bars"]["checks"].items() if name != "unsorted"}
    json.dumps(once.quality, allow_nan=False)


def test_one_changed_bit_changes_the_digest(loaded):
    """Every array and every name counts."""
    rows = [("A", DAYS[0], 10.0, 11.0, 9.0, 10.5, 100.0), ("A", DAYS[1], 10.0, 11.0, 9.0, 10.5, 100.0)]
    base = tape_digest(loaded(rows).tape)

    others = [
        [rows[0], ("A", DAYS[1], 10.0, 11.0, 9.0, np.nextafter(10.5, 11), 100.0)],
        [rows[0], ("A", DAYS[2], *rows[1][2:])],
        [rows[0], ("A", DAYS[1], 10.0, 11.0, 9.0, 10.5, None)],
        [("B", *row[1:]) for row in rows],
        rows[:1],
    ]

    assert len({base, *(tape_digest(loaded(other).tape) for other in others)}) == 6


def test_the_digest_is_taken_over_little_endian_bytes(loaded):
    """Built here by hand for one bar: each name with its length before it, then the bytes of its array."""
    opened, known = 1_704_119_400 * 10**9, 1_704_142_800 * 10**9
    parts = [
        ("ts <i8 (1,)", struct.pack("<q", known)),
        ("opened <i8 (1,)", struct.pack("<q", opened)),
        ("session <i4 (1,)", struct.pack("<i", 19723)),
        ("symbol <i4 (1,)", struct.pack("<i", 0)),
        ("offsets <i8 (2,)", struct.pack("<qq", 0, 1)),
        ("close <f8 (1,)", struct.pack("<d", 10.5)),
        ("high <f8 (1,)", struct.pack("<d", 11.0)),
        ("low <f8 (1,)", struct.pack("<d", 9.0)),
        ("open <f8 (1,)", struct.pack("<d", 10.0)),
        ("volume <f8 (1,)", struct.pack("<d", 100.0)),
    ]
    stream = b"".join(
        struct.pack("<q", len(name)) + name.encode() + data for name, data in [("bars", b""), ("AB", b""), *parts]
    )

    assert tape_digest(loaded([("AB", DAYS[0])]).tape) == hashlib.sha256(stream).hexdigest()
