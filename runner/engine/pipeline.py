"""The pipeline: graph, rules, sizing, orders, costs and risk as one compiled value.

A pipeline knows nothing of files, sockets or clocks; an engine drives it over a tape.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from runner.engine.event_windows import event_faults
from runner.errors import ConfigError, Fault
from runner.signal.compile import compile_signal
from runner.signal.graph import Graph
from runner.signal.operator import ValueType
from runner.signal.rules import Rules
from runner.signal.vocabulary import Vocabulary
from runner.spec.exits import Exits
from runner.spec.financing import Financing
from runner.spec.order import Order
from runner.spec.run import RunSpec
from runner.spec.scenario import Scenario
from runner.trading.fees import Fees
from runner.trading.fill import Fill
from runner.trading.instants import instant_fault, nanoseconds_of
from runner.trading.kernel.layout import LONG_AGO
from runner.trading.risk import RiskRule
from runner.trading.sizing import Sizing
from runner.trading.slippage import Slippage

__all__ = ["Pipeline", "beside", "compile_pipeline", "measured_faults"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything that decides, ready to be driven."""

    graph: Graph
    signals: Rules
    """The nodes that decide."""
    sizing: Sizing
    order: Order
    exits: Exits
    fill: Fill
    slippage: Slippage
    fees: Fees
    financing: Financing
    scenario: Scenario
    rules: tuple[tuple[str, RiskRule], ...]
    """Risk rules by name, in the order of their names."""
    capital: float
    seed: int
    not_before: int = LONG_AGO
    """First instant that counts in the figures, UTC nanoseconds, unless the first decision comes later."""

    @property
    def clock(self) -> str:
        """The clock of the decisions."""
        return self.graph.clocks[self.signals.roots[0]]

    @property
    def extras(self) -> tuple[int, ...]:
        """Nodes that sizing, orders and slippage read beyond the rules, in the order of the kernel's columns."""
        return tuple(self.graph.beside.values())

    @property
    def roots(self) -> tuple[int, ...]:
        """Every node that has to be ready before anything is decided."""
        return tuple(sorted({*self.signals.roots, *self.extras}))

    @property
    def warm_up(self) -> str:
        """What must go by before a symbol's first decision, in words."""
        return self.graph.warm_up(*self.roots)

    def column_of(self, section: str) -> int:
        """Return the first of the extra columns that a section reads; how many columns there are if it reads none."""
        paths = list(self.graph.beside)
        return next((place for place, path in enumerate(paths) if path.partition(".")[0] == section), len(paths))


def beside(spec: RunSpec) -> Mapping[str, tuple[str, ValueType]]:
    """Return key path → expression outside the signal section, and its type, section after section."""
    found: dict[str, tuple[str, ValueType]] = {}
    for section, kind in (("sizing", _is(Sizing, spec.sizing)), ("slippage", _is(Slippage, spec.slippage))):
        found |= {f"{section}.{field}": expression for field, expression in kind.expressions().items()}
        if section == "sizing" and spec.order.price is not None:
            found["order.price"] = (spec.order.price, "number")
    return found


def measured_faults(spec: RunSpec) -> list[Fault]:
    """Return what is wrong with the instant from which figures count, if anything."""
    text = spec.report.measured_from
    found = None if text is None else instant_fault("report.measured_from", text)
    return [found] if found else []


def compile_pipeline(spec: RunSpec, vocabulary: Vocabulary, graph: Graph | None = None) -> Pipeline:
    """Compile a run's signal, sizing, orders, costs and risk.

    Args:
        spec: The run.
        vocabulary: What its expressions may speak of.
        graph: The graph of its expressions where it is known already.

    Raises:
        ConfigError: With every fault of the expressions, or of the events that the slippage asks about.
    """
    faults = [*event_faults(_is(Slippage, spec.slippage), spec.events), *measured_faults(spec)]
    if faults:
        raise ConfigError(faults)
    graph = graph or compile_signal(spec.signal, vocabulary, beside=beside(spec))
    return Pipeline(
        graph=graph,
        signals=Rules.of(graph),
        sizing=_is(Sizing, spec.sizing),
        order=spec.order,
        exits=spec.exits,
        fill=_is(Fill, spec.fill),
        slippage=_is(Slippage, spec.slippage),
        fees=_is(Fees, spec.fees),
        financing=spec.financing,
        scenario=spec.scenario,
        rules=tuple((name, _is(RiskRule, rule)) for name, rule in sorted(spec.risk.rules.items())),
        capital=spec.capital,
        seed=spec.seed,
        not_before=LONG_AGO if spec.report.measured_from is None else nanoseconds_of(spec.report.measured_from),
    )


def _is(family: type[T], kind: object) -> T:
    """Narrow a kind to its family; the spec's validation has put it there."""
    if not isinstance(kind, family):
        raise TypeError(f"{kind!r} is not a {family.__name__}")
    return kind
