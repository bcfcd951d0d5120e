"""`runner materialise TRIAL [--runs DIR]`: the full run directory of a lane, and whether it comes to the same.

Exit code 0 if metrics and digest are those of the trial, 1 if they aren't, and 2 if there is no such trial or it can't run.
"""

from pathlib import Path

from rich.text import Text

from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault
from runner.launch import Launch
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.terminal import results_table
from runner.sweeps.materialise import find_trial, materialise

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Run a trial again, and print its results, the path last."""
    flags = Flags("materialise")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if len(rest) != 1 or rest[0].startswith("-"):
        write = "Write runner materialise TRIAL, with what stands under trial in trials.parquet."
        raise ConfigError(Fault("materialise", "must be given one trial and no overrides", " ".join(rest), write))
    runs = Path(given.runs).expanduser()
    found = find_trial(runs, rest[0].lower())
    with Bar(SafeConsole(stderr=True)) as bar:
        done = materialise(found, Launch(("runner", "materialise", *words), None, runs, bar))
    console = SafeConsole()
    console.print(results_table(done.metrics, str(done.manifest["name"]), width=console.width))
    console.print(Text(f"The same metrics and digest as trial {found.trial}."), soft_wrap=True)
    console.print(Text(str(done.path)), soft_wrap=True)
    return 0
