"""One symbol's values of an operator or of an expression."""

import numpy as np

from runner.signal.compile import compile_signal
from runner.signal.evaluate import evaluate
from runner.signal.registry import operators
from runner.signal.scan import scanned
from runner.signal.sheet import Sheet, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

MINUTE = 60_000_000_000


def values(op, *columns, p=()):
    """Scan an operator over one symbol's columns."""
    rows = max(len(column) for column in columns)
    arrays = [np.array(column, dtype=np.float64) for column in columns]
    out, _ = scanned(op, arrays, tuple(float(each) for each in p), offsets=np.array([0, rows]))
    return out


def expressed(text, **columns):
    """Evaluate an expression of one symbol's columns, a bar a minute."""
    vocabulary = Vocabulary({"bars": tuple(columns)}, operators())
    graph = compile_signal(Signal.model_validate({"nodes": {"value": text}, "target": "value"}), vocabulary)
    arrays = {name: np.array(column, dtype=np.float64) for name, column in columns.items()}
    rows = next(iter(arrays.values())).size
    ts = np.arange(rows, dtype=np.int64) * MINUTE
    sheet = Sheet("bars", ts, np.zeros(rows, np.int32), np.array([0, rows]), arrays, Surroundings())
    root = graph.names["value"]
    return evaluate(graph, {"bars": sheet}, [root]).values[root]


def bars(rows, seed=11, offset=1e6):
    """Make high, low and close of a random walk far from zero."""
    draw = np.random.default_rng(seed)
    close = offset + np.cumsum(draw.normal(size=rows))
    return {"high": close + draw.random(rows), "low": close - draw.random(rows), "close": close}
