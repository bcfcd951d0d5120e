"""`runner verify RUN [--bytes] [--data PATH]… [--run-code] [--runs DIR]`: whether a run is what it says.

Exit code 0 if every byte is as it was written and the same came out, 1 if not, 2 if it can't be asked.
"""

from dataclasses import replace
from pathlib import Path

from rich.text import Text

from runner.archive.record import SWEEP_FACTS, is_sweep, manifest_of
from runner.archive.unpacked import is_unpacked
from runner.cli.flags import Flags
from runner.cli.which import run_directory
from runner.launch.differing import Difference
from runner.launch.verify import Verdict, verify
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.sweeps.anchor import lost_heads

__all__ = ["run"]

MOST_SHOWN = 20


def run(words: list[str]) -> int:
    """Verify a run, and print what was found."""
    flags = Flags("verify")
    flags.add_argument("--bytes", action="store_true")
    flags.add_argument("--run-code", action="store_true")
    flags.add_argument("--data", action="append", default=[])
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    folder = run_directory("verify", rest, Path(given.runs))
    with Bar(SafeConsole(stderr=True)) as bar:
        found = verify(folder, data=given.data, bytes_only=given.bytes, run_code=given.run_code, progress=bar)
    found = _with_ledgers(found)
    _show(found)
    return 0 if found.is_same else 1


def _with_ledgers(found: Verdict) -> Verdict:
    """Add what the ledgers have lost that a sweep was counted in; one that was brought in from elsewhere has none here."""
    is_changed = any(each.name == SWEEP_FACTS for each in found.broken)
    if is_changed or not is_sweep(found.path) or is_unpacked(found.path):
        return found
    runs = found.path.resolve().parent.parent
    lost = [
        Difference("record", f"the ledger of trials on {data}", f"{head.lines:,} lines", f"{lines:,}")
        for data, head, lines in lost_heads(runs, manifest_of(found.path))
    ]
    return replace(found, differences=(*found.differences, *lost))


def _show(found: Verdict) -> None:
    console = SafeConsole(highlight=False)
    for line in lines_of(found):
        console.print(Text(line), soft_wrap=True)


def lines_of(found: Verdict) -> list[str]:
    """Return what was found, a line each, the verdict last."""
    lines = []
    if not found.is_sealed:
        lines.append("  older than seals: tables, spec and plugins were held against the manifest, other bytes weren't")
    for each in found.differences[:MOST_SHOWN]:
        then = f"{each.then} then, " if each.then else ""
        lines.append(f"  {each.layer}: {each.what}: {then}{each.now} now")
    more = len(found.differences) - MOST_SHOWN
    lines += [f"  and {more:,} more"] if more > 0 else []
    if found.why_not:
        lines.append(f"  not made again: {found.why_not}")
    if found.seal:
        lines.append(f"  seal {found.seal}")
    return [*lines, _verdict(found)]


def _verdict(found: Verdict) -> str:
    if found.is_same:
        if not found.is_rebuilt:
            return "The same: every byte is as it was written." if found.is_sealed else "Nothing was found to differ."
        but = f", though {_layers(found)}" if found.differences else ""
        return f"The same: made again, every table has the digest it had{but}."
    first = found.first
    layer = "" if first is None else f" The first layer that does is the {first.layer}: {first.what}."
    return f"It differs.{layer}"


def _layers(found: Verdict) -> str:
    names = list(dict.fromkeys(each.layer for each in found.differences))
    last = f" and {names[-1]} differ" if len(names) > 1 else f"{names[-1]} differs"
    return f"{', '.join(names[:-1])}{last}"
