"""What must be known beside the figures."""

import numpy as np
import pytest
from drawn import tape_of

from runner.report.remarks import remarks as remarks_of
from runner.tables import Tables


def tables(**changes) -> Tables:
    empty = {"ts": np.array([], dtype=np.int64)}
    given = {
        "orders": {**empty, "refusal": np.array([], dtype=str), "status": np.array([], dtype=str), "filled": np.array([])},
        "fills": empty,
        "equity": empty,
        "positions": {**empty, "symbol": np.array([], dtype=str), "quantity": np.array([])},
        "refusals": {**empty, "rule": np.array([], dtype=str), "allowed": np.array([])},
        "charges": {**empty, "symbol": np.array([], dtype=str), "amount": np.array([])},
        **changes,
    }
    return Tables(**given)


def remarks(tables, tape, quality, *, sessions=0, years=None, declared=252, **more):
    """Return the remarks of a run whose measured stretch had so many sessions in so many years."""
    figures = {"sessions": sessions, "years": years}
    return remarks_of(tables, tape, quality, metrics=figures, sessions_per_year=declared, **more)


DAY = 1440
TAPE = tape_of({"A": [(0, 1, 1.0, 1.0), (DAY, DAY + 1, 1.0, 1.0)], "B": [(0, 1, 1.0, 1.0)]})


def test_a_run_in_which_everything_happened_has_nothing_to_say():
    """No remark without a reason."""
    assert remarks(tables(), TAPE, {}) == []


def test_orders_that_did_not_happen_are_counted_by_reason():
    """Rejected, expired, stopped, reduced, waiting: each in a sentence."""
    given = tables(
        orders={
            "ts": np.arange(6),
            "refusal": np.array(["", "not enough cash", "not enough cash", "", "", ""]),
            "status": np.array(["filled", "rejected", "rejected", "unfilled", "expired", "expired"]),
            "filled": np.array([1.0, 0.0, 0.0, 0.0, 0.5, 0.0]),
        },
        refusals={
            "ts": np.arange(3),
            "rule": np.array(["risk.rules.a", "risk.rules.a", "sizing"]),
            "allowed": np.array([0.0, 2.0, 0.0]),
        },
    )

    assert remarks(given, TAPE, {}) == [
        "2 of 6 orders were rejected: not enough cash.",
        "2 of 6 orders expired (order.time_in_force), 1 of them without a fill.",
        "risk.rules.a stopped 1 and reduced 1 orders before they were sent.",
        "1 order was still waiting when the data ended.",
    ]


def test_a_rule_that_closed_everything_is_told_with_its_dates():
    """A halt with its minute; of a rule that did it again and again how often, first and last; neither counts as an order."""
    noon = 12 * 60 * 60 * 10**9
    given = tables(
        refusals={
            "ts": np.array([noon, 2 * noon, 4 * noon, 5 * noon]),
            "rule": np.array(
                ["risk.rules.day: flatten", "risk.rules.day: flatten", "risk.rules.stop: halt", "risk.rules.stop"]
            ),
            "allowed": np.zeros(4),
        },
    )

    assert remarks(given, TAPE, {}) == [
        "risk.rules.stop stopped 1 order before it was sent.",
        "risk.rules.day closed everything 2 times, first on 1970-01-01 12:00Z, last on 1970-01-02 00:00Z.",
        "risk.rules.stop halted the account on 1970-01-03 00:00Z: everything was closed, and nothing opened from then on.",
    ]


def test_a_position_whose_data_ended_early_is_named():
    """B's last bar is a day before the end, and it is still held; A has been sold."""
    given = tables(
        positions={"ts": np.arange(3), "symbol": np.array(["A", "B", "A"]), "quantity": np.array([1.0, 1.0, 0.0])}
    )

    assert remarks(given, TAPE, {}) == [
        "B is still held though its data end on 1970-01-01: it is marked at its last price from then on."
    ]


def test_rows_left_out_or_kept_though_they_look_wrong_are_said():
    """A dropped row and a kept outlier are said; a stale stretch and a check without a finding aren't."""
    checks = {
        "inconsistent": {"policy": "drop", "count": 1},
        "outlier": {"policy": "keep", "count": 1_200},
        "spread": {"policy": "keep", "count": 3},
        "stale": {"policy": "keep", "count": 5},
        "split": {"policy": "error", "count": 0},
    }

    assert remarks(tables(), TAPE, {"bars": {"checks": checks}}) == [
        "quality.inconsistent: 1 row of the bars was left out.",
        "quality.outlier: 1,200 rows of the bars looked wrong and were kept.",
        "quality.spread: 3 rows of the bars looked wrong and were kept.",
    ]


def test_sessions_that_contradict_the_declared_year_are_said_with_the_value_to_write():
    """834 sessions in 2.28 years are days around the clock, whatever the policy of the stocks beside them says."""
    (told,) = remarks(tables(), TAPE, {}, sessions=834, years=2.28)

    assert told.startswith("834 sessions were measured in 2.28 years, 366 a year, but timezone.sessions_per_year is 252:")
    assert "would be 1.20 times as large" in told
    assert told.endswith("Write timezone.sessions_per_year: 365.")


@pytest.mark.parametrize(
    ("sessions", "years", "declared", "is_said"),
    [(252, 1.0, 252, False), (259, 1.0, 252, False), (260, 1.0, 252, True), (244, 1.0, 252, True), (180, 0.49, 252, False)],
)
def test_sessions_a_year_are_said_from_half_a_year_and_three_hundredths_on(sessions, years, declared, is_said):
    """Holidays move the count a little, and in a few months by more; neither is a wrong policy."""
    told = remarks(tables(), TAPE, {}, sessions=sessions, years=years, declared=declared)

    assert bool(told) == is_said


@pytest.mark.parametrize(("outside", "is_said"), [(500, False), (501, True), (9_191, True)])
def test_rows_outside_the_hours_are_said_from_a_twentieth_on(outside, is_said):
    """A stray pre-market bar isn't worth a word; most of a file is, with its share."""
    report = {"rows_read": 10_000, "left_out": {"out_of_session": outside}, "checks": {}}

    told = remarks(tables(), TAPE, {"bars": report})

    line = (
        f"{outside:,} of 10,000 rows ({outside / 100:.0f} %) of the bars lie outside the hours and were left out"
        " (timezone.out_of_session: drop)."
    )
    assert told == ([line] if is_said else [])


def test_rules_that_were_never_defined_are_named_with_their_cause():
    """Rules of one cause come together, so that one missing column is one remark."""
    why = "trades.side has no value at any of its 3 rows"

    assert remarks(tables(), TAPE, {}, undefined={"long.enter": why, "long.exit": why, "short.enter": "x"}) == [
        f"long.enter and long.exit were never defined, so nothing came of them: {why}.",
        "short.enter was never defined, so nothing came of it: x.",
    ]


def test_a_file_of_events_without_events_is_said():
    """A rule that waits for them waits for ever; a file that has some is nothing to speak of, whatever it is called."""
    read = {
        "checks": {"rows": 2, "events": 0, "notes": ["no event of a symbol of the universe, but 2 rows of Z. Known: A."]},
        "rows_read": {"rows": 3, "events": 2, "notes": ["no event of B"]},
    }

    assert remarks(tables(), TAPE, {"events": read}) == [
        "events.checks: no event of a symbol of the universe, but 2 rows of Z. Known: A.",
    ]
