"""The pipeline: graph, rules, sizing, costs and risk as one compiled value.

A pipeline knows nothing of files, sockets or clocks; an engine drives it over a tape.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from runner.signal.compile import compile_signal
from runner.signal.graph import Graph
from runner.signal.rules import Rules
from runner.signal.vocabulary import Vocabulary
from runner.spec.run import RunSpec
from runner.trading.fees import Fees
from runner.trading.fill import Fill
from runner.trading.risk import RiskRule
from runner.trading.sizing import Sizing
from runner.trading.slippage import Slippage

__all__ = ["Pipeline", "compile_pipeline"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything that decides, ready to be driven."""

    graph: Graph
    signals: Rules
    """The nodes that decide."""
    sizing: Sizing
    fill: Fill
    slippage: Slippage
    fees: Fees
    rules: tuple[tuple[str, RiskRule], ...]
    """Risk rules by name, in the order of their names."""
    capital: float

    @property
    def clock(self) -> str:
        """The clock of the decisions."""
        return self.graph.clocks[self.signals.roots[0]]

    @property
    def warm_up(self) -> str:
        """What must go by before a symbol's first decision, in words."""
        return self.graph.warm_up(*self.signals.roots)

    def rule_numbers(self) -> NDArray[np.float64]:
        """Return the risk rules' parameters, one row per rule, padded with NaN."""
        numbers = [rule.numbers() for _, rule in self.rules]
        padded = np.full((len(numbers), max((len(n) for n in numbers), default=0)), np.nan)
        for line, values in zip(padded, numbers, strict=True):
            line[: len(values)] = values
        return padded


def compile_pipeline(spec: RunSpec, vocabulary: Vocabulary) -> Pipeline:
    """Compile a run's signal, sizing, costs and risk.

    Raises:
        ConfigError: With every fault of the signal section.
    """
    graph = compile_signal(spec.signal, vocabulary)
    return Pipeline(
        graph=graph,
        signals=Rules.of(graph),
        sizing=_is(Sizing, spec.sizing),
        fill=_is(Fill, spec.fill),
        slippage=_is(Slippage, spec.slippage),
        fees=_is(Fees, spec.fees),
        rules=tuple((name, _is(RiskRule, rule)) for name, rule in sorted(spec.risk.rules.items())),
        capital=spec.capital,
    )


def _is(family: type[T], kind: object) -> T:
    """Narrow a kind to its family; the spec's validation has put it there."""
    if not isinstance(kind, family):
        raise TypeError(f"{kind!r} is not a {family.__name__}")
    return kind
