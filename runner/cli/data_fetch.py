"""`runner data fetch [OVERRIDES]`: bring what a service has into the store; `runner data tidy`: remove leftovers from it."""

from collections.abc import Mapping
from typing import Self

from rich import box
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from runner.cli.data_spec import data_spec
from runner.errors import ConfigError, Fault
from runner.market.lives import tickers_of
from runner.market.store import Filled, Stored, changed_notes, default_store
from runner.report.safe_console import SafeConsole
from runner.report.wording import count
from runner.spec.universe import Universe

__all__ = ["run", "tidy"]


def run(words: list[str]) -> int:
    """Fetch what the store doesn't hold and say what was there."""
    with _Bars() as bars:
        found = data_spec(words, bars.advance)
        spec = found.spec
        if not isinstance(found.source, Stored):
            write = "Its rows are on this machine already; fetch is for services such as data=tickdb."
            raise ConfigError(Fault("data.kind", "must be a source that can be fetched", spec.data.kind, write))
        bars.begin(spec.universe)
        filled = found.source.fill(spec.universe)
    if not filled:
        write = "Write data.start, or leave fetching out: this is read anew by each run."
        raise ConfigError(Fault("data", "must have a history to keep", "rows of the moment", write))
    console = SafeConsole()
    console.print(_table(filled))
    for note in changed_notes({symbol: each.changed for symbol, each in filled.items()}):
        console.print(Text(f"note: {note}"), soft_wrap=True)
    console.print(Text(str(default_store(spec.data).folder)), soft_wrap=True)
    return 0


def tidy(words: list[str]) -> int:
    """Remove chunks no index names from the store and say how many."""
    store = default_store(data_spec(words).spec.data)
    removed = store.tidy()
    SafeConsole().print(
        Text(f"{count(removed)} leftover{'s' if removed != 1 else ''} removed from {store.folder}"), soft_wrap=True
    )
    return 0


def _table(filled: Mapping[str, Filled]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("symbol", "fetched", "were there", "requests"):
        table.add_column(name, justify="left" if name == "symbol" else "right", no_wrap=True)
    for symbol, each in filled.items():
        fetched, held = (sum(piece.rows for piece in pieces) for pieces in (each.fetched, each.held))
        table.add_row(Text(symbol), count(fetched), count(held), count(len(each.fetched)))
    table.caption = "rows; of what was there only the latest were asked for again"
    return table


class _Bars:
    """A bar over all symbols on the error stream, on a terminal only."""

    def __init__(self) -> None:
        console = SafeConsole(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("fetching")
        self._shares: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, universe: Universe) -> None:
        self._shares = dict.fromkeys(tickers_of(universe), 0.0)

    def advance(self, symbol: str, share: float) -> None:
        self._shares[symbol] = share
        self._bar.update(
            self._task, description=f"fetching {symbol}", completed=100 * sum(self._shares.values()) / len(self._shares)
        )
