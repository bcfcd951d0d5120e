"""`runner rerun RUN [OVERRIDES] [--run-code] [--runs DIR]`: a run again, from its directory alone, as it was or changed."""

from pathlib import Path

from rich.text import Text

from runner.archive.run import load
from runner.cli.flags import Flags
from runner.cli.which import run_directories
from runner.errors import ConfigError, Fault
from runner.launch import Launch
from runner.launch.rerun import rerun
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.terminal import results_table

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Run a run again, and print its results, the path last."""
    flags = Flags("rerun")
    flags.add_argument("--run-code", action="store_true")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if not rest or rest[0].startswith("-") or "=" in rest[0]:
        write = "Write runner rerun RUN [KEY=VALUE ...]."
        raise ConfigError(Fault("rerun", "must be given a run first", " ".join(rest), write, "command line"))
    runs = Path(given.runs).expanduser()
    folder = run_directories(rest[:1], runs)[0]
    console = SafeConsole(highlight=False)
    with Bar(SafeConsole(stderr=True)) as bar:
        done = rerun(folder, rest[1:], Launch(("runner", "rerun", *words), None, runs, bar), run_code=given.run_code)
    console.print(results_table(done.metrics, str(done.manifest["name"]), width=console.width))
    is_same = done.result_digest == load(folder).result_digest
    console.print(Text(f"{'The same result as' if is_same else 'Another result than'} {folder}."), soft_wrap=True)
    console.print(Text(str(done.path)), soft_wrap=True)
    return 0
