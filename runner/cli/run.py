"""`runner [OVERRIDES]`: one run, or every combination with `-m` or where a file declares a sweep."""

from pathlib import Path

from rich.text import Text

from runner.archive.run import Run
from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here
from runner.cli.sweep import run_sweep
from runner.compose.swept import undecided_axes
from runner.launch import Launch, launch
from runner.prepare import Prepared, prepare
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.terminal import results_table, scorecard_line, sensitivity_table

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Run a command line and return its exit code."""
    arguments = arguments_of(words)
    if arguments.multirun:
        return run_sweep(arguments, argv=("runner", *words))
    composed = compose_here(arguments)
    if undecided_axes(composed):
        return run_sweep(arguments, argv=("runner", *words))
    prepared = prepare(composed)
    with Bar(SafeConsole(stderr=True)) as bar:
        how = Launch(("runner", *words), composed, Path(composed.runs), bar)
        done, code = _done(prepared, how)
    _show(done)
    return code


def _done(prepared: Prepared, how: Launch) -> tuple[Run, int]:
    """Run it, and return what came of it and the exit code."""
    if prepared.spec.mode.kind not in {"paper", "live"}:
        return launch(prepared, how), 0
    from runner.sessions.launch import launch_session  # noqa: PLC0415 - sockets take half a second; only a session pays

    sat = launch_session(prepared, how)
    return sat.run, sat.exit_code


def _show(done: Run) -> None:
    """Print the results, the path last."""
    console = SafeConsole()
    console.print(results_table(done.metrics, str(done.manifest["name"]), width=console.width))
    if done.has_sensitivity:
        console.print(sensitivity_table(done.sensitivity))
    if done.has_scorecard:
        console.print(scorecard_line(done.scorecard), soft_wrap=True)
    for remark in done.manifest["remarks"]:
        console.print(Text(f"! {remark}", style="yellow"), soft_wrap=True)
    console.print(Text(str(done.path)), soft_wrap=True)
