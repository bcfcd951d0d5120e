"""`runner [OVERRIDES]`: one run, or every combination with `-m` or where a file declares a sweep."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from runner.archive.run import Run
from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here
from runner.cli.sweep import run_sweep
from runner.compose.swept import undecided_axes
from runner.launch import Launch, launch
from runner.prepare import prepare
from runner.report.progress import Bar
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
    with Bar(Console(stderr=True)) as bar:
        done = launch(prepared, Launch(("runner", *words), composed, Path(composed.runs), bar))
    _show(done)
    return 0


def _show(done: Run) -> None:
    """Print the results, the path last."""
    console = Console()
    console.print(results_table(done.metrics, str(done.manifest["name"]), width=console.width))
    if done.has_sensitivity:
        console.print(sensitivity_table(done.sensitivity))
    if done.has_scorecard:
        console.print(scorecard_line(done.scorecard), soft_wrap=True)
    for remark in done.manifest["remarks"]:
        console.print(Text(f"! {remark}", style="yellow"), soft_wrap=True)
    console.print(Text(str(done.path)), soft_wrap=True)
