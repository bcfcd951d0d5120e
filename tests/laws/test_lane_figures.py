"""What the compiled functions make of a run's lines is what they make of its tables, to the bit."""

from dataclasses import replace

import numpy as np
from drawn_runs import runs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runner.engine.native import evaluated, traded
from runner.engine.onward import Sessions
from runner.engine.results import measured_from, tables_of
from runner.report.kernel.compiled import NEVER, compiled_figures
from runner.report.lane_digest import digest_of_lines, digest_of_tables
from runner.report.metrics import metrics, metrics_of_lines
from runner.report.room import room_for
from runner.signal.sheet import Surroundings
from tests.long import many

LAW = settings(max_examples=many(20, 60), deadline=None)
EVENTS = ("orders", "fills", "equity", "positions", "refusals", "charges")
YEAR = 252.0
BY_ROWS = frozenset(
    {"max_drawdown_rows", "exposure", "mean_gross_exposure", "mean_net_exposure", "years", "cagr", "calmar", "turnover"}
)
"""Those that count rows, or the time since the row before the first that is measured."""


def driven(run, every=None):
    found = evaluated(run.pipeline, run.tapes, Surroundings(), [])
    return traded(run.pipeline, run.tapes, found, on_progress=lambda _share: None, every=every)


class Lane:
    """A run's lines and tables, its time stretched, so that a run of days is long enough to speak of a year."""

    def __init__(self, run, every=None, stretch=1):
        driver = driven(run, every)
        tables = tables_of(run.pipeline, driver, {})
        self.symbols, self.rules = driver.tape.symbols, [name for name, _ in run.pipeline.rules]
        self.capital, start = run.pipeline.capital, measured_from(driver.tape, driver.ready, run.pipeline.not_before)
        self.start = None if start is None else start * stretch
        self.sessions = Sessions.of(driver.tape).at(tables.equity["ts"]) * np.int32(stretch)
        later = {name: {**getattr(tables, name), "ts": getattr(tables, name)["ts"] * stretch} for name in EVENTS}
        self.tables = replace(tables, **later)
        (self.n, self.x), (self.equity_n, self.equity_x) = driver.written.events(), driver.written.equity()
        self.n[:, 2] *= stretch
        self.equity_n = self.equity_n * stretch
        # A buffer has room for more, and what it holds of earlier runs means nothing.
        unused = {0: range(2, 7), 2: range(7), 3: range(2, 7), 4: range(1, 7)}
        for sort, places in unused.items():
            self.x[np.ix_(self.n[:, 0] == sort, list(places))] = 1e99

    @property
    def room(self):
        room = room_for(self.n.shape[0], self.equity_n.size, len(self.symbols))
        for each in (*room.scratch, room.out):
            each.fill(77)
        return room

    def of_tables(self):
        return metrics(self.tables, capital=self.capital, sessions_per_year=YEAR, sessions=self.sessions)

    def of_lines(self, room):
        return metrics_of_lines(
            self.n, self.x, self.equity_n, self.equity_x, sessions=self.sessions, start=self.start, capital=self.capital,
            sessions_per_year=YEAR, symbols=len(self.symbols), room=room,
        )  # fmt: skip

    def digest(self):
        room = self.room
        first = compiled_figures().of_lines(
            self.n, self.x, self.n.shape[0], self.equity_n, self.equity_x, self.equity_n.size, self.sessions,
            NEVER if self.start is None else self.start, self.capital, YEAR, len(self.symbols), *room.scratch, room.out,
        )  # fmt: skip
        return digest_of_lines(self.n, self.x, self.equity_n, self.equity_x, first=first, room=room)


def bits(figures):
    return {name: value.hex() if isinstance(value, float) else value for name, value in figures.items()}


@given(run=runs(), every=st.sampled_from([None, None, "3min"]), stretch=st.sampled_from([1, 15, 60]))
@LAW
def test_the_metrics_of_lines_are_those_of_tables(run, every, stretch):
    """Of every stream, kind and sort of order, whatever scratch and unused places hold."""
    assume(all(tape.rows for tape in run.tapes.values()))

    lane = Lane(run, every, stretch)

    assert bits(lane.of_lines(lane.room)) == bits(lane.of_tables())
    assert bits(lane.of_lines(None)) == bits(lane.of_tables())


@given(run=runs(), every=st.sampled_from(["3min", "1h", "5d", "900d"]), stretch=st.sampled_from([1, 60]))
@LAW
def test_what_goes_by_sessions_does_not_depend_on_how_many_lines_are_kept(run, every, stretch):
    """One line an hour or one in years: returns, ratios and drawdowns are those of a line per instant, to the bit."""
    assume(all(tape.rows for tape in run.tapes.values()))

    whole, thin = Lane(run, None, stretch), Lane(run, every, stretch)

    found, expected = bits(thin.of_tables()), bits(whole.of_tables())
    assert {name: found[name] for name in found if name not in BY_ROWS} == {
        name: expected[name] for name in expected if name not in BY_ROWS
    }
    assert len(thin.equity_n) <= len(whole.equity_n)


@given(run=runs(), every=st.sampled_from([None, None, "3min"]), data=st.data())
@LAW
def test_the_digest_of_lines_is_that_of_tables_and_any_number_changes_it(run, every, data):
    """One bit of one number, in any table, and the digest is another."""
    assume(all(tape.rows for tape in run.tapes.values()))
    lane = Lane(run, every)

    digest = digest_of_tables(lane.tables, symbols=lane.symbols, rules=lane.rules)
    places = [
        (name, key, row)
        for name in EVENTS
        for key, column in getattr(lane.tables, name).items()
        if column.dtype.kind in "if" and not (name == "positions" and key == "ts")
        for row in range(column.size)
    ]
    name, key, row = data.draw(st.sampled_from(places))
    table = getattr(lane.tables, name)
    changed = table[key].copy()
    changed.view(np.int64)[row] ^= 1 << data.draw(st.integers(0, 62))
    other = replace(lane.tables, **{name: {**table, key: changed}})

    assert lane.digest() == digest
    assert digest_of_tables(other, symbols=lane.symbols, rules=lane.rules) != digest
