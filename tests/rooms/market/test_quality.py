"""Each policy of each check, on a few rows written here."""

from datetime import date

import pytest

from runner.errors import ConfigError, DataError
from runner.market.checks import CHECKS
from runner.market.streams import STREAMS
from runner.spec.quality import Quality

NAN = float("nan")
GOOD = ("A", date(2024, 1, 2), 10.0, 11.0, 9.0, 10.5, 100.0)
NEXT = ("A", date(2024, 1, 3), 10.0, 11.0, 9.0, 10.5, 100.0)


def row(day=3, *, symbol="A", o=10.0, h=11.0, l=9.0, c=10.5, v=100.0):
    return (symbol, date(2024, 1, day), o, h, l, c, v)


FAULTY = {
    "missing": [GOOD, row(o=None), row(4)],
    "unsorted": [row(4), row(3), row(5)],
    "duplicate": [row(3), row(3), row(4)],
    "conflict": [row(3), row(3, c=10.6), row(4)],
    "inconsistent": [row(3, h=10.2), row(4)],
    "nonpositive": [row(3, l=0.0), row(4)],
}


def told(loaded, rows, **policies):
    with pytest.raises(DataError) as caught:
        loaded(rows, **policies)
    return str(caught.value).split("\n", 1)[1]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (
            "missing",
            "  quality.missing: every price must be a finite number, was not so in 1 row (A 1). "
            "Repair the source, or write quality.missing: drop to leave such rows out.\n"
            "    row 2 of the source: A 2024-01-03 open=missing high=11.0 low=9.0 close=10.5",
        ),
        (
            "unsorted",
            "  quality.unsorted: stamps of a symbol must not go backwards, was not so in 1 row (A 1). "
            "Sort the source, or write quality.unsorted: sort.\n"
            "    row 2 of the source: A 2024-01-03",
        ),
        (
            "duplicate",
            "  quality.duplicate: a symbol must have one row per stamp, was not so in 1 row (A 1). "
            "Repair the source, or write quality.duplicate: drop to keep one of the equal rows.\n"
            "    row 2 of the source: A 2024-01-03 open=10.0 high=11.0 low=9.0 close=10.5",
        ),
        (
            "conflict",
            "  quality.conflict: rows of a symbol with the same stamp must not differ, was not so in 2 rows (A 2). "
            "Repair the source, or write quality.conflict: drop to leave all of them out.\n"
            "    row 1 of the source: A 2024-01-03 open=10.0 high=11.0 low=9.0 close=10.5 volume=100.0\n"
            "    row 2 of the source: A 2024-01-03 open=10.0 high=11.0 low=9.0 close=10.6 volume=100.0",
        ),
        (
            "inconsistent",
            "  quality.inconsistent: high must be the highest price, low the lowest, and volume and sizes not negative, "
            "was not so in 1 row (A 1). "
            "Repair the source, or write quality.inconsistent: drop to leave such rows out, "
            "repair to widen high and low and make negative volumes unknown, or keep to let them pass.\n"
            "    row 1 of the source: A 2024-01-03 open=10.0 high=10.2 low=9.0 close=10.5 volume=100.0",
        ),
        (
            "nonpositive",
            "  quality.nonpositive: every price must be above zero, was not so in 1 row (A 1). "
            "Repair the source, or write quality.nonpositive: drop to leave such rows out, "
            "or keep if the instrument's prices can be negative.\n"
            "    row 1 of the source: A 2024-01-03 open=10.0 high=11.0 low=0.0 close=10.5",
        ),
    ],
)
def test_the_default_refuses_and_says_what_to_write(loaded, check, message):
    """Every check has its own message, with the row that shows it."""
    assert told(loaded, FAULTY[check]) == message


@pytest.mark.parametrize(
    ("check", "policy", "days"),
    [
        ("missing", "drop", [2, 4]),
        ("unsorted", "sort", [3, 4, 5]),
        ("duplicate", "drop", [3, 4]),
        ("conflict", "drop", [4]),
        ("inconsistent", "drop", [4]),
        ("inconsistent", "keep", [3, 4]),
        ("nonpositive", "drop", [4]),
        ("nonpositive", "keep", [3, 4]),
    ],
)
def test_a_declared_policy_is_applied_and_counted(loaded, check, policy, days):
    """Rows are left out, sorted or kept as declared, and the report says how many."""
    data = loaded(FAULTY[check], **{check: policy})

    first = date(2024, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
    assert (data.tape.session - first + 1).tolist() == days
    assert data.quality["bars"]["checks"][check]["policy"] == policy
    assert data.quality["bars"]["checks"][check]["count"] == (2 if check == "conflict" else 1)
    assert data.quality["bars"]["rows_read"] == len(FAULTY[check])
    assert data.quality["bars"]["rows_kept"] == len(days)


@pytest.mark.parametrize("value", [None, NAN, float("inf"), float("-inf")])
@pytest.mark.parametrize("price", ["o", "h", "l", "c"])
def test_every_price_must_be_finite(loaded, price, value):
    """Null, NaN and both infinities are missing, in each of the four prices."""
    data = loaded([GOOD, row(**{price: value})], missing="drop")

    assert data.quality["bars"]["checks"]["missing"]["symbols"] == {"A": 1}
    assert data.tape.rows == 1


@pytest.mark.parametrize("value", [None, NAN, float("inf")])
def test_unknown_volume_is_not_missing(loaded, value):
    """Volume may be unknown: it becomes NaN, with a note."""
    data = loaded([GOOD, row(v=value)])

    assert data.tape.columns["volume"][0] == 100.0
    assert str(data.tape.columns["volume"][1]) == "nan"
    assert data.quality["bars"]["notes"] == ["volume is unknown (NaN) in 1 row"]


@pytest.mark.parametrize(
    "wrong",
    [{"h": 10.4}, {"h": 8.0}, {"l": 10.2}, {"l": 12.0}, {"o": 11.5}, {"o": 8.5}, {"c": 11.5}, {"c": 8.5}, {"v": -1.0}],
)
def test_each_way_of_being_inconsistent_is_found(loaded, wrong):
    """High below, low above, open or close outside, negative volume."""
    data = loaded([GOOD, row(**wrong)], inconsistent="drop")

    assert data.quality["bars"]["checks"]["inconsistent"]["count"] == 1


def test_prices_at_the_edge_are_consistent(loaded):
    """A bar that didn't move, and one that opens at its low and closes at its high, pass."""
    data = loaded([row(3, o=10.0, h=10.0, l=10.0, c=10.0, v=0.0), row(4, o=9.0, h=11.0, l=9.0, c=11.0)])

    assert data.tape.rows == 2


def test_a_missing_price_cannot_be_kept(loaded):
    """`missing: keep` is refused before data are read, and says why."""
    with pytest.raises(ConfigError) as caught:
        loaded([GOOD], missing="keep")

    assert str(caught.value).split("\n", 1)[1] == (
        "  quality.missing: must be error or drop, was keep. A fill could use the missing price, and there is none to use; "
        "write quality.missing: drop to leave such rows out."
    )


def test_faults_of_all_checks_and_symbols_come_at_once(loaded):
    """One report names every check that refuses, with counts per symbol."""
    rows = [row(3, o=None), row(3, symbol="B", o=NAN), row(4, symbol="B", o=None), row(2, symbol="B", l=-1.0)]

    lines = told(loaded, rows).splitlines()

    assert [line.split(":")[0].strip() for line in lines if line.startswith("  q")] == [
        "quality.missing",
        "quality.nonpositive",
        "quality.unsorted",
    ]
    assert "was not so in 3 rows (A 1, B 2)" in lines[0]


def test_many_symbols_are_counted_and_ten_are_named(loaded):
    """A fault stays readable with hundreds of symbols."""
    text = told(loaded, [row(symbol=f"S{n:02}", o=None) for n in range(12)])

    assert "was not so in 12 rows (S00 1, S01 1, S02 1" in text
    assert "S09 1, and 2 more symbols)" in text
    assert text.endswith("    and 7 more")


def test_the_same_stamp_in_two_symbols_is_neither_duplicate_nor_backwards(loaded):
    """Symbols keep their own clocks."""
    data = loaded([row(3), row(3, symbol="B"), row(2, symbol="C"), row(4), row(4, symbol="B")])

    assert data.tape.rows == 5


def test_rows_that_differ_only_in_volume_are_in_conflict(loaded):
    """Volume counts as a value."""
    data = loaded([row(3), row(3, v=101.0), row(4)], conflict="drop")

    assert data.tape.rows == 1


def test_rows_equal_up_to_the_spelling_of_nothing_are_duplicates(loaded):
    """NaN and null volume, zero and negative zero, are the same value."""
    rows = [row(3, v=None), row(3, v=NAN), row(4, v=-0.0), row(4, v=0.0)]

    data = loaded(rows, duplicate="drop")

    assert data.tape.rows == 2
    assert str(data.tape.columns["volume"][1]) == "0.0"


def test_a_third_row_puts_two_equal_ones_in_conflict(loaded):
    """When values differ no row of the stamp can be trusted, however often one is repeated."""
    data = loaded([row(3), row(3), row(3, c=10.6), row(4)], conflict="drop", duplicate="drop")

    assert data.tape.rows == 1
    assert data.quality["bars"]["checks"]["conflict"]["count"] == 3
    assert data.quality["bars"]["checks"]["duplicate"]["count"] == 1


def test_nothing_left_is_a_fault(loaded):
    """A policy that drops every row can't give a run."""
    assert told(loaded, [row(o=None)], missing="drop") == (
        "  quality: must leave at least one row, was none after dropping (missing 1). "
        "Repair the source; a policy that drops every row leaves nothing to trade."
    )


def test_the_report_is_plain_json(loaded):
    """The whole report, as `quality.json` will hold it."""
    data = loaded([row(2), row(3, c=NAN), row(4, v=None)], missing="drop", notes=("told by the source",))

    def quiet(policy="error"):
        return {"policy": policy, "count": 0, "symbols": {}, "first": []}

    assert data.quality["bars"] == {
        "rows_read": 3,
        "rows_kept": 2,
        "left_out": {"quality": 1},
        "checks": {
            "missing": {
                "policy": "drop",
                "count": 1,
                "symbols": {"A": 1},
                "first": [
                    {
                        "file": "the source",
                        "row": 2,
                        "symbol": "A",
                        "stamp": "2024-01-03",
                        "open": 10.0,
                        "high": 11.0,
                        "low": 9.0,
                        "close": None,
                        "volume": 100.0,
                    }
                ],
            },
            **{name: quiet() for name in ("unsorted", "duplicate", "conflict", "inconsistent", "nonpositive")},
            **{name: quiet() for name in ("unit", "split", "reuse")},
            "outlier": quiet("keep"),
            "forming": quiet("drop"),
            "stale": quiet("keep"),
            "coarse": {**quiet("error"), "declared": {}, "usual": {}},
            "gap": {
                **quiet("keep"),
                "judged": True,
                "expected": 3,
                "stretches": 0,
                "longest": [],
            },
        },
        "symbols": {"A": {"rows": 2, "first": "2024-01-02T21:00:00Z", "last": "2024-01-04T21:00:00Z"}},
        "notes": ["told by the source", "volume is unknown (NaN) in 1 row"],
    }


def test_every_policy_field_has_a_check_and_every_check_a_field():
    """The table of checks, the gaps and the spec's policies are the same list; the other fields are thresholds."""
    thresholds = {"split_tolerance", "outlier_width", "reuse_sessions", "spread_times", "stale_rows"}

    assert sorted([*{check.name for check in CHECKS}, "coarse", "gap"]) == sorted(set(Quality.model_fields) - thresholds)


@pytest.mark.parametrize("stream", STREAMS)
def test_the_report_names_the_checks_of_its_stream(stream):
    """What isn't checked isn't reported as found to be right."""
    expected = {
        "bars": {"missing", "duplicate", "conflict", "outlier", "forming", "stale"},
        "trades": {"missing", "duplicate_equal", "outlier", "stale"},
        "quotes": {"duplicate_equal", "outlier", "stale", "crossed", "spread", "locked", "one_sided"},
        "depth": {"duplicate_equal", "outlier", "stale", "crossed", "spread", "locked", "one_sided", "disordered"},
    }[stream] | {"unsorted", "inconsistent", "nonpositive", "unit", "split", "reuse"}

    assert {check.name for check in CHECKS if stream in check.streams} == expected
