"""From a source to a tape: the one way market data enter a run.

1. `config_faults` refuses policies that contradict themselves before a file is opened.
2. `source.read` gives the universe's rows; `_shaped` holds them against the contract of `Raw`.
3. `stamped` gives every row its instants (`clock`), `spacing_faults` holds them against the declared length of a bar.
4. `within` keeps the window's session dates.
5. `gate` applies the quality policies (`quality`, `checks`).
6. `_tape` lays the rows out by symbol, in the universe's order, in arrays of the tape's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.errors import ConfigError, DataError, Fault
from runner.market.clock import stamped
from runner.market.origin import ensure_origin
from runner.market.quality import gate, quality_faults
from runner.market.source import Source
from runner.market.spacing import spacing_faults
from runner.market.symbols import absent_symbols, universe_faults
from runner.market.tape import BAR_COLUMNS, Tape
from runner.market.timezone import policy_faults
from runner.market.window import window_faults, within
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

__all__ = ["MarketData", "config_faults", "load"]

TYPES: Mapping[str, type[pl.DataType]] = {"symbol": pl.String, **dict.fromkeys(BAR_COLUMNS, pl.Float64)}
"""What a source must give; the clock judges the type of `timestamp`."""


@dataclass(frozen=True, slots=True)
class MarketData:
    """The bars a run may use, and how they came to be."""

    tape: Tape
    """The bars."""
    quality: dict[str, object]
    """What the gate found, as plain JSON values for `quality.json`."""
    digests: Mapping[str, str]
    """Input name → SHA-256 of its bytes as read."""


def config_faults(*, universe: Universe, window: Window, timezone: Timezone, quality: Quality) -> list[Fault]:
    """Return every fault of the market's configuration that can be seen without data."""
    return [*universe_faults(universe), *window_faults(window), *policy_faults(timezone), *quality_faults(quality)]


def load(source: Source, *, universe: Universe, window: Window, timezone: Timezone, quality: Quality) -> MarketData:
    """Read the universe's bars in the window, judged and laid out as a tape.

    The tape depends on the rows, not on their order in the files.

    Raises:
        ConfigError: the configuration contradicts itself.
        DataError: the data can't be read, can't be placed in time, or break a policy.
    """
    faults = config_faults(universe=universe, window=window, timezone=timezone, quality=quality)
    if faults:
        raise ConfigError(faults)
    (raw,) = source.read(universe)
    frame = stamped(ensure_origin(_shaped(raw.frame, universe)), timezone)
    faults = spacing_faults(frame, timezone)
    if faults:
        raise DataError(faults)
    inside = within(frame, window)
    gated = gate(inside, quality, notes=(*raw.notes, *_absent_from_window(inside, universe)))
    return MarketData(_tape(gated.frame, universe.symbols), gated.report, dict(raw.digests))


def _shaped(frame: pl.DataFrame, universe: Universe) -> pl.DataFrame:
    """Hold a source's frame against its contract, so that a source of the user's own fails at its own door."""
    absent = [name for name in (*TYPES, "timestamp") if name not in frame.columns]
    faults = [
        Fault("data", "the source must give bars with every column", f"no {name}", "Add it to the frame.") for name in absent
    ]
    faults += [
        Fault("data", f"the source must give {name} as {wanted}", str(frame.schema[name]), "Cast the column.")
        for name, wanted in TYPES.items()
        if name not in absent and frame.schema[name] != wanted
    ]
    if not faults:
        faults = absent_symbols(universe, frame["symbol"].unique().drop_nulls().to_list())
    if faults:
        raise DataError(faults)
    return frame.filter(pl.col("symbol").is_in(universe.symbols))


def _absent_from_window(frame: pl.DataFrame, universe: Universe) -> tuple[str, ...]:
    present = set(frame["symbol"].unique().to_list())
    return tuple(f"{symbol} has no rows in the window" for symbol in universe.symbols if symbol not in present)


def _tape(frame: pl.DataFrame, symbols: tuple[str, ...]) -> Tape:
    codes = pl.DataFrame({"symbol": symbols, "code": range(len(symbols))}, schema={"symbol": pl.String, "code": pl.Int32})
    rows = frame.join(codes, on="symbol", how="left").sort("code", "known")
    code = _own(rows["code"], np.int32)
    return Tape(
        symbols=symbols,
        ts=_own(rows["known"], np.int64),
        opened=_own(rows["opened"], np.int64),
        session=_own(rows["session"].to_physical(), np.int32),
        symbol=code,
        columns={name: _own(rows[name].fill_null(np.nan), np.float64) for name in BAR_COLUMNS},
        offsets=np.searchsorted(code, np.arange(len(symbols) + 1)).astype(np.int64),
    )


def _own(column: pl.Series, dtype: type[Any]) -> NDArray[Any]:
    """Copy a column into an array of the tape's own: polars hands out read-only memory, which compiled kernels refuse."""
    return np.array(column.to_numpy(), dtype=dtype, copy=True, order="C")
