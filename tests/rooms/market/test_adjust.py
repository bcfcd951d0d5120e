"""Corporate actions, against arithmetic written out by hand."""

# ruff: noqa: DTZ001 - stamps without a zone are among what is tested

from datetime import UTC, date, datetime

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.adjust import adjust_faults, by_adjusted_close, by_factors
from runner.market.factors import factors_faults, read_factors
from runner.market.sources.csv import Csv
from runner.spec.universe import Universe

RAW = ("raw_open", "raw_high", "raw_low", "raw_close")
BAR = ("open", "high", "low", "close", "volume")
DAYS = (date(2014, 6, 5), date(2014, 6, 6), date(2014, 6, 9))
LEAN = "20140605,0.9,0.25,640\n20140606,1,0.25,645\n20501231,1,1,0\n"
"""A dividend of a tenth goes out after the 5th, a split 4:1 after the 6th."""


def bars(stamps=DAYS, symbol="A", **more):
    rows = len(stamps)
    values = dict(zip(BAR, (400.0, 440.0, 360.0, 420.0, 100.0), strict=True)) | more
    columns = {name: pl.Series([value] * rows, dtype=pl.Float64) for name, value in values.items()}
    return pl.DataFrame(
        {
            "symbol": [symbol] * rows,
            "timestamp": list(stamps),
            **columns,
            "file": ["a.csv"] * rows,
            "row": range(1, rows + 1),
        }
    )


@pytest.fixture
def lean(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(LEAN)
    return str(path)


@pytest.fixture
def factors(lean):
    return read_factors(lean, ("A",)).frame


def test_prices_are_scaled_to_the_adjusted_close():
    """All four by one ratio; volume and the prices as traded stay."""
    found = by_adjusted_close(bars(adjusted_close=105.0))

    assert found.select(BAR).rows() == [(100.0, 110.0, 90.0, 105.0, 100.0)] * 3
    assert found.select(RAW).rows() == [(400.0, 440.0, 360.0, 420.0)] * 3
    assert "adjusted_close" not in found.columns


def test_an_unknown_adjusted_close_makes_the_prices_unknown():
    """The quality gate says what happens to such rows; nothing is taken for unadjusted."""
    found = by_adjusted_close(bars(DAYS[:1], adjusted_close=None))

    assert found.select(BAR).rows() == [(None, None, None, None, 100.0)]


def test_factors_hold_up_to_their_own_date(factors):
    """A row's factors apply to session dates after the row before it, and up to its own; volume counts new shares."""
    found = by_factors(bars(), factors)

    assert found["close"].to_list() == [420 * 0.9 * 0.25, 420 * 0.25, 420.0]
    assert found["volume"].to_list() == [400.0, 400.0, 100.0]
    assert found["raw_close"].to_list() == [420.0] * 3


def test_dates_before_the_first_row_have_its_factors(factors):
    """A file of factors begins with the data it was made for; before it nothing else is known."""
    assert by_factors(bars((date(2010, 1, 4),)), factors)["close"].to_list() == [420 * 0.9 * 0.25]


@pytest.mark.parametrize(
    ("stamps", "zone"),
    [
        ([datetime(2014, 6, 6, 9, 30), datetime(2014, 6, 9, 9, 30)], None),
        ([datetime(2014, 6, 7, 0, 30, tzinfo=UTC), datetime(2014, 6, 9, 13, 30, tzinfo=UTC)], "America/New_York"),
        ([datetime(2014, 6, 5, 16, tzinfo=UTC), datetime(2014, 6, 8, 16, tzinfo=UTC)], "Asia/Hong_Kong"),
    ],
)
def test_session_dates_are_those_of_the_exchange(factors, stamps, zone):
    """Wall-clock times name their date; of an instant the zone says which date it is."""
    found = by_factors(bars(tuple(stamps)), factors, zone=zone)

    assert found["close"].to_list() == [420 * 0.25, 420.0]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_prices_that_are_adjusted_already_are_refused(tmp_path, kind):
    """The file says at which price a date closed; closes that are that price times the factors would be adjusted twice."""
    rows = [("A", DAYS[0], 0.9, 0.25, 640.0), ("A", DAYS[1], 1.0, 0.25, 645.0), ("A", date(2050, 12, 31), 1.0, 1.0, 0.0)]
    path = tmp_path / f"factors.{kind}"
    if kind == "csv":
        path.write_text("".join(f"{day:%Y%m%d},{price},{split},{close}\n" for _, day, price, split, close in rows))
    else:
        names = ["symbol", "date", "price_factor", "split_factor", "reference_price"]
        pl.DataFrame(rows, schema=names, orient="row").write_parquet(path)
    found = read_factors(str(path), ("A",)).frame
    traded = bars().with_columns(close=pl.Series([638.5, 645.0, 162.0]))
    adjusted = bars().with_columns(close=pl.Series([144.0, 161.25, 162.0]))

    assert by_factors(traded, found)["close"].to_list() == [638.5 * 0.9 * 0.25, 645 * 0.25, 162.0]
    with pytest.raises(DataError) as caught:
        by_factors(adjusted, found)

    assert str(caught.value).split("\n", 1)[1] == (
        "  data.adjust: prices must not be adjusted already: their closes are the file's reference prices times its factors, "
        "was factors. Write data.adjust: none for them, or read the prices as they were traded.\n"
        "    row 1 of a.csv: A 2014-06-05\n"
        "    row 2 of a.csv: A 2014-06-06"
    )


def test_instants_without_a_zone_are_refused(factors):
    """Midnight in Hong Kong is the day before in UTC; which date is meant is not guessed."""
    with pytest.raises(DataError) as caught:
        by_factors(bars((datetime(2014, 6, 5, 16, tzinfo=UTC),)), factors)

    assert str(caught.value).split("\n", 1)[1] == (
        "  data.factors_zone: must say where session dates are counted, as the stamps are instants, was null. "
        'Write the zone of the exchange, e.g. factors_zone: "America/New_York".\n'
        "    row 1 of a.csv: A 2014-06-05 16:00:00+00:00"
    )


@pytest.mark.parametrize(("stamps", "symbol"), [((date(2050, 12, 31), date(2051, 1, 2)), "A"), (DAYS[:1], "B")])
def test_rows_without_a_factor_are_refused(factors, stamps, symbol):
    """Behind the last date, and of another symbol: nothing is taken for unadjusted."""
    with pytest.raises(DataError) as caught:
        by_factors(bars(stamps, symbol), factors)

    assert str(caught.value).split("\n")[1] == (
        "  data.factors: must have a factor for every symbol and session date, was none for 1 rows. "
        "Write a file of factors that reaches to the last session; its last row may lie in the future."
    )


def test_rows_keep_their_order_and_empty_stamps_their_place(factors):
    """The clock names a row without a stamp; adjusting moves nothing."""
    found = by_factors(bars((DAYS[2], None, DAYS[0])), factors)

    assert found["row"].to_list() == [1, 2, 3]
    assert found["close"].to_list() == [420.0, None, 420 * 0.9 * 0.25]


def test_a_parquet_file_of_many_symbols_gives_each_its_own(tmp_path):
    """Symbols that aren't asked for are left out."""
    rows = [("B", DAYS[1], 1.0, 0.5), ("A", DAYS[1], 1.0, 0.25), ("A", DAYS[0], 0.9, 0.25), ("C", DAYS[0], 0.0, 0.0)]
    names = ["symbol", "date", "price_factor", "split_factor"]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(tmp_path / "f.parquet")

    found = read_factors(str(tmp_path / "f.parquet"), ("A", "B"))

    expected = [("A", DAYS[0], 0.9, 0.25, None), ("A", DAYS[1], 1.0, 0.25, None), ("B", DAYS[1], 1.0, 0.5, None)]
    assert found.frame.rows() == expected
    assert list(found.digests) == ["factors/f.parquet"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "20140605,0,1,5\n",
            "a.csv: factors must be above zero, was A 2014-06-05: 0.0, 1.0. "
            "Repair the file; every date of a symbol has one row, with factors above zero.",
        ),
        (
            "20140605,1,1,5\n20140605,1,0.5,5\n",
            "a.csv: each date of a symbol must be there once, was A 2014-06-05: 1.0, 1.0. "
            "Repair the file; every date of a symbol has one row, with factors above zero.",
        ),
        (
            "20140605,1\n",
            "a.csv: must be a file of factors, was lines of 2 cells. "
            "Write lines of date, price factor and split factor, or a parquet file with those columns and symbol.",
        ),
    ],
)
def test_factors_that_cannot_be_meant_are_refused(tmp_path, text, message):
    """Zero, the same date twice, and lines of something else."""
    (tmp_path / "a.csv").write_text(text)

    with pytest.raises(DataError) as caught:
        read_factors(str(tmp_path / "a.csv"), ("A",))

    assert str(caught.value).split("\n")[1].strip() == message


@pytest.mark.parametrize("dtype", [pl.Int32, pl.Int64, pl.Float64])
def test_numbers_are_no_dates_of_factors(tmp_path, dtype):
    """20140605 would be a day in the year 57111."""
    rows = {"symbol": ["A"], "date": pl.Series([20140605], dtype=dtype), "price_factor": [1.0], "split_factor": [1.0]}
    pl.DataFrame(rows).write_parquet(tmp_path / "f.parquet")

    with pytest.raises(
        DataError, match=r"f\.parquet: must be a file of factors, was dates of type \w+, which must be dates"
    ):
        read_factors(str(tmp_path / "f.parquet"), ("A",))


@pytest.mark.parametrize(
    ("adjust", "zone", "message"),
    [
        ("none", "UTC", 'data.factors_zone: must be null unless adjust is factors, was "UTC". Write factors_zone: null.'),
        ("factors", "Mars/X", 'data.factors_zone: must be the name of a time zone, was "Mars/X". Write a place of the IANA'),
        (
            "factors",
            "new york",
            'data.factors_zone: must be the name of a time zone, was "new york". Did you mean America/New_York? ',
        ),
    ],
)
def test_a_zone_of_session_dates_is_a_zone(lean, adjust, zone, message):
    """Judged like every other, before a row is read; without factors it says nothing."""
    factors = lean if adjust == "factors" else None

    (fault,) = adjust_faults(adjust, "bars", ("A",), adjusted_close=None, factors=factors, zone=zone)

    assert str(fault).startswith(message)


def test_dates_that_are_none_are_refused(tmp_path):
    """The parser's words are passed on."""
    (tmp_path / "a.csv").write_text("2014-06-05,1,1\n")

    with pytest.raises(DataError, match=r"a\.csv: must be a file of factors, was "):
        read_factors(str(tmp_path / "a.csv"), ("A",))


def test_a_csv_of_factors_is_for_one_symbol(lean):
    """It doesn't say whose they are."""
    (fault,) = factors_faults(lean, ("A", "B"))

    assert str(fault) == (
        "data.factors: must name its symbols, was a.csv, for 2 symbols. "
        "Write a parquet file with a column symbol, or choose a universe of one symbol."
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"adjust": "total"},
            "data.columns.adjusted_close: must be set with adjust: total, was null. "
            'Write the name of the column, e.g. columns: {adjusted_close: "Adj Close"}, or adjust: none.',
        ),
        (
            {"adjust": "factors"},
            "data.factors: must be set with adjust: factors, was null. "
            "Write the path of a .csv file in LEAN's format or of a .parquet file, or adjust: none.",
        ),
        ({"factors": "f.csv"}, 'data.factors: must be null unless adjust is factors, was "f.csv". Write adjust: factors.'),
        (
            {"adjust": "factors", "factors": "nowhere.csv"},
            'data.factors: must lead to a file, was "nowhere.csv". Write the path of a .csv file in LEAN\'s format or of a '
            ".parquet file; relative paths start in the working directory.",
        ),
        (
            {"adjust": "total", "stream": "trades"},
            "data.adjust: must be none for every stream but bars, was total. "
            "Write adjust: none; orders fill at the prices of quotes, trades and books as they were.",
        ),
    ],
)
def test_parameters_that_contradict_each_other_are_refused_without_reading(parameters, message):
    """Each with what to write."""
    asked = {"adjust": "none", "stream": "bars", "factors": None} | parameters

    faults = adjust_faults(asked["adjust"], asked["stream"], ("A",), adjusted_close=None, factors=asked["factors"])

    assert [str(fault) for fault in faults] == [message]


def test_a_source_adjusts_by_the_column_of_its_files(tmp_path):
    """The note says what was done, and the gate is given both prices."""
    path = tmp_path / "a.csv"
    path.write_text("timestamp,open,high,low,close,volume,Adj Close\n2014-06-05,400,440,360,420,100,105\n")
    columns = {"symbol": None, "adjusted_close": "Adj Close"}
    source = Csv.model_validate({"path": str(path), "symbol": "A", "columns": columns, "adjust": "total"})

    (raw,) = source.read(Universe(symbols=("A",)))

    assert raw.frame.select("close", "raw_close", "volume").rows() == [(105.0, 420.0, 100.0)]
    assert raw.notes == ("prices were multiplied by adjusted close / close (splits and dividends); volume is as traded",)


def test_a_source_adjusts_by_a_file_of_factors(tmp_path, lean):
    """Both files are among the digests."""
    path = tmp_path / "bars.csv"
    path.write_text("timestamp,open,high,low,close,volume\n2014-06-06,400,440,360,420,100\n")
    parameters = {"symbol": "A", "columns": {"symbol": None}, "adjust": "factors", "factors": lean}
    source = Csv.model_validate({"path": str(path), **parameters})

    (raw,) = source.read(Universe(symbols=("A",)))

    assert raw.frame.select("close", "raw_close", "volume").rows() == [(105.0, 420.0, 400.0)]
    assert sorted(raw.digests) == ["bars.csv", "factors/a.csv"]
