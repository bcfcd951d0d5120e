"""Raw files against the same data prepared by other hands: equal instants and equal values, bit by bit.

The prepared files were made from the same publications without Runner: prices in their currency, stamps in UTC at the start of
a bar. A raw file of part of the time is compared with that part.
"""

import csv
import gzip
import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from runner.market.input_files import find_files

BAR = ("open", "high", "low", "close", "volume")
PRICES = BAR[:4]
BOOK = tuple(f"{side}_{what}_{level}" for side in ("bid", "ask") for what in ("price", "size") for level in range(10))

PREPARED = {
    # experiment: (stream, prepared file, its symbol, columns)
    "binance_recording": ("trades", "ticks/btcusdt_trades_binance_2024_08_08", "BTCUSDT", ("price", "size")),
    "coinbase_hourly": ("bars", "hourly/btcusd_1h_coinbase_2017_2019", "BTCUSD", BAR),
    "gbpusd_minutes": ("bars", "minute/gbpusd_1m_bid_ask_2012_02", "GBPUSD", PRICES),
    "halts_march_2020": ("bars", "minute/es_like_1m_2020_covid", "ES_2020", BAR),
    "kraken_trades": ("trades", "ticks/bcheur_trades_kraken_2023_01_illiquid", "BCH/EUR", ("price", "size")),
    "lean_daily_raw": ("bars", "daily/us_raw_unadjusted", "AAPL", BAR),
    "lean_minute_dst": ("bars", "minute/us_equity_1m_lean", "SHY", BAR),
    "lean_minute_split": ("bars", "minute/us_equity_1m_lean", "AAPL", BAR),
    "ninjatrader_minutes": ("bars", "minute/spy_extended_hours_1m_2011_01", "SPY", BAR),
}

DAILY = {"lean_daily_raw"}
"""Prepared with midnight of the session date as their stamp."""

LINES_ABOVE = {
    # experiment of one raw file or several: lines in each that are no rows
    "coinbase_hourly": 2,
    "ea_15_minutes": 1,
    "gbpusd_minutes": 1,
    "goog_unnamed_index": 1,
    "google_malformed": 1,
    "halts_march_2020": 1,
    "hong_kong_daily": 1,
    "kraken_trades": 0,
    "lean_daily_raw": 0,
    "lean_minute_dst": 0,
    "lean_minute_split": 0,
    "lean_tick_quotes": 0,
    "lean_ticker_reuse": 0,
    "lobster_book": 0,
    "london_100x": 1,
    "ninjatrader_minutes": 0,
    "sp500_since_1950": 1,
    "spy_offsets": 1,
    "swapped_columns": 1,
    "tardis_book": 1,
    "tokyo_bad_split": 1,
    "tokyo_repaired_split": 1,
}


def lines_of(path):
    """Count the lines of a file with the standard library alone."""
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
    return sum(1 for _ in csv.reader(io.StringIO(data.decode())))


def stamps_of(frame):
    return frame["timestamp"].dt.cast_time_unit("ns").to_physical().to_numpy()


@pytest.mark.parametrize("name", sorted(PREPARED))
def test_the_same_instants_and_values(read, parquet, name):
    """Within the span of the raw file, row for row; the stamps of the prepared file are in microseconds."""
    stream, prepared, symbol, columns = PREPARED[name]
    tape = read(name).tapes[stream]
    whole = parquet(prepared, symbol)
    ours = tape.session.astype("datetime64[D]") if name in DAILY else tape.opened // 1_000 * 1_000
    theirs = (
        whole["timestamp"].dt.convert_time_zone("America/New_York").dt.date().to_numpy()
        if name in DAILY
        else stamps_of(whole)
    )
    held = np.isin(theirs, ours)

    assert ours.tolist() == theirs[held].tolist()
    for column in columns:
        assert np.array_equal(tape.columns[column], whole[column].to_numpy()[held]), column


def test_the_rebuilt_book_is_the_prepared_one(read, parquet):
    """Every row, price and size of ten levels, at the venue's stamps, and no break in the chain of updates."""
    tape = read("binance_recording").tapes["depth"]
    prepared = parquet("depth/btcusdt_l2_10_binance_spot_2024_08_08", "BTCUSDT")

    assert tape.ts.tolist() == stamps_of(prepared).tolist()
    for column in BOOK:
        assert np.array_equal(tape.columns[column], prepared[column].to_numpy()), column
    assert read("binance_recording").quality["depth"]["notes"][0] == (
        "depth: bookTicker agrees with the best levels at all 1072 updates both speak of"
    )


def test_the_ids_of_the_rebuilt_book_are_the_prepared_ones(shared, spec_of, parquet):
    """The id of the last update in each row, and a witness counted from the lines themselves."""
    spec = spec_of("binance_recording")
    source = spec.data.model_copy(update={"path": str(shared / spec.data.path)})

    depth, _ = source.read(spec.universe)

    prepared = parquet("depth/btcusdt_l2_10_binance_spot_2024_08_08", "BTCUSDT")
    assert depth.frame["seq"].to_list() == prepared["seq"].to_list()
    lines = [line for file in find_files(source.path, ()) for line in gzip.decompress(file.path.read_bytes()).splitlines()]
    assert sum(b'"e":"depthUpdate"' in line for line in lines) == depth.frame.height + 2


def test_sides_of_trades_are_the_taker_s(read, parquet):
    """A buyer who was the maker sold nothing: the taker did."""
    tape = read("binance_recording").tapes["trades"]
    sides = parquet("ticks/btcusdt_trades_binance_2024_08_08", "BTCUSDT")["side"].replace_strict({"buy": 1.0, "sell": -1.0})

    assert tape.columns["side"].tolist() == sides.to_list()


def test_a_book_and_the_stamps_beside_it_are_those_of_the_files(shared, read, parquet):
    """Stamps to the nanosecond as decimals of the message file, levels as in the prepared file, row for row."""
    tape = read("lobster_book").tapes["depth"]
    (messages,) = (shared / "raw").glob("AAPL_*_message_10.csv")
    midnight = int(datetime(2012, 6, 21, 4, tzinfo=UTC).timestamp()) * 10**9
    seconds = [Decimal(line.partition(",")[0]) for line in messages.read_text("ascii").splitlines()]
    prepared = parquet("depth/aapl_l2_10_lobster_2012_06_21", "AAPL")

    assert tape.ts.tolist() == [midnight + int(second * 10**9) for second in seconds]
    for column in BOOK:
        assert np.array_equal(tape.columns[column], prepared[column].to_numpy()), column


@pytest.mark.parametrize("name", sorted(LINES_ABOVE))
def test_no_line_is_lost(shared, spec_of, read, name):
    """What the standard library counts is what was read: the rows kept, and those left out for a reason."""
    path = str(shared / spec_of(name).data.path)
    lines = sum(lines_of(file.path) - LINES_ABOVE[name] for file in find_files(path, ()))
    (report,) = read(name).quality.values()

    assert lines == report["rows_read"] == report["rows_kept"] + sum(report["left_out"].values())


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "IBM", "GOOG"])
def test_adjusting_gives_the_prepared_adjusted_prices(read, parquet, symbol):
    """To half of the sixth decimal, to which the prepared prices were rounded; volumes exactly."""
    tape = read("us_daily_factors").tape
    code = tape.symbols.index(symbol)
    rows = slice(tape.offsets[code], tape.offsets[code + 1])
    prepared = parquet("daily/us_adjusted", symbol)

    assert tape.session[rows].tolist() == (
        prepared["timestamp"].dt.convert_time_zone("America/New_York").dt.date().to_physical().to_list()
    )
    for name in PRICES:
        np.testing.assert_allclose(tape.columns[name][rows], prepared[name].to_numpy(), rtol=1e-9, atol=5e-7)
    assert tape.columns["volume"][rows].tolist() == prepared["volume"].to_list()


def test_adjusting_keeps_what_was_traded(read):
    """Raw prices stay beside the adjusted ones, bit by bit."""
    raw, adjusted = read("lean_daily_raw").tape, read("lean_daily_adjusted").tape

    for name in PRICES:
        assert adjusted.columns[f"raw_{name}"].tolist() == raw.columns[name].tolist()
    assert set(raw.columns) == set(BAR)


def test_factors_of_a_csv_and_of_a_parquet_file_are_the_same(read):
    """LEAN's file of one instrument and one file of many give the same bits, over stamps without a zone and in UTC."""
    one, many = read("lean_daily_adjusted").tape, read("us_daily_factors").tape
    rows = slice(many.offsets[0], many.offsets[1])

    assert one.session.tolist() == many.session[rows].tolist()
    for name in BAR:
        assert one.columns[name].tolist() == many.columns[name][rows].tolist()
