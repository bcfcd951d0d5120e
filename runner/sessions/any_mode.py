"""A run in whichever mode it names: computed over data that are there, or sat through as a session."""

from collections.abc import Sequence
from pathlib import Path

from runner.archive.run import Run
from runner.compose import Configurations
from runner.launch import Launch, launch
from runner.launch.asked import asked
from runner.prepare import Prepared
from runner.sessions.onlooker import Onlooker
from runner.spec.run import RunSpec
from runner.sweeps.asking import check_alone

__all__ = ["LIVE_MODES", "done", "run"]

LIVE_MODES = frozenset({"paper", "live"})


def done(prepared: Prepared, how: Launch, onlooker: Onlooker | None = None) -> tuple[Run, int]:
    """Run what was prepared; return what came of it, and the exit code: that of `runner.live.session` for a session.

    Args:
        prepared: The run.
        how: How it is asked for.
        onlooker: Is shown a session while it runs.
    """
    if prepared.spec.mode.kind not in LIVE_MODES:
        return launch(prepared, how), 0
    from runner.sessions.launch import launch_session  # noqa: PLC0415 - sockets take half a second; only a session pays

    sat = launch_session(prepared, how, onlooker)
    return sat.run, sat.exit_code


def run(
    spec: RunSpec | None = None,
    *,
    overrides: Sequence[str] = (),
    config_dirs: Sequence[str | Path] = (),
    runs: str | Path | None = None,
) -> Run:
    """Run a strategy and write its run directory.

    Args:
        spec: A spec made in Python or by `runner.configure`; None composes the configuration.
        overrides: As on the command line; not together with a spec.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.
        runs: Folder that run directories go to; None takes the configuration's, or `runs`.

    Raises:
        RunnerError: The configuration, the data or the folder is not what it must be; nothing is left half-written.
        ValueError: Both a spec and overrides are given.
    """
    prepared, how = asked(spec, overrides=overrides, config_dirs=config_dirs, runs=runs)
    if how.composed is not None:
        folders = tuple(Path(folder) for folder in config_dirs)
        check_alone(how.composed, Configurations(config_dirs=folders, working_directory=Path.cwd()))
    return done(prepared, how)[0]
