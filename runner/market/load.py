"""From a source to tapes: the one way market data enter a run.

1. `config_faults` refuses policies that contradict themselves before a file is opened.
2. `read_events` reads the files of events. `source.read` gives the rows of each stream; `_shaped` holds them against the
   contract of `Raw`, `arranged` puts them symbol by symbol.
3. `placed` gives every row its instants (`clock`) by the rows' own time-zone policy or the run's, completed by what a
   service states of its stamps (`stated`); `spacings_of` holds bars against the declared length of one.
4. `by_lives` says which rows of which ticker are which symbol, `within` keeps the window's session dates, `gaps_of` counts
   the bars that aren't there.
5. `merged` joins what several sources gave of one stream.
6. `gate` applies the quality policies (`quality`, `checks`), and `tape_of` lays the rows out as a tape; `left_out` accounts
   for the rows that no tape has.

Each step lets go of what the one before held, so that at no time there are three copies of the data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import polars as pl

from runner.errors import ConfigError, DataError, Fault
from runner.market.arrange import arranged, present
from runner.market.batch import FORMING
from runner.market.calendar import Calendar
from runner.market.clock import placed
from runner.market.coarse import coarse_faults
from runner.market.events import event_faults, read_events
from runner.market.factors_zone import zoned
from runner.market.gaps import Gaps, gaps_of
from runner.market.layout import tape_of
from runner.market.left_out import Door, accounted, hours_faults, outside_notes
from runner.market.lives import asked, by_lives, tickers_of
from runner.market.lone_rows import lone_notes
from runner.market.merge import Part, merged
from runner.market.origin import FILE, ROW, ensure_origin
from runner.market.quality import Beside, gate, quality_faults
from runner.market.session_ends import end_notes, session_ends
from runner.market.source import Raw, Source
from runner.market.sources.combined import part_of, policy_fault_of
from runner.market.spacing import Spacings, spacings_of
from runner.market.stated import Stated, completed, overruled
from runner.market.streams import RAW_PRICES, STREAMS, Stream, columns_of
from runner.market.symbols import absent_symbols, partial_symbols, universe_faults
from runner.market.tape import Tape
from runner.market.ties import shared_instants
from runner.market.timezone import policy_faults, stream_faults
from runner.market.window import empty_window, span_of, window_faults, within
from runner.signal.sheet import Events
from runner.spec.events import EventFile
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

__all__ = ["MarketData", "config_faults", "load"]

NO_EVENTS: Mapping[str, EventFile] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MarketData:
    """The market data a run may use, and how they came to be."""

    tapes: Mapping[Stream, Tape]
    """Each stream the source gave, in the order of `streams.STREAMS`: bars before quotes, trades and depth."""
    quality: dict[str, object]
    """Stream → what the gate found, and under `events` what was read of each event file, as plain JSON values for
    `quality.json`."""
    digests: Mapping[str, str]
    """Input name → SHA-256 of its bytes as read."""
    calendars: Mapping[Stream, Mapping[str, Calendar]] = field(default_factory=dict)
    """Stream → symbol → its sessions, where the time-zone policy of its rows names a calendar or hours."""
    events: Mapping[str, Events] = field(default_factory=dict)
    """Name of an event file → its events."""
    as_of: int | None = None
    """UTC nanoseconds after which bars counted as still forming; None where that decided nothing, as there were none."""

    @property
    def tape(self) -> Tape:
        """The bars; of a source without bars the first stream it has."""
        return next(iter(self.tapes.values()))


def config_faults(
    *,
    universe: Universe,
    window: Window,
    timezone: Timezone,
    quality: Quality,
    events: Mapping[str, EventFile] = NO_EVENTS,
) -> list[Fault]:
    """Return every fault of the market's configuration that can be seen without data."""
    policies = [*policy_faults(timezone), *quality_faults(quality)]
    return [*universe_faults(universe), *window_faults(window), *policies, *event_faults(events)]


def load(  # noqa: PLR0913 - keywords, one per section of the configuration
    source: Source,
    *,
    universe: Universe,
    window: Window,
    timezone: Timezone,
    quality: Quality,
    events: Mapping[str, EventFile] = NO_EVENTS,
    now: int | None = None,
) -> MarketData:
    """Read the universe's rows in the window, judged and laid out as one tape per stream, and the files of events.

    A tape depends on the rows, not on their order in the files; of quotes, trades and books the order within an instant
    counts, and a note says where the order of files decided it.

    Args:
        source: where the rows come from.
        universe: what is read.
        window: session dates to keep.
        timezone: what stamps mean.
        quality: what happens to faulty rows.
        events: files of events by name.
        now: UTC nanoseconds; bars known later are still forming, of sources that don't say themselves when they were read.
            None lets them pass. A bar that was final once stays so: a later `now` only adds bars.

    Raises:
        ConfigError: the configuration contradicts itself.
        DataError: the data can't be read, can't be placed in time, or break a policy.
    """
    faults = config_faults(universe=universe, window=window, timezone=timezone, quality=quality, events=events)
    if faults:
        raise ConfigError(faults)
    known = read_events(events, universe, zone=timezone.zone)
    raws = [
        raw if raw.as_of is not None else replace(raw, as_of=now) for raw in zoned(source, timezone).read(asked(universe))
    ]
    _refuse_absent(raws, universe)
    digests = {name: digest for raw in raws for name, digest in raw.digests.items()}
    quality = _declared(quality, raws)
    parts: dict[Stream, list[Part]] = {}
    decided: list[int] = []
    while raws:
        stream, as_of = raws[0].stream, raws[0].as_of
        name = part_of(source, raws[0])
        try:
            parts.setdefault(stream, []).append(_part(raws.pop(0), universe, window, timezone, quality))
        except (ConfigError, DataError) as error:
            raise type(error)([policy_fault_of(source, name, fault) for fault in error.faults]) from error
        if as_of is not None and FORMING in parts[stream][-1].frame.columns:
            decided.append(as_of)
    tapes: dict[Stream, Tape] = {}
    reports: dict[str, object] = {}
    calendars: dict[Stream, Mapping[str, Calendar]] = {}
    for stream in (stream for stream in STREAMS if stream in parts):
        calendars[stream] = _calendars(parts[stream])
        tapes[stream], reports[stream] = _judged(parts.pop(stream), stream, universe, window, quality)
    reports |= {"events": dict(known.report)} if events else {}
    latest = max(decided, default=None)
    return MarketData(tapes, reports, {**digests, **known.digests}, calendars, known.events, latest)


def _calendars(parts: Iterable[Part]) -> dict[str, Calendar]:
    """Return symbol → the sessions that its rows were held against."""
    held = [(part.calendar, present(part.frame["symbol"])) for part in parts if part.calendar is not None]
    return {symbol: calendar for calendar, symbols in held for symbol in symbols}


def _declared(quality: Quality, raws: Iterable[Raw]) -> Quality:
    """Keep splits, counted, where the user declined adjusted prices for all bars: the declaration the policy asks for."""
    declined = all(raw.unadjusted for raw in raws if raw.stream == "bars") and any(raw.unadjusted for raw in raws)
    return quality.model_copy(update={"split": "keep"}) if declined else quality


def _part(raw: Raw, universe: Universe, window: Window, timezone: Timezone, quality: Quality) -> Part:
    """Give one source's rows of one stream their instants and symbols, and keep the window's."""
    own, faults = _policy(raw, timezone)
    if faults:
        raise ConfigError([_of_source(fault, raw) for fault in faults])
    try:
        # A list hands the frame over without keeping it: the rows as they came and as they go are never both held.
        frames = [ensure_origin(_shaped(raw))]
        raw = replace(raw, frame=raw.frame.clear())
        frames.append(arranged(frames.pop(), tickers_of(universe)))
        read = Door.counted(frames[0])
        found = placed(frames.pop(), own)
        spacings = spacings_of(found.frame, own, found.calendar) if raw.stream == "bars" else Spacings(own)
        faults = [*spacings.faults, *(coarse_faults(spacings.coarse) if quality.coarse == "error" else [])]
    except DataError as error:
        raise DataError([_of_source(fault, raw) for fault in error.faults]) from error
    if faults:
        raise DataError([_of_source(fault, raw) for fault in faults])
    lived = by_lives(found.frame, universe)
    inside = within(lived.frame, window)
    door = Door.of(read, placed=found.frame.height, lived=lived.frame.height, inside=inside.height)
    gaps = gaps_of(inside, own, found.calendar) if raw.stream == "bars" else Gaps()
    faults = hours_faults(door, gaps, own)
    if faults:
        raise DataError([_of_source(fault, raw) for fault in faults])
    if raw.stream == "bars" and raw.as_of is not None and (inside["known"] > raw.as_of).any():
        inside = inside.with_columns((pl.col("known") > raw.as_of).alias(FORMING))
    hours = *outside_notes(found.outside, read, own), *lone_notes(found.lone)
    stamps = overruled(raw.timezone, timezone) if isinstance(raw.timezone, Stated) else ()
    ties = shared_instants(inside, raw.stream)
    ends = end_notes(session_ends(inside, own, found.calendar), own) if quality.gap == "error" else ()
    notes = (*raw.notes, *stamps, *hours, *lived.notes, *ties, *spacings.notes, *ends)
    return Part(inside, raw.levels, span_of(lived.frame), gaps, notes, spacings.coarse, door, found.calendar)


def _policy(raw: Raw, timezone: Timezone) -> tuple[Timezone, list[Fault]]:
    """Return what the stamps of a source's rows mean, and what is wrong with that."""
    if raw.timezone is None:
        return timezone, stream_faults(raw.stream, timezone)
    own, faults = completed(raw.timezone, timezone) if isinstance(raw.timezone, Stated) else (raw.timezone, [])
    # What follows from a contradiction isn't a fault of its own.
    return own, faults or [*stream_faults(raw.stream, own), *policy_faults(own)]


def _judged(
    parts: list[Part], stream: Stream, universe: Universe, window: Window, quality: Quality
) -> tuple[Tape, dict[str, object]]:
    """Pass the rows of one stream through the gate and lay them out."""
    whole = merged(parts, stream)
    parts.clear()
    if whole.frame.height == 0:
        raise DataError(empty_window(whole.span, window))
    absent = _absent_from_window(whole.frame, universe)
    gated = gate(
        whole.frame,
        quality,
        symbols=universe.symbols,
        stream=stream,
        levels=whole.levels,
        beside=Beside(whole.gaps, whole.coarse),
    )
    report = {**accounted(gated.report, whole.door), "notes": [*whole.notes, *absent, *gated.notes]}
    del whole
    faults = partial_symbols(gated.frame, universe)
    if faults:
        raise DataError(faults)
    return tape_of(gated.frame, universe.symbols, stream), report


def _shaped(raw: Raw) -> pl.DataFrame:
    """Hold a source's frame against its contract, so that a source of the user's own fails at its own door."""
    frame = raw.frame
    floats = [*columns_of(raw.stream, raw.levels), *(name for name in RAW_PRICES if name in frame.columns)]
    # Files laid symbol by symbol while they are read come with their symbols as an Enum.
    types: dict[str, tuple[type[pl.DataType], ...]] = {
        "symbol": (pl.String, pl.Enum),
        **dict.fromkeys(floats, (pl.Float64,)),
    }
    absent = [name for name in (*types, "timestamp") if name not in frame.columns]
    must = f"the source must give {raw.stream} with every column"
    faults = [Fault("data", must, f"no {name}", "Add it to the frame.") for name in absent]
    faults += [
        Fault("data", f"the source must give {name} as {wanted[0]}", str(frame.schema[name]), "Cast the column.")
        for name, wanted in types.items()
        if name not in absent and not isinstance(frame.schema[name], wanted)
    ]
    if faults:
        raise DataError(faults)
    # Taken, not selected: a query would first copy columns whose pieces in memory don't match.
    return frame[["symbol", "timestamp", *floats, *(name for name in (FILE, ROW) if name in frame.columns)]]


def _refuse_absent(raws: list[Raw], universe: Universe) -> None:
    """Refuse a universe with symbols that no stream has; a frame without symbols is for `_shaped` to refuse."""
    if any("symbol" not in raw.frame.columns for raw in raws):
        return
    known = {symbol for raw in raws for symbol in present(raw.frame["symbol"])}
    faults = absent_symbols(universe, known)
    if faults:
        raise DataError(faults)


def _of_source(fault: Fault, raw: Raw) -> Fault:
    """Say whose time-zone policy a fault is about where it isn't the run's."""
    if raw.timezone is None or not fault.where.startswith(("timezone", "quality.coarse")):
        return fault
    return replace(fault, where=f"{fault.where} of {next(iter(raw.digests), raw.stream)}")


def _absent_from_window(frame: pl.DataFrame, universe: Universe) -> tuple[str, ...]:
    found = set(present(frame["symbol"]))
    return tuple(f"{symbol} has no rows in the window" for symbol in universe.symbols if symbol not in found)
