"""`runner [OVERRIDES]`: one run, or every combination with `-m` or where a file declares a sweep."""

from pathlib import Path

from rich.text import Text

from runner.archive.run import Run
from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here
from runner.cli.sweep import run_sweep
from runner.compose.swept import undecided_axes
from runner.launch import Launch
from runner.prepare import prepare
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.terminal import results_table, scorecard_line, sensitivity_table
from runner.sessions.any_mode import done

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
        found, code = done(prepared, how)
    _show(found)
    return code


def _show(run: Run) -> None:
    """Print the results, the path last."""
    console = SafeConsole()
    console.print(results_table(run.metrics, str(run.manifest["name"]), width=console.width))
    if run.has_sensitivity:
        console.print(sensitivity_table(run.sensitivity))
    if run.has_scorecard:
        console.print(scorecard_line(run.scorecard), soft_wrap=True)
    for remark in run.manifest["remarks"]:
        console.print(Text(f"! {remark}", style="yellow"), soft_wrap=True)
    console.print(Text(str(run.path)), soft_wrap=True)
