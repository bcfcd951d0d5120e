"""Correlation to the universe, against NumPy."""

import numpy as np
from evaluated import MINUTE

from runner.signal.compile import compile_signal
from runner.signal.evaluate import evaluate
from runner.signal.registry import operators
from runner.signal.sheet import Sheet, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal


def test_each_symbol_is_compared_with_the_mean_of_all():
    """Four symbols with a common part; windows of twenty rows, by NumPy."""
    draw = np.random.default_rng(2)
    returns = draw.normal(size=(4, 300)) + draw.normal(size=300)
    ts = np.tile(np.arange(300, dtype=np.int64) * MINUTE, 4)
    offsets = np.arange(0, 1_201, 300)
    signal = Signal.model_validate({"nodes": {"value": "universe_correlation(change, 20)"}, "target": "value"})
    graph = compile_signal(signal, Vocabulary({"bars": ("change",)}, operators()))
    sheet = Sheet("bars", ts, np.zeros(1_200, np.int32), offsets, {"change": returns.ravel()}, Surroundings())
    root = graph.names["value"]

    got = evaluate(graph, {"bars": sheet}, [root]).values[root].reshape(4, 300)

    whole = returns.mean(axis=0)
    assert np.isnan(got[:, :19]).all()
    for symbol in range(4):
        for t in range(19, 300):
            window = slice(t - 19, t + 1)
            np.testing.assert_allclose(got[symbol, t], np.corrcoef(returns[symbol, window], whole[window])[0, 1], rtol=1e-9)
