"""The way of a run whose data are read window by window while the engine runs."""

import numpy as np

from runner.archive.directory import RunDirectory
from runner.engine.through_windows import Through, through_windows
from runner.launch.known_fills import known_fills
from runner.launch.outcome import Outcome
from runner.launch.progress import Progress, telling
from runner.launch.rows import deciding
from runner.launch.timer import Timer
from runner.launch.too_short import too_short
from runner.launch.written import instant_text, write_market
from runner.market.run_windows import RunWindows
from runner.prepare import Prepared
from runner.report.breakdown import breakdown_of
from runner.report.regimes import market_of
from runner.report.sensitivity import Sensitivity, sensitivity
from runner.trading.kernel.advance import compiled_advance
from runner.trading.kernel.settle import compiled_settle

__all__ = ["by_windows"]


def by_windows(
    directory: RunDirectory, prepared: Prepared, windows: RunWindows, progress: Progress, timer: Timer
) -> Outcome:
    """Compute a run while its data are read window by window.

    Raises:
        DataError: The data break a policy, which may show at the last window only, or end before the warm-up does.
    """
    spec = prepared.spec
    progress.stage("compiling the engine, once per version")
    compiled_advance()
    compiled_settle()
    progress.stage(f"backtest by windows of {spec.engine.window}")
    with timer("engine"), telling(progress) as on_progress:
        through = through_windows(prepared.pipeline, spec, windows, known=known_fills(), on_progress=on_progress)
    passage, market = through.passage, through.market
    directory.update(rows_digest=windows.rows_digest, data_as_of=instant_text(windows.as_of))
    write_market(directory, market, {stream: int(counts.sum()) for stream, counts in passage.rows.items()})
    if passage.start is None:
        raise too_short(prepared, int(next(iter(passage.rows.values())).max()))
    sessions = passage.sessions.at(np.asarray(passage.tables.equity["ts"], dtype=np.int64))
    with timer("sensitivity"):
        depends = _dependence(prepared, through) if spec.report.sensitivity else None
    return Outcome(market, passage.tables, sessions, through.undefined, through.idle, depends)


def _dependence(prepared: Prepared, through: Through) -> Sensitivity:
    """Return what the result depends on, of other clocks and costs that went along with the run."""
    passage, tape = through.passage, deciding(prepared, through.market)
    capital, year = prepared.spec.capital, prepared.spec.timezone.sessions_per_year
    at = passage.sessions.at
    sessions = at(np.asarray(passage.tables.equity["ts"], dtype=np.int64))
    breakdown = breakdown_of(
        passage.tables, tape, market_of(tape), capital=capital, sessions_per_year=year, sessions=sessions
    )
    ends = at(np.asarray(through.alternatives[0].equity["ts"], dtype=np.int64))
    return sensitivity(
        through.alternatives, breakdown, left_out=through.left_out, capital=capital, sessions_per_year=year, sessions=ends
    )
