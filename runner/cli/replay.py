"""`runner replay RUN [--run-code] [--runs DIR]`: a session once more, from its run directory alone.

1. The recorded feed must give the instants that were decided on, row by row.
2. The same decisions must be made on them.
3. With a broker, every order in the journal must be one that they led to.

Neither data source nor service is asked, and nothing is sent. Exit code 0 if all of it is the same to the bit, 1 if not,
with the first line that differs, 2 if that can't be asked.
"""

import json
from pathlib import Path

from rich.text import Text

from runner.cli.flags import Flags
from runner.cli.which import run_directory
from runner.live.trading.again import Divergence
from runner.report.safe_console import SafeConsole
from runner.sessions.replay import Replayed, order_words, replay

__all__ = ["lines_of", "run"]

LONGEST = 400
"""Characters of a line that is shown."""


def run(words: list[str]) -> int:
    """Replay a session, and print its certificate."""
    flags = Flags("replay")
    flags.add_argument("--run-code", action="store_true")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    found = replay(run_directory("replay", rest, Path(given.runs)), run_code=given.run_code)
    console = SafeConsole(highlight=False)
    for line in lines_of(found):
        console.print(Text(line), soft_wrap=True)
    return 0 if found.is_same else 1


def lines_of(found: Replayed) -> list[str]:
    """Return what was found, a line each, the verdict last."""
    passed = found.passed
    also = f", {found.caught_up:,} more that went by while no process was there" if found.caught_up else ""
    told = f"{passed.instants:,} instants and {passed.reports:,} reports"
    lines = [
        f"  instants   {found.instants:,} from the feed's recording in {found.processes:,} processes{also}",
        f"  decisions  {passed.answers:,} answers to {told}, {passed.orders:,} orders among them",
    ]
    if found.intents is not None:
        lines.append(f"  sent       {found.intents:,} orders in the journal, of {found.led:,} that were led to")
    return [*lines, *_differences(found)]


def _differences(found: Replayed) -> list[str]:
    if found.instant is not None:
        each = found.instant
        where = f"instant {each.serial} of process {each.life}"
        return [*_pair(each.was, each.now), f"It differs: the recording tells {where} otherwise than the decisions."]
    divergence = found.passed.divergence
    if divergence is not None:
        return [*_divergence(divergence), f"It differs at line {divergence.line} of the decisions: {divergence.what}."]
    if found.unlike is not None:
        now = "" if found.unlike.now is None else order_words(found.unlike.now)
        lines = _pair(order_words(found.unlike.was), now)
        return [*lines, f"It differs: order {found.unlike.number} of the journal is none that the decisions lead to."]
    return ["The same to the bit: instants, decisions" + (" and orders." if found.intents is not None else ".")]


def _divergence(divergence: Divergence) -> list[str]:
    was, now = (None if line is None else json.dumps(line) for line in (divergence.was, divergence.now))
    return _pair(was or "", now or "")


def _pair(was: str, now: str) -> list[str]:
    return [f"  was  {was[:LONGEST] or 'nothing'}", f"  now  {now[:LONGEST] or 'nothing'}"]
