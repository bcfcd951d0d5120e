"""The law of events: nothing sees one before the instant from which it was known."""

from datetime import UTC, datetime

import numpy as np
from drawn_market import BARS, SYMBOLS, market, sheets_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.market.events import read_events
from runner.signal.compile import compile_signal
from runner.signal.evaluate import evaluate
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.events import EventFile
from runner.spec.signal import Signal
from runner.spec.universe import Universe
from tests.long import many

SECOND = 10**9
FIRST, LAST = 9 * 86_400, 17 * 86_400
"""Seconds since 1970 between which events are drawn; the market trades inside."""
NAMES = tuple("ABC")
STRANGER = "Z,1970-06-01T00:00:00Z"
"""A row that is nobody's: a file of January 1970 alone would be taken for numbers in the wrong unit."""
TAPES, AROUND = market(1)
BARS_ALONE = {"bars": TAPES["bars"]}

SIGNAL = Signal.model_validate(
    {
        "nodes": {"age": 'event_age("news")', "near": 'where(event("news", "7h"), 1, 0)'},
        "target": "age + near + close * 0",
    }
)
GRAPH = compile_signal(SIGNAL, Vocabulary({"bars": BARS}, operators(), ("news",)))


def values_of(events):
    """Return age and nearness at every bar."""
    around = Surroundings(AROUND.sessions, {"news": events})
    roots = [GRAPH.names["age"], GRAPH.names["near"]]
    found = evaluate(GRAPH, sheets_of(BARS_ALONE, around), roots)
    return [found.values[root] for root in roots]


def read(folder, rows):
    """Write events as a file and read it."""
    path = folder / "news.csv"
    stamps = [f"{symbol},{datetime.fromtimestamp(known, UTC):%Y-%m-%dT%H:%M:%S}Z" for symbol, known in rows]
    path.write_text("\n".join(["symbol,timestamp", *stamps, STRANGER]))
    return read_events({"news": EventFile(path=str(path))}, Universe(symbols=NAMES), zone="UTC").events["news"]


drawn = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(FIRST, LAST)), max_size=20)


@given(rows=drawn, cut=st.integers(FIRST, LAST))
@settings(max_examples=many(20, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_leaving_out_what_is_known_later_changes_nothing_before(tmp_path, rows, cut):
    """Whatever the file holds of the time after an instant, every value up to it is the same, to the bit."""
    known = [(symbol, instant) for symbol, instant in rows if instant <= cut]
    before = TAPES["bars"].ts <= cut * SECOND

    whole, part = values_of(read(tmp_path, rows)), values_of(read(tmp_path, known))

    for one, other in zip(whole, part, strict=True):
        assert one[before].tobytes() == other[before].tobytes()


@given(rows=drawn)
@settings(max_examples=many(20, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_age_is_that_of_the_latest_event_by_then(tmp_path, rows):
    """Against a loop over the rows of the file, in any order and with repetitions; undefined before the first."""
    age, near = values_of(read(tmp_path, rows))

    tape = TAPES["bars"]
    for symbol in range(SYMBOLS):
        own = [instant for name, instant in rows if name == NAMES[symbol]]
        for row in range(tape.offsets[symbol], tape.offsets[symbol + 1]):
            since = [tape.ts[row] / SECOND - instant for instant in own if instant * SECOND <= tape.ts[row]]
            expected = min(since, default=np.nan)
            np.testing.assert_allclose(age[row], expected, rtol=1e-12, atol=1e-6)
            assert near[row] == (expected <= 7 * 3_600)
