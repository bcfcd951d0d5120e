"""Symbols passed over at a glance: no check has anything to say about them, and what is done to others leaves them alone."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.market.arrange import arranged
from runner.market.batch import FORMING, Batch, batches
from runner.market.calm import BLOCK, VOUCHED, restless
from runner.market.checks import CHECKS
from runner.market.origin import with_origin
from runner.market.quality import gate
from runner.spec.quality import Quality

SYMBOLS = ("A", "B", "C")
VALUES = ("open", "high", "low", "close", "volume")
MINUTE = 60 * 10**9
ROWS = 80
QUALITY = Quality(stale_rows=10)
SPOILED = (0.0, -0.0, -1.0, 0.5, 0.98, 1.02, 1.5, 2.0, 10.0, 100.0, float("nan"), float("inf"), float("-inf"))


def bars(symbol, *, rows=ROWS, **changed):
    """Minutes of which each closes a little higher or lower than it opened, and opens where the one before closed."""
    closes = [100.0 * (1.002 if at % 2 else 1.0) for at in range(rows)]
    opens = [closes[0], *closes[:-1]][:rows]
    known = [MINUTE * (at + 1) for at in range(rows)]
    columns = {
        "open": opens,
        "high": [max(pair) + 0.1 for pair in zip(opens, closes, strict=True)],
        "low": [min(pair) - 0.1 for pair in zip(opens, closes, strict=True)],
        "close": closes,
        "volume": [float(at % 7) for at in range(rows)],
        "known": known,
        "opened": [each - MINUTE for each in known],
        "session": [19_700 + at // 40 for at in range(rows)],
        **changed,
    }
    frame = pl.DataFrame({"symbol": [symbol] * rows, "timestamp": known, **columns})
    types = {
        **dict.fromkeys(VALUES, pl.Float64),
        "known": pl.Int64,
        "opened": pl.Int64,
        "timestamp": pl.Datetime("ns", "UTC"),
    }
    return with_origin(frame.with_columns(pl.col(name).cast(to) for name, to in types.items()), "a").with_columns(
        pl.col("session").cast(pl.Int32).cast(pl.Date)
    )


def all_of(*frames):
    return arranged(pl.concat(frames, rechunk=True), SYMBOLS)


def named(frame, quality=QUALITY):
    return [SYMBOLS[code] for code in restless(frame, quality)]


def marked(frame, quality=QUALITY):
    """Check → symbols with a row it marks, running every check over every row."""
    found = {}
    for rows in batches(frame):
        finite = [pl.when(pl.col(name).is_finite()).then(pl.col(name) + 0.0).alias(name) for name in VALUES]
        batch = Batch(rows.with_columns(finite), "bars", 0, quality)
        for check in CHECKS:
            if "bars" in check.streams:
                found.setdefault(check.name, set()).update(batch.frame.filter(check.mask(batch))["symbol"].to_list())
    return found


def test_quiet_bars_are_calm():
    """Volumes of zero, a night, and moves of a fifth of a per cent are nothing to look at."""
    assert named(all_of(bars("A"), bars("C"))) == []


def test_symbols_without_rows_are_not_named():
    """There is nothing to judge."""
    assert named(all_of(bars("B", volume=[-1.0] * ROWS))) == ["B"]
    assert named(all_of(bars("A")).clear()) == []


@pytest.mark.parametrize("value", SPOILED)
@pytest.mark.parametrize("column", VALUES)
@pytest.mark.parametrize("at", [0, 1, 40, ROWS - 1])
def test_a_value_a_check_marks_is_seen(column, value, at):
    """Prices as multiples of what they were, volumes as they are; whatever a check marks is a symbol that is named."""
    plain = bars("B")[column].to_list()
    plain[at] = value if column == "volume" else plain[at] * value
    frame = all_of(bars("A"), bars("B", **{column: plain}), bars("C"))

    for check, symbols in marked(frame).items():
        assert check not in VOUCHED or symbols <= set(named(frame)), check
    assert set(named(frame)) <= {"B"}


@pytest.mark.parametrize("at", [BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1])
@pytest.mark.parametrize(("column", "value"), [("close", 1.05), ("open", 0.9), ("high", 0.5), ("known", 1.0 - 1e-9)])
def test_what_a_check_marks_at_the_edge_of_a_block_is_seen(column, value, at):
    """Rows are looked at some at a time, and a row must be held against those on either side of it all the same."""
    rows = BLOCK + 8
    spoiled = bars("B", rows=rows)[column].to_list()
    spoiled[at] = type(spoiled[at])(spoiled[at - (column == "known")] * value)
    frame = all_of(bars("A", rows=rows), bars("B", rows=rows, **{column: spoiled}))

    assert any("B" in symbols for symbols in marked(frame).values())
    assert named(frame) == ["B"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"known": [MINUTE * max(at, 1) for at in range(ROWS)]}, id="one stamp twice"),
        pytest.param({"known": [MINUTE * (ROWS - at) for at in range(ROWS)]}, id="backwards"),
        pytest.param({name: [10.0] * ROWS for name in VALUES}, id="nothing moves"),
        pytest.param({"volume": [-0.0] * ROWS}, id="negative zero"),
        pytest.param(
            {
                "session": [19_700 + at // 40 * 200 for at in range(ROWS)],
                "close": [100.0 if at < 40 else 200.0 for at in range(ROWS)],
            },
            id="a long hole",
        ),
    ],
)
def test_what_is_wrong_with_the_order_is_seen(changed):
    """Stamps, rests and holes."""
    assert named(all_of(bars("A"), bars("B", **changed))) == ["B"]


def test_bars_that_were_forming_are_all_looked_at():
    """When the source was read says which."""
    frame = all_of(bars("A"), bars("B")).with_columns(pl.lit(value=False).alias(FORMING))

    assert named(frame) == ["A", "B"]


def test_vouched_checks_are_checks_of_bars():
    """A name that is no check vouches for nothing."""
    assert {check.name for check in CHECKS if "bars" in check.streams} >= VOUCHED


@st.composite
def _walks(draw):
    """Closes, and opens apart from them, that move by factors of which some are large."""
    factors = st.sampled_from([1.0, 1.0, 1.0, 1.001, 0.999, 1.005, 0.993, 1.012, 0.985, 1.3, 0.7, 2.0, 0.5, 60.0])
    steps = draw(st.lists(factors, min_size=1, max_size=50))
    closes = 100.0 * np.cumprod(steps)
    opens = np.concatenate([closes[:1], closes[:-1]]) * draw(st.sampled_from([1.0, 1.004, 0.98]))
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 1, 0, -1, 400]), min_size=len(steps), max_size=len(steps)))
    days = 19_700 + np.maximum.accumulate(np.cumsum(gaps))
    known = MINUTE * np.cumsum([max(each, -1) for each in gaps]) + 10**15
    volume = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, -1.0]), min_size=len(steps), max_size=len(steps)))
    return {"open": opens, "close": closes, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes)} | {
        "volume": volume,
        "session": days,
        "known": known,
        "opened": known - MINUTE,
    }


@settings(max_examples=300)
@given(st.lists(_walks(), min_size=1, max_size=3), st.integers(1, 12))
def test_no_check_marks_a_symbol_that_is_calm(walks, stale):
    """Whatever prices do; the checks themselves are the oracle."""
    quality = QUALITY.model_copy(update={"stale_rows": stale})
    frame = all_of(*(bars(name, rows=len(walk["open"]), **walk) for name, walk in zip(SYMBOLS, walks, strict=False)))

    found = set(named(frame, quality))

    assert set().union(*(symbols for check, symbols in marked(frame, quality).items() if check in VOUCHED)) <= found


@pytest.mark.parametrize("name", SYMBOLS)
def test_rows_left_out_of_one_symbol_leave_the_others(name):
    """The rows come back symbol by symbol, in the universe's order."""
    spoiled = bars(name, rows=ROWS // 4, high=[90.0] + [101.0] * (ROWS // 4 - 1))
    frame = all_of(*(spoiled if each == name else bars(each) for each in SYMBOLS))
    quality = QUALITY.model_copy(update={"inconsistent": "drop"})

    found = gate(frame, quality, symbols=SYMBOLS)

    rows = frame.filter((pl.col("symbol") != name) | (pl.col("high") >= pl.max_horizontal("open", "close")))
    assert found.frame.select("symbol", "known", *VALUES).rows() == rows.select("symbol", "known", *VALUES).rows()
    assert found.report["checks"]["inconsistent"]["symbols"] == {name: 1}
    assert (found.report["rows_read"], found.report["rows_kept"]) == (frame.height, frame.height - 1)


def test_calm_rows_are_not_copied():
    """What lies in one piece becomes a tape as it lies."""
    frame = all_of(bars("A"), bars("B"), bars("C"))

    kept = gate(frame, QUALITY, symbols=SYMBOLS).frame

    assert all(kept[name].n_chunks() == 1 for name in kept.columns)
    assert np.shares_memory(kept["close"].to_numpy(), frame["close"].to_numpy())
