"""A run's whole way through data that are read window by window, in one pass.

Beside its tables a run tells of the market it ran on: sessions, last prices, what the quality gate found, rules that were
never defined, and what the same decisions come to under other fill clocks and costs. All of it is gathered while the windows
go by.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from runner.engine.clocks import check_columns
from runner.engine.closes import Closes
from runner.engine.feed import Stretch, stretches
from runner.engine.idle import Idle
from runner.engine.onward import Passage, Sessions, backtest_onward
from runner.engine.onward_alternatives import OnwardAlternatives, Rows
from runner.engine.onward_idle import OnwardIdle
from runner.engine.pipeline import Pipeline
from runner.engine.sensitivity import Alternative
from runner.engine.surroundings import surroundings_of
from runner.engine.undefined import cause_of, silent_rules
from runner.market.load import MarketData
from runner.market.run_windows import RunWindows
from runner.market.streams import STREAMS
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.spec.run import RunSpec
from runner.trading.fill import Fill

__all__ = ["Through", "through_windows"]


@dataclass(frozen=True, slots=True)
class Through:
    """What came of a run, and what is known of the market it ran on."""

    passage: Passage
    market: MarketData
    """The market; its tapes are the last prices of sessions alone, see `Closes`."""
    alternatives: list[Alternative]
    """The run under other fill clocks and costs; none where that wasn't asked for."""
    left_out: Mapping[str, str]
    """Fill kind → why the run can't be had under it."""
    undefined: Mapping[str, str]
    """Rules that never had a value → what is to blame, as `undefined_rules` says."""
    idle: Idle
    """How often each rule held, as `idle_rules` says."""


def through_windows(
    pipeline: Pipeline,
    spec: RunSpec,
    windows: RunWindows,
    *,
    known: Iterable[Fill],
    on_progress: Callable[[float], None],
) -> Through:
    """Run a pipeline over all windows.

    Args:
        pipeline: What decides.
        spec: The run; its `report` says what is kept.
        windows: The data.
        known: Fill kinds that may be tried beside the run's own.
        on_progress: Told the share of the windows that are done, 0 to 1.

    Raises:
        DataError: The data break a policy, which may show at the last window only; what was computed isn't a result then.
    """
    tapes = windows.tapes
    deciding = next(stream for stream in STREAMS if stream == pipeline.clock)
    closes = {stream: Closes() for stream in tapes}
    counted = OnwardIdle(pipeline)
    others = OnwardAlternatives(pipeline, known, spec.report.equity_every) if spec.report.sensitivity else None

    def beside(
        stretch: Stretch, found: Evaluated, ready: Rows, around: Surroundings, sessions: Sessions, start: int | None
    ) -> None:
        for stream, each in closes.items():
            new = stretch.new(stream)
            if new.rows:
                each.add(new)
        counted.add(stretch, found, ready)
        if others is not None:
            others.beside(stretch, found, ready, around, sessions, start)

    def checked() -> Iterable[Stretch]:
        for number, stretch in enumerate(stretches(tapes, deciding, longest=windows.longest)):
            if number == 0:
                check_columns(pipeline, stretch.tapes)
            yield stretch
            del stretch

    passage = backtest_onward(
        pipeline,
        checked(),
        lambda: surroundings_of(spec, windows.so_far),
        signals=spec.report.signals,
        on_progress=lambda: on_progress(windows.share),
        every=spec.report.equity_every,
        beside=beside,
    )
    silent = silent_rules(pipeline, passage.tables)
    never = {rule: node for rule, node in silent.items() if node in passage.undefined}
    return Through(
        passage,
        windows.market({stream: each.tape for stream, each in closes.items()}),
        others.all(passage.start) if others is not None else [],
        others.left_out if others is not None else {},
        {rule: cause_of(pipeline.graph, node, passage.undefined) for rule, node in never.items()},
        counted.all(passage.undefined),
    )
