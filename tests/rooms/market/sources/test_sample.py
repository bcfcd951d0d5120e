"""The sample source against its file, read here with the standard library alone."""

import csv
import gzip
import hashlib
import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from runner.errors import DataError
from runner.market.digest import tape_digest
from runner.market.load import load
from runner.market.source import Source
from runner.market.sources.sample import Sample
from runner.spec.quality import Quality
from runner.spec.universe import Universe
from runner.spec.window import Window

FIVE = Universe(symbols=("AAPL", "IBM", "MSFT", "GOOG", "FB"))
FILE = Path(importlib.util.find_spec("bokeh_sampledata").origin).parent / "_data" / "stocks.csv.gz"


@pytest.fixture(scope="module")
def witness():
    """Symbol → rows of the file, as text."""
    found = {}
    for row in csv.DictReader(gzip.decompress(FILE.read_bytes()).decode().splitlines()):
        found.setdefault(row["Ticker"], []).append(row)
    return found


@pytest.fixture
def tapes(daily):
    return {
        adjust: load(
            Sample(adjust=adjust), universe=FIVE, window=Window(), timezone=daily, quality=Quality(split="keep")
        ).tape
        for adjust in ("none", "total")
    }


def rows_of(tape, symbol):
    code = tape.symbols.index(symbol)
    return slice(tape.offsets[code], tape.offsets[code + 1])


def test_every_row_of_every_symbol_arrives(tapes, witness):
    """Row counts, first and last session are those of the file."""
    spans = {
        symbol: (
            int(tapes["none"].offsets[code + 1] - tapes["none"].offsets[code]),
            *(date.fromordinal(719163 + int(tapes["none"].session[rows_of(tapes["none"], symbol)][at])) for at in (0, -1)),
        )
        for code, symbol in enumerate(FIVE.symbols)
    }

    assert {
        "AAPL": (3270, date(2000, 3, 1), date(2013, 3, 1)),
        "IBM": (3270, date(2000, 3, 1), date(2013, 3, 1)),
        "MSFT": (3270, date(2000, 3, 1), date(2013, 3, 1)),
        "GOOG": (2148, date(2004, 8, 19), date(2013, 3, 1)),
        "FB": (196, date(2012, 5, 18), date(2013, 3, 1)),
    } == spans
    assert {symbol: len(rows) for symbol, rows in witness.items()} == {symbol: span[0] for symbol, span in spans.items()}


def test_unadjusted_values_are_the_file_s(tapes, witness):
    """`adjust: none` hands out the numbers as they are printed."""
    for symbol, rows in witness.items():
        at = rows_of(tapes["none"], symbol)
        for name in ("open", "high", "low", "close", "volume"):
            assert [float(row[name.title()]) for row in rows] == tapes["none"].columns[name][at].tolist()


def test_total_close_is_the_adjusted_close(tapes, witness):
    """Multiplying by adjusted / close gives the adjusted close back, up to one rounding of each operation."""
    for symbol, rows in witness.items():
        expected = np.array([float(row["Adj Close"]) for row in rows])
        np.testing.assert_allclose(
            tapes["total"].columns["close"][rows_of(tapes["total"], symbol)], expected, rtol=4e-16, atol=0
        )


def test_adjusting_keeps_ratios_within_a_bar_and_the_volume(tapes):
    """All four prices of a bar share one factor; volume stays as traded."""
    raw, total = tapes["none"].columns, tapes["total"].columns

    factor = total["close"] / raw["close"]
    for name in ("open", "high", "low"):
        np.testing.assert_allclose(total[name], raw[name] * factor, rtol=1e-15, atol=0)
    assert raw["volume"].tolist() == total["volume"].tolist()


def test_apple_s_split_shows_only_as_traded(tapes):
    """On 2005-02-28 AAPL split 2:1: as traded its close halves, adjusted it moves by less than one percent."""
    at = rows_of(tapes["none"], "AAPL")
    session = tapes["none"].session[at]
    day = int(np.searchsorted(session, date(2005, 2, 28).toordinal() - 719163))

    raw, total = (tapes[adjust].columns["close"][at] for adjust in ("none", "total"))

    assert (raw[day - 1], raw[day]) == (88.99, 44.86)
    assert total[day] / total[day - 1] == pytest.approx(2 * 44.86 / 88.99, rel=1e-3)


def test_the_digest_is_that_of_the_package_s_file(daily):
    """The digest is taken over the compressed bytes, under the file's own name."""
    (raw,) = Sample().read(Universe(symbols=("FB",)))

    assert {"stocks.csv.gz": hashlib.sha256(FILE.read_bytes()).hexdigest()} == raw.digests


@pytest.mark.parametrize(
    ("adjust", "note"),
    [
        ("total", "prices were multiplied by adjusted close / close (splits and dividends); volume is as traded"),
        ("none", "prices are as traded: splits and dividends show as jumps"),
    ],
)
def test_what_was_done_to_prices_is_said(adjust, note):
    """The note for the quality report says whether prices were adjusted."""
    assert (note,) == Sample(adjust=adjust).read(Universe(symbols=("FB",)))[0].notes


def test_strict_policies_accept_the_sample(daily):
    """The default data pass the default gate with nothing dropped."""
    quality = load(Sample(), universe=FIVE, window=Window(), timezone=daily, quality=Quality()).quality["bars"]

    assert 12154 == quality["rows_read"] == quality["rows_kept"]
    assert {name: check["count"] for name, check in quality["checks"].items() if check["count"]} == {}


def test_prices_as_traded_hold_three_splits_and_nothing_else(daily):
    """Apple's 2:1 of 2000 and 2005 and Microsoft's of 2003; Apple's loss of half its value on 2000-09-29 was real."""
    keep = Quality(split="keep")
    quality = load(Sample(adjust="none"), universe=FIVE, window=Window(), timezone=daily, quality=keep).quality["bars"]

    assert {name: check["count"] for name, check in quality["checks"].items() if check["count"]} == {"split": 3}
    assert [(row["symbol"], row["stamp"]) for row in quality["checks"]["split"]["first"]] == [
        ("AAPL", "2000-06-21"),
        ("AAPL", "2005-02-28"),
        ("MSFT", "2003-02-18"),
    ]


def test_adjusted_bars_keep_the_prices_that_were_traded(tapes):
    """`raw_*` beside adjusted prices are the unadjusted tape's prices, bit for bit; as traded there is nothing beside."""
    for name in ("open", "high", "low", "close"):
        assert tapes["total"].columns[f"raw_{name}"].tolist() == tapes["none"].columns[name].tolist()
    assert tuple(tapes["none"].columns) == ("open", "high", "low", "close", "volume")


def test_a_universe_in_another_order_holds_the_same_bars(daily, tapes):
    """The universe's order decides the codes, not the values."""
    swapped = load(
        Sample(), universe=Universe(symbols=("FB", "AAPL")), window=Window(), timezone=daily, quality=Quality()
    ).tape

    assert swapped.offsets.tolist() == [0, 196, 3466]
    for symbol in ("FB", "AAPL"):
        expected = tapes["total"].columns["close"][rows_of(tapes["total"], symbol)].tolist()
        assert expected == swapped.columns["close"][rows_of(swapped, symbol)].tolist()
    assert tape_digest(swapped) != tape_digest(tapes["total"])


def test_an_unknown_symbol_is_a_fault_with_the_nearest_one():
    """Every unknown symbol is named, with the five that exist."""
    with pytest.raises(DataError) as caught:
        Sample().read(Universe(symbols=("AAPL", "GOGG", "ibm")))

    assert str(caught.value) == (
        "The market data can't be used as they are (2 faults)\n"
        '  universe.symbols: must name symbols the data have, was "GOGG". Did you mean GOOG? '
        "Known: AAPL, FB, GOOG, IBM, MSFT.\n"
        '  universe.symbols: must name symbols the data have, was "ibm". Did you mean IBM? Known: AAPL, FB, GOOG, IBM, MSFT.'
    )


def test_a_missing_package_names_the_extra(monkeypatch):
    """Without the package the fault says which extra installs it, before anything is read."""
    monkeypatch.setitem(sys.modules, "bokeh_sampledata", None)

    faults = Sample().check(FIVE)

    assert [str(fault) for fault in faults] == [
        "data.kind: sample needs the package bokeh-sampledata, was not installed. "
        'Install it with: pip install "runner[sample]"'
    ]
    with pytest.raises(DataError):
        Sample().read(FIVE)[0]


def test_a_damaged_package_is_a_fault(tmp_path, monkeypatch):
    """A truncated file is named, with how to get a whole one."""
    data = tmp_path / "bokeh_sampledata" / "_data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    (data / "stocks.csv.gz").write_bytes(FILE.read_bytes()[:1000])
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "bokeh_sampledata", raising=False)

    with pytest.raises(DataError) as caught:
        Sample().read(FIVE)[0]

    assert "stocks.csv.gz: must be the file the package was published with, was Compressed file ended" in str(caught.value)


def test_reading_the_sample_imports_neither_pandas_nor_the_package():
    """The file is found, not imported: pandas would cost half a second."""
    program = (
        "import sys\n"
        "from runner.market.sources.sample import Sample\n"
        "from runner.spec.universe import Universe\n"
        "Sample().read(Universe(symbols=('FB',)))\n"
        "print(sorted({'pandas', 'bokeh_sampledata'} & set(sys.modules)))"
    )

    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)

    assert done.stdout == "[]\n"


def test_sample_is_a_source():
    """The kind keeps the contract of sources."""
    assert isinstance(Sample(), Source)
