"""`runner mlflow RUN… [--to URI] [--experiment NAME] [--runs DIR]`: write runs that have ended into MLflow.

Prints for each where it is there. A run that is there already isn't written again.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from rich.text import Text

from runner.archive.record import is_sweep
from runner.cli.flags import Flags
from runner.cli.which import run_directories
from runner.errors import ConfigError, Fault, RunError
from runner.launch.rebuild import kept_values
from runner.report.safe_console import SafeConsole

__all__ = ["run"]

QUIET = "MLFLOW_DISABLE_TELEMETRY"
"""MLflow tells its makers what is done with it, unless this is set before it is imported."""


def run(words: list[str]) -> int:
    """Write runs into MLflow."""
    flags = Flags("mlflow")
    flags.add_argument("--to")
    flags.add_argument("--experiment")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if not rest or rest[0].startswith("-"):
        write = "Write runner mlflow RUN, with a path, an id of runner list, or last."
        raise ConfigError(Fault("mlflow", "must be given a run", " ".join(rest), write, "command line"))
    if find_spec("mlflow") is None:
        write = 'Run pip install "runner[mlflow]".'
        raise ConfigError(Fault("mlflow", "must be installed: MLflow is an extra", "", write))
    os.environ.setdefault(QUIET, "true")
    from runner.archive.mlflow_log import log_run  # noqa: PLC0415 - an extra of two seconds; only who asks for it pays

    console = SafeConsole(highlight=False)
    folders = run_directories(rest, Path(given.runs))
    write = "A trial of it is made a run by runner materialise."
    sweeps = [Fault(str(folder), "must be a run", "a sweep", write) for folder in folders if is_sweep(folder)]
    if sweeps:
        raise RunError(sweeps)
    for folder in folders:
        found = log_run(folder, kept_values(folder), to=given.to, experiment=given.experiment)
        how = "" if found.is_new else "  there already"
        console.print(Text(f"{found.experiment}  {found.id}{how}"), soft_wrap=True)
    return 0
