"""`runner archive RUN [--to FILE] [--with-data] [--data PATH]… [--runs DIR]`: a run as one file, the same bytes every time.

Prints the SHA-256 of the file and its path. Exit code 2 if the run isn't whole.
"""

from pathlib import Path

from rich.text import Text

from runner.archive.pack import archive_name, pack
from runner.archive.record import is_sweep, manifest_of
from runner.archive.seal import INPUTS
from runner.cli.flags import Flags
from runner.cli.which import run_directory
from runner.errors import Fault, RunError
from runner.launch.kept_inputs import found_inputs, inputs_of
from runner.launch.rebuild import kept_values
from runner.launch.verify import verify
from runner.report.safe_console import SafeConsole

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Write the archive of a run."""
    flags = Flags("archive")
    flags.add_argument("--to", type=Path)
    flags.add_argument("--with-data", action="store_true")
    flags.add_argument("--data", action="append", default=[])
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    folder = run_directory("archive", rest, Path(given.runs)).resolve()
    broken = verify(folder, bytes_only=True).broken
    if broken:
        fix = "runner verify tells more; what was changed isn't archived as if it were the run."
        raise RunError([Fault(each.name, "must be as it was written", each.how, fix) for each in broken])
    inputs = _inputs(folder, [Path(path) for path in given.data]) if given.with_data else {}
    target = given.to or Path(archive_name(folder))
    digest = pack(folder, target, inputs)
    console = SafeConsole(highlight=False)
    console.print(Text(f"SHA-256 {digest}"), soft_wrap=True)
    console.print(Text(str(target)), soft_wrap=True)
    return 0


def _inputs(folder: Path, given: list[Path]) -> dict[str, Path]:
    """Return SHA-256 → file of the run's input data; raises RunError where one isn't there any more, or never was a file."""
    if is_sweep(folder):
        fix = "Archive it without the data, and a trial made by runner materialise with them."
        raise RunError(Fault("--with-data", "must be asked of a run", "a sweep", fix))
    digests, values = manifest_of(folder).get("data_digests") or {}, kept_values(folder)
    inputs = inputs_of(values, digests)
    places = given or ([folder / INPUTS] if (folder / INPUTS).is_dir() else [])
    where = found_inputs(values, inputs, places)
    known = {each.name for each in inputs}
    fix = "Write --data with the file, or a folder that has it."
    faults = [Fault(each.name, "must be there as it was read", "missing", fix) for each in where.missing]
    faults += [Fault(each.name, "must be there as it was read", "another file", fix) for each in where.changed]
    fix = "Archive it without the data: what a package or a service gives is there for others as well."
    faults += [Fault(name, "must be a file of yours", "none", fix) for name in digests if name not in known]
    if faults:
        raise RunError(faults)
    return {each.sha256: path for each, path in where.found.items()}
