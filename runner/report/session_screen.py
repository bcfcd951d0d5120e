"""A session on the terminal while it runs: one compact panel that is drawn anew, or plain lines where nothing can be.

A terminal shows state, money, positions and the latest lines. A file or a pipe gets each new line of the session's log once,
so that it can be searched afterwards.
"""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from runner.report.live_status import LiveStatus, LogLine
from runner.report.wording import UNDEFINED

__all__ = ["SessionScreen", "panel_of"]

MOST_POSITIONS = 8
MOST_LINES = 6
STYLES = {"warning": "yellow", "alarm": "bold red"}
GOOD = frozenset({"live", "closed"})


class SessionScreen:
    """Shows a session; use as a context, the panel stays as it was last when it ends."""

    shows_alarms = True
    """Alarms are lines of the log, and printed beside a panel they would tear it."""

    def __init__(self, console: Console) -> None:
        """Prepare; nothing is drawn before there is something to show."""
        self._console = console
        self._live: Live | None = None
        self._last: LogLine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def stage(self, name: str) -> None:
        """Say what is being done before and after the session itself."""
        self._console.print(Text(f"{name} …", style="dim"), soft_wrap=True)

    def done(self, share: float) -> None:
        """Ignore how far that is: a session's stages are short."""

    def show(self, status: LiveStatus) -> None:
        """Show a session as it is now."""
        if not self._console.is_terminal:
            for line in self._new(status):
                self._console.print(_line(line), soft_wrap=True)
            return
        if self._live is None:
            self._live = Live(panel_of(status), console=self._console, auto_refresh=False)
            self._live.start()
        self._live.update(panel_of(status), refresh=True)
        if status.state == "closed":
            self._live.stop()

    def _new(self, status: LiveStatus) -> list[LogLine]:
        """Return the lines that weren't printed yet; of more than a status holds the latest."""
        lines = list(status.log)
        place = next((at for at in range(len(lines), 0, -1) if lines[at - 1] is self._last), 0)
        self._last = lines[-1] if lines else self._last
        return lines[place:]


def panel_of(status: LiveStatus) -> Panel:
    """Return a session as a panel of few lines."""
    style = "green" if status.state in GOOD else "red" if status.state == "halted" else "yellow"
    head = Text.assemble((status.state.upper(), f"bold {style}"), f"  {_money(status)}")
    parts = [head]
    if status.killed is not None:
        parts.append(Text(f"kill switch: {status.killed}", style="bold red"))
    if status.note and status.note != status.killed:
        parts.append(Text(status.note, style="dim"))
    parts.append(Text(_lines_of(status), style="dim"))
    tables = [_positions(status)] if status.positions else []
    latest = [_line(line) for line in status.log[-MOST_LINES:]]
    title = Text(f"{status.name} · {status.mode}{f' · {status.venue}' if status.venue else ''}")
    return Panel(Group(*parts, *tables, *latest), title=title, title_align="left", border_style=style)


def _money(status: LiveStatus) -> str:
    money = status.pnl
    said = {"equity": money.equity, "today": money.day, "unrealized": money.unrealized, "fees": money.fees}
    return "  ".join(f"{name} {_short(value)}" for name, value in said.items()) + f"  {status.currency}"


def _lines_of(status: LiveStatus) -> str:
    """Say how the connections are, and how old the oldest price is."""
    ways = ", ".join(f"{each.name} {each.state}{_again(each.reconnects)}" for each in status.connections) or "not connected"
    ages = [age for age in status.staleness.values() if age is not None]
    unheard = len(status.staleness) - len(ages)
    oldest = f"; oldest price {max(ages):,.1f} s" if ages else ""
    return f"{ways}{oldest}{f'; {unheard} never heard' if unheard else ''}; {len(status.orders)} orders out"


def _again(count: int) -> str:
    return f" (opened again {count}×)" if count else ""


def _positions(status: LiveStatus) -> Table:
    table = Table(box=None, show_header=True, header_style="dim", padding=(0, 2, 0, 0))
    for name in ("symbol", "quantity", "average", "last", "value", "gain"):
        table.add_column(name, justify="left" if name == "symbol" else "right")
    for each in status.positions[:MOST_POSITIONS]:
        numbers = (each.quantity, each.average_price, each.mark, each.value, each.unrealized)
        table.add_row(Text(each.symbol), *(Text(_short(number)) for number in numbers))
    if len(status.positions) > MOST_POSITIONS:
        table.add_row(Text(f"and {len(status.positions) - MOST_POSITIONS} more", style="dim"))
    return table


def _line(line: LogLine) -> Text:
    # The clock of the day: date and milliseconds are in the files.
    return Text.assemble((line.at[11:19], "dim"), " ", (line.text, STYLES.get(line.level, "")))


def _short(number: str | None) -> str:
    """Return decimal text for people: two decimals, or four digits of what is smaller."""
    if number is None:
        return UNDEFINED
    try:
        value = float(number)
    except ValueError:
        return number
    return f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{value:.4g}"
