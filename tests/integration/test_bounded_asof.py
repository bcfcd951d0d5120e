"""The README's way to bound the age of what asof carries, on quotes that stop coming."""

import re
from pathlib import Path

import numpy as np

from runner.signal.compile import compile_signal
from runner.signal.evaluate import evaluate
from runner.signal.registry import operators
from runner.signal.sheet import Sheet, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

README = Path(__file__).parents[2] / "README.md"
MINUTE = 60_000_000_000
QUOTES = (0.5, 1.5, 2.5, 3.5, 20.5)
"""Minutes at which a quote is known; bars are known at every full one up to 30."""


def sheet(clock, minutes, **columns):
    ts = (np.array(minutes) * MINUTE).astype(np.int64)
    return Sheet(clock, ts, np.zeros(ts.size, np.int32), np.array([0, ts.size]), columns, Surroundings())


def test_what_the_readme_writes_is_true_only_while_the_latest_quote_is_young():
    """True within four minutes of a quote, the distance of the bars of a window; false from five minutes on."""
    text = README.read_text("utf-8")
    found = re.search(r"`seen: (asof\(.*?\))`,[^`]*`(seen > min\(seen, \"5min\"\))`", text)
    assert found
    section = {"nodes": {"seen": found[1], "is_fresh": found[2]}, "target": "where(is_fresh, 1, 0)"}
    vocabulary = Vocabulary({"bars": ("close",), "quotes": ("bid_price",)}, operators())
    bars = np.arange(31)
    sheets = {
        "bars": sheet("bars", bars, close=np.ones(31)),
        "quotes": sheet("quotes", QUOTES, bid_price=np.full(len(QUOTES), 9.0)),
    }

    graph = compile_signal(Signal.model_validate(section), vocabulary)
    is_fresh = evaluate(graph, sheets, [graph.names["is_fresh"]]).values[graph.names["is_fresh"]]

    age = np.array([min(bar - quote for quote in QUOTES if quote <= bar) if bar else np.inf for bar in bars])
    warm = bars >= 6
    assert np.all(is_fresh[warm & (age < 4)] == 1.0)
    assert np.all(is_fresh[warm & (age >= 5)] == 0.0)
    assert {0.0, 1.0} == set(is_fresh[warm])
