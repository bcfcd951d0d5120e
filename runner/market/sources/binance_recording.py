"""Recorded messages of Binance's spot streams: the book and the trades of one symbol, rebuilt from the lines of a recorder.

A line is `<local nanoseconds> <message>`; messages are `depthUpdate`, `trade` and `bookTicker` events, with or without the
`stream`/`data` wrapping of combined streams, and the answers of the REST call for a snapshot (`lastUpdateId`, `bids`,
`asks`). Files are read in the order of their names and continue each other.

1. `_messages` parses lines; messages that are none of the above are counted and passed over.
2. `BinanceBook` holds differences to the venue's contract of sequence; every one that moves a known book is a row of depth.
3. `_witnessed` compares the best levels with `bookTicker`, which the venue computes by itself, wherever both speak of one
   update: a book that contradicts it is refused.

Stamps are the venue's: `E` of a difference, `T` of a trade, in ms, UTC. Nobody vouches for the recorder's clock.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl
from pydantic import Field

from runner.errors import DataError, Fault
from runner.market.binance_book import BinanceBook, Difference, Levels
from runner.market.input_files import InputFile, find_files, read_bytes, sha256
from runner.market.offers import Offer, joined, offer
from runner.market.origin import FILE, ROW
from runner.market.source import Raw
from runner.market.streams import MOST_LEVELS, Stream, columns_of
from runner.market.symbols import absent_symbols
from runner.market.unpack import unpacked
from runner.spec.kind import Kind
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.units import Count

__all__ = ["BinanceRecording"]

INSTANTS = Timezone(zone="UTC", stamp="event", sessions_per_year=365)
"""What the venue's stamps mean, whatever the run's policy is."""
TICKER = ("u", "b", "B", "a", "A")


class BinanceRecording(Kind):
    """Depth and trades of one symbol out of recorded messages."""

    kind: Literal["binance_recording"] = "binance_recording"
    """Recorded messages of Binance's spot streams."""
    path: str
    """File, folder (searched for *.gz at any depth) or glob; files are read in the order of their names and continue each
    other. `~` is the home folder; the working directory is where others start."""
    streams: tuple[Literal["depth", "trades"], ...] = Field(default=("depth", "trades"), strict=False, min_length=1)
    """What is made of the recording."""
    levels: Count = Field(default=10, le=MOST_LEVELS)
    """Book levels per side of a row of depth; a REST snapshot holds 100 to 5000 of them."""
    gap: Literal["error", "resync"] = "error"
    """Where the venue's chain of updates breaks: refuse the recording, or leave the book out until the next snapshot in it;
    the rows left out are counted in `quality.json`."""

    def check(self, universe: Universe) -> list[Fault]:  # noqa: ARG002 - which symbol it holds, only the lines say
        """Return a fault if there is no file."""
        if find_files(self.path, (".gz",)):
            return []
        write = (
            "Write the path of a file, of a folder with *.gz files, or a glob in quotes; relative paths start in the working"
        )
        return [Fault("data.path", "must lead to at least one file", json.dumps(self.path), f"{write} directory.")]

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:  # noqa: ARG002 - which symbol it holds, only the lines say
        """Return the streams that are made of the recording."""
        levels = {"depth": self.levels}
        return joined({stream: offer(stream, levels.get(stream, 0), timezone=INSTANTS)} for stream in self.streams)

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Rebuild the book and collect the trades; raises DataError."""
        faults = self.check(universe)
        if faults:
            raise DataError(faults)
        found = _Found(self.levels, is_gap_fault=self.gap == "error")
        digests = {}
        for file in find_files(self.path, (".gz",)):
            data = read_bytes(file)
            digests[file.name] = sha256(data)
            found.add(file, data)
        faults = absent_symbols(universe, found.symbols)
        if faults:
            raise DataError(faults)
        raws = {"depth": found.depth_raw, "trades": found.trades_raw}
        return tuple(raws[stream](digests) for stream in dict.fromkeys(self.streams))


@dataclass(slots=True)
class _Found:
    """What the lines read so far amount to."""

    levels: int
    is_gap_fault: bool
    symbols: set[str] = field(default_factory=set)
    depth: list[tuple[Any, ...]] = field(default_factory=list)
    trades: list[tuple[Any, ...]] = field(default_factory=list)
    tickers: list[tuple[int, float, float, float, float]] = field(default_factory=list)
    differences: int = 0
    passed_over: int = 0
    chain: BinanceBook = field(default_factory=BinanceBook)

    def add(self, file: InputFile, data: bytes) -> None:
        """Take the lines of one more file."""
        for line, message in _messages(file, data):
            try:
                self._take(message, line, file)
            except (KeyError, TypeError, ValueError) as error:
                write = "Record the venue's messages as they come, or remove the line."
                was = f"{type(error).__name__}: {error} in line {line}"
                raise DataError(Fault(file.name, "must hold messages of Binance's spot streams", was, write)) from error

    def depth_raw(self, digests: dict[str, str]) -> Raw:
        """Return the rebuilt book, one row per difference; raises DataError if there is none."""
        if not self.depth:
            write = "Record a REST snapshot beside the differences, or write data.streams: [trades]."
            was = f"none that {self.differences} differences continue"
            raise DataError(Fault("data.path", "depth needs a snapshot in the recording", was, write))
        numbers = dict.fromkeys(columns_of("depth", self.levels), pl.Float64)
        frame = self._frame(self.depth, {"timestamp": pl.Int64, "seq": pl.Int64, **numbers})
        notes = (*_witnessed(frame, self.tickers), *self._notes())
        return Raw(frame, digests, stream="depth", levels=self.levels, timezone=INSTANTS, notes=notes)

    def trades_raw(self, digests: dict[str, str]) -> Raw:
        """Return the trades."""
        numbers = dict.fromkeys(columns_of("trades"), pl.Float64)
        frame = self._frame(self.trades, {"timestamp": pl.Int64, **numbers})
        return Raw(frame, digests, stream="trades", timezone=INSTANTS)

    def _take(self, message: dict[str, Any], line: int, file: InputFile) -> None:
        kind = message.get("e")
        if kind == "depthUpdate":
            self._take_difference(message, line, file)
        elif kind == "trade":
            self._note_symbol(message, file)
            side = -1.0 if message["m"] else 1.0  # m: the buyer was the maker, so the taker sold
            self.trades.append((int(message["T"]), float(message["p"]), float(message["q"]), side, file.name, line))
        elif "lastUpdateId" in message:
            held = int(message["lastUpdateId"]), _levels(message["bids"]), _levels(message["asks"])
            self._observe(self.chain.snapshot(*held), line, file)
        elif kind in {None, "bookTicker"} and message.keys() >= set(TICKER):
            update, *best = (message[name] for name in TICKER)
            self.tickers.append((int(update), *map(float, best)))  # type: ignore[arg-type]
        else:
            self.passed_over += 1

    def _take_difference(self, message: dict[str, Any], line: int, file: InputFile) -> None:
        self._note_symbol(message, file)
        ids = int(message["E"]), int(message["U"]), int(message["u"])
        difference = Difference(*ids, _levels(message["b"]), _levels(message["a"]), file.name, line)
        self.differences += 1
        self._observe(self.chain.difference(difference), line, file)

    def _observe(self, applied: Iterable[Difference], line: int, file: InputFile) -> None:
        """Write down the book as it stands after each difference; raises DataError where the chain breaks and mustn't."""
        gaps = self.chain.gaps
        for each in applied:
            self.depth.append((each.stamp, each.last, *self.chain.book.row(self.levels), each.file, each.line))
        if self.chain.gaps > gaps and self.is_gap_fault:
            write = "Write data.gap: resync to leave the book out until the next snapshot, or record the stretch again."
            raise DataError(Fault(file.name, "the chain of updates must not break", f"broken at line {line}", write))

    def _note_symbol(self, message: dict[str, Any], file: InputFile) -> None:
        self.symbols.add(str(message["s"]))
        if len(self.symbols) > 1:
            was = " and ".join(sorted(self.symbols))
            write = "Record each symbol in files of its own: a snapshot doesn't say whose it is."
            raise DataError(Fault(file.name, "a recording must hold one symbol", was, write))

    def _frame(self, rows: list[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
        frame = pl.DataFrame(rows, schema={**schema, FILE: pl.Categorical, ROW: pl.UInt32}, orient="row")
        symbol = pl.lit(next(iter(self.symbols)), dtype=pl.String).alias("symbol")
        return frame.with_columns(symbol, pl.col("timestamp").cast(pl.Datetime("ms", "UTC")))

    def _notes(self) -> tuple[str, ...]:
        notes = [
            (self.chain.gaps, "breaks in the chain of updates, each bridged by the next snapshot"),
            (
                self.differences - len(self.depth),
                "differences give no row: a snapshot held them already, or the book wasn't known",
            ),
            (self.passed_over, "messages of other kinds were passed over"),
        ]
        return tuple(f"depth: {count} {text}" for count, text in notes if count)


def _messages(file: InputFile, data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and message of each line."""
    try:
        lines = unpacked(data).splitlines()
    except (OSError, EOFError) as error:
        write = "Check that it is complete and of the right kind."
        raise DataError(Fault(file.name, "must be a file the source can read", str(error), write)) from error
    for number, line in enumerate(lines, start=1):
        local, _, text = line.partition(b" ")
        try:
            message = json.loads(text)
        except ValueError as error:
            message = error
        if not local.isdigit() or not isinstance(message, dict):
            was = f"{line[:40].decode(errors='replace')}… in line {number}"
            write = "Remove the line; a recorder that was killed may have left the last one unfinished."
            raise DataError(Fault(file.name, "lines must be local nanoseconds, a space and a message", was, write))
        yield number, message.get("data", message)


def _levels(pairs: list[list[str]]) -> Levels:
    return [(float(price), float(size)) for price, size in pairs]


def _witnessed(depth: pl.DataFrame, tickers: list[tuple[int, float, float, float, float]]) -> tuple[str, ...]:
    """Hold the best levels against `bookTicker`; raises DataError if they differ anywhere."""
    schema = {"seq": pl.Int64, **dict.fromkeys(("bid", "bid_size", "ask", "ask_size"), pl.Float64)}
    witness = pl.DataFrame(tickers, schema=schema, orient="row").unique("seq", keep="last", maintain_order=True)
    both = depth.join(witness, on="seq", how="inner", maintain_order="left")
    pairs = (("bid", "bid_price_0"), ("bid_size", "bid_size_0"), ("ask", "ask_price_0"), ("ask_size", "ask_size_0"))
    differing = both.filter(pl.any_horizontal(pl.col(theirs).ne_missing(pl.col(ours)) for theirs, ours in pairs))
    if differing.height == 0:
        return (f"depth: bookTicker agrees with the best levels at all {both.height} updates both speak of",)
    first = differing.row(0, named=True)
    was = (
        f"{differing.height} of {both.height} updates at which they differ, the first in line {first[ROW]} of {first[FILE]}"
    )
    write = "The recording has lost messages; record the stretch again, or begin after a later snapshot."
    raise DataError(Fault("data.path", "the best levels must be those bookTicker tells", was, write))
