"""The market data of a run that is read window by window: parquet files, one source per stream.

1. `window_source_faults` says what can't be read so, and what to write, before a row is read.
2. `run_windows` opens the files: it hashes them, reads the events and looks at every symbol and stamp once.
3. `RunWindows.tapes` hands out each stream's windows; what is known of the whole (calendars, the quality report, a digest of
   the rows) grows with them and is complete behind the last.

The digest of the rows is another than that of a tape in memory (`tape_digest`), which hashes column after column and would
need as many passes; it doesn't depend on the length of the windows.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from runner.duration import nanoseconds
from runner.errors import ConfigError, DataError, Fault
from runner.market.calendar import Calendar
from runner.market.digest import RowsDigest
from runner.market.events import EventsRead, read_events
from runner.market.input_files import InputFile, find_files
from runner.market.load import MarketData
from runner.market.sources.combined import Combined
from runner.market.sources.parquet import Parquet
from runner.market.streams import STREAMS, Stream
from runner.market.tape import Tape
from runner.market.timezone import stream_faults
from runner.market.windows import TapeWindows, tape_windows, window_policy_faults
from runner.spec.run import RunSpec
from runner.spec.timezone import Timezone

__all__ = ["RunWindows", "run_windows", "window_source_faults"]

WHERE = "engine.window"
WHOLE = "Write engine.window=null to read the data whole."
CHUNK = 1 << 22
"""Bytes of a file that are hashed at once."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """One stream's files."""

    source: Parquet
    policy: Timezone
    digests: Mapping[str, str]
    windows: TapeWindows


class RunWindows:
    """What a run reads, window by window."""

    def __init__(self, opened: Mapping[Stream, _Opened], events: EventsRead, symbols: tuple[str, ...]) -> None:
        """See `run_windows`."""
        self._opened = opened
        self._events = events
        self._digests = {stream: RowsDigest(stream, symbols) for stream in opened}
        self._symbols = symbols

    @property
    def tapes(self) -> dict[Stream, Iterator[Tape]]:
        """Each stream's windows, to be gone through once."""
        return {stream: self._through(stream) for stream in self._opened}

    @property
    def longest(self) -> dict[Stream, int]:
        """Nanoseconds of the longest bar that is declared."""
        policies = {stream: each.policy for stream, each in self._opened.items() if stream == "bars"}
        return {stream: nanoseconds(policy.interval) for stream, policy in policies.items() if policy.interval}

    @property
    def calendars(self) -> dict[Stream, dict[str, Calendar]]:
        """Stream → symbol → its sessions in the windows so far."""
        held = {stream: each.windows.calendar for stream, each in self._opened.items()}
        return {stream: {} if found is None else dict.fromkeys(self._symbols, found) for stream, found in held.items()}

    @property
    def digests(self) -> dict[str, str]:
        """Input name → SHA-256 of its bytes."""
        found = {name: digest for each in self._opened.values() for name, digest in each.digests.items()}
        return {**found, **self._events.digests}

    @property
    def rows_digest(self) -> str:
        """The digest of the rows so far, whatever windows they came in."""
        found = "".join(self._digests[stream].text for stream in sorted(self._digests))
        return hashlib.sha256(found.encode()).hexdigest()

    @property
    def share(self) -> float:
        """How much has been read, 0 to 1: that of the stream that is least far."""
        return min(each.windows.share for each in self._opened.values())

    @property
    def as_of(self) -> int | None:
        """UTC nanoseconds after which bars counted as still forming; None where that decided nothing so far."""
        return max((at for each in self._opened.values() if (at := each.windows.as_of) is not None), default=None)

    @property
    def so_far(self) -> MarketData:
        """Calendars and events, as far as the windows have come; neither rows nor what was found in them."""
        return MarketData({}, {}, {}, self.calendars, self._events.events)

    def market(self, tapes: Mapping[Stream, Tape]) -> MarketData:
        """Return what is known of the market behind the last window, with some of its rows in place of all."""
        quality: dict[str, object] = {stream: each.windows.total for stream, each in self._opened.items()}
        quality |= {"events": dict(self._events.report)} if self._events.report else {}
        return MarketData(tapes, quality, self.digests, self.calendars, self._events.events, self.as_of)

    def _through(self, stream: Stream) -> Iterator[Tape]:
        for each in self._opened[stream].windows:
            self._digests[stream].add(each.tape)
            yield each.tape


def run_windows(spec: RunSpec, *, now: int | None) -> RunWindows:
    """Open what a run reads window by window.

    Args:
        spec: The run; `engine.window` is the length of a window.
        now: UTC nanoseconds after which bars count as still forming; None lets them pass.

    Raises:
        ConfigError: It can't be read window by window.
        DataError: The files or the events can't be read.
    """
    faults = window_source_faults(spec)
    if faults:
        raise ConfigError(faults)
    assert spec.engine.window is not None  # noqa: S101 - whoever asks for windows has a length of one
    events = read_events(spec.events, spec.universe, zone=spec.timezone.zone)
    opened = {}
    for stream, (name, source, policy) in _parts(spec).items():
        try:
            windows = tape_windows(
                source,
                universe=spec.universe,
                timezone=policy,
                quality=spec.quality,
                window=spec.engine.window,
                dates=spec.window,
                now=now,
            )
        except (ConfigError, DataError) as error:
            raise type(error)([_of_run(fault) for fault in error.faults]) from error
        files = find_files(source.path, source.suffixes())
        digests = {f"{name}/{file.name}" if name else file.name: _digest_of(file) for file in files}
        opened[stream] = _Opened(source, policy, digests, windows)
    return RunWindows({stream: opened[stream] for stream in STREAMS if stream in opened}, events, spec.universe.symbols)


def window_source_faults(spec: RunSpec) -> list[Fault]:
    """Return what keeps the data of a run from being read window by window."""
    sources = _sources(spec.data)
    if isinstance(sources, Fault):
        return [sources]
    faults = []
    for _, source, own in sources:
        faults += [*window_policy_faults(source, spec.quality), *stream_faults(source.stream, own or spec.timezone)]
    return faults


def _parts(spec: RunSpec) -> dict[Stream, tuple[str, Parquet, Timezone]]:
    """Return stream → name of the part that gives it, its source and policy."""
    sources = _sources(spec.data)
    if isinstance(sources, Fault):
        raise ConfigError(sources)
    return {source.stream: (name, source, own or spec.timezone) for name, source, own in sources}


def _sources(data: object) -> list[tuple[str, Parquet, Timezone | None]] | Fault:
    """Return name, source and own policy of each part, or why they can't be read by windows."""
    if isinstance(data, Parquet):
        return [("", data, None)]
    kind = str(getattr(data, "kind", data))
    if not isinstance(data, Combined):
        return Fault(WHERE, "must be null unless the data are parquet files", f"data of kind {kind}", _prepared_first())
    found = []
    for name, part in data.parts.items():
        if not isinstance(part.source, Parquet):
            was = f"data.parts.{name} of kind {part.source.kind}"
            return Fault(WHERE, "must be null unless every part of the data is parquet files", was, _prepared_first())
        if part.symbols is not None:
            write = f"Put the files of one stream into one part, or {WHOLE[0].lower()}{WHOLE[1:]}"
            return Fault(WHERE, "must be null where parts are asked for some symbols only", f"data.parts.{name}", write)
        found.append((name, part.source, part.timezone))
    streams = [source.stream for _, source, _ in found]
    twice = sorted({stream for stream in streams if streams.count(stream) > 1})
    if twice:
        write = f"Put the files of one stream into one part, or {WHOLE[0].lower()}{WHOLE[1:]}"
        return Fault(WHERE, "must be null where several parts give one stream", ", ".join(twice), write)
    return found


def _prepared_first() -> str:
    return f"Write the rows into parquet files first, or {WHOLE[0].lower()}{WHOLE[1:]}"


def _of_run(fault: Fault) -> Fault:
    """Say of a run's key what `tape_windows` says of its argument."""
    return replace(fault, where=WHERE) if fault.where == "window" else fault


def _digest_of(file: InputFile) -> str:
    """Return the SHA-256 of a file, of which a piece is held at a time."""
    found = hashlib.sha256()
    try:
        with file.path.open("rb") as stream:
            while piece := stream.read(CHUNK):
                found.update(piece)
    except OSError as error:
        write = "Check the file and its permissions."
        raise DataError(Fault(file.name, "must be readable", error.strerror or str(error), write)) from error
    return found.hexdigest()
