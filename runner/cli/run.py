"""`runner [OVERRIDES]`: one run, or every combination with `-m` or where a file declares a sweep."""

from pathlib import Path

from rich.text import Text

from runner.archive.run import Run
from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here, files_here
from runner.cli.sweep import run_sweep
from runner.compose.swept import undecided_axes
from runner.launch import Launch
from runner.prepare import prepare
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.session_end import gap_table, session_end, session_lines
from runner.report.session_screen import SessionScreen
from runner.report.terminal import results_table, scorecard_line, sensitivity_table
from runner.sessions.any_mode import LIVE_MODES, done
from runner.sweeps.asking import check_alone

__all__ = ["run", "show_results"]


def run(words: list[str]) -> int:
    """Run a command line and return its exit code."""
    arguments = arguments_of(words)
    if arguments.multirun:
        return run_sweep(arguments, argv=("runner", *words))
    composed = compose_here(arguments)
    if undecided_axes(composed):
        return run_sweep(arguments, argv=("runner", *words))
    check_alone(composed, files_here(arguments))
    prepared = prepare(composed)
    runs = Path(composed.runs)
    if prepared.spec.mode.kind in LIVE_MODES:
        with SessionScreen(SafeConsole(stderr=True)) as screen:
            found, code = done(prepared, Launch(("runner", *words), composed, runs, screen), screen)
    else:
        with Bar(SafeConsole(stderr=True)) as bar:
            found, code = done(prepared, Launch(("runner", *words), composed, runs, bar))
    show_results(found)
    return code


def show_results(run: Run) -> None:
    """Print the results, the path last."""
    console = SafeConsole()
    console.print(results_table(run.metrics, str(run.manifest["name"]), width=console.width))
    if run.has_sensitivity:
        console.print(sensitivity_table(run.sensitivity))
    if run.has_scorecard:
        console.print(scorecard_line(run.scorecard), soft_wrap=True)
    end = session_end(run.path, None)
    if end is not None:
        for line in session_lines(end):
            console.print(line, soft_wrap=True)
        console.print(gap_table(end))
    for remark in run.manifest["remarks"]:
        console.print(Text(f"! {remark}", style="yellow"), soft_wrap=True)
    console.print(Text(str(run.path)), soft_wrap=True)
