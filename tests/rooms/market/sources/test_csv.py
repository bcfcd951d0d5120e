"""Bars out of text files, written here line by line."""

# ruff: noqa: DTZ001 - stamps without a zone are among what is tested

import gzip
import hashlib
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from runner.errors import DataError
from runner.market.source import Source
from runner.market.sources.csv import Csv
from runner.market.stamp_format import parse_stamps
from runner.spec.universe import Universe

HEADER = "symbol,timestamp,open,high,low,close,volume"
A = Universe(symbols=("A",))
VALUES = ("symbol", "timestamp", "open", "high", "low", "close", "volume")


@pytest.fixture
def write(tmp_path):
    def to(*lines, name="a.csv", header=HEADER):
        path = tmp_path / name
        text = "\n".join([header, *lines]) + "\n"
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return to


def told(source, universe=A):
    with pytest.raises(DataError) as caught:
        source.read(universe)
    return str(caught.value).split("\n", 1)[1]


def stamps(path, **parameters):
    return Csv(path=str(path), **parameters).read(A)[0].frame["timestamp"].to_list()


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_file_round_trips(write, name):
    """Plain or compressed, what was written is read, and the digest is that of the bytes on disk."""
    path = write("A,2024-01-02,10,11,9,10.5,100", "B,2024-01-02,1,1,1,1,1", "A,2024-01-03,10.5,12,10,11,1e3", name=name)

    raw = Csv(path=str(path)).read(A)[0]

    assert raw.frame.select(VALUES).rows() == [
        ("A", date(2024, 1, 2), 10.0, 11.0, 9.0, 10.5, 100.0),
        ("A", date(2024, 1, 3), 10.5, 12.0, 10.0, 11.0, 1000.0),
    ]
    assert raw.frame.select("file", "row").rows() == [(name, 1), (name, 3)]
    assert raw.digests == {name: hashlib.sha256(path.read_bytes()).hexdigest()}


def test_a_folder_holds_plain_and_compressed_files(write, tmp_path):
    """Both ends of file names count."""
    write("A,2024-01-02,10,11,9,10.5,100")
    write("A,2024-01-03,10,11,9,10.5,100", name="b.csv.gz")

    assert stamps(tmp_path) == [date(2024, 1, 2), date(2024, 1, 3)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_declared(write, delimiter):
    """What separates columns is written, not guessed."""
    path = write("A,2024-01-02,10,11,9,10.5,100".replace(",", delimiter), header=HEADER.replace(",", delimiter))

    assert stamps(path, delimiter=delimiter) == [date(2024, 1, 2)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-01-31", date(2024, 1, 31)),
        ("2024-01-31 09:30:00", datetime(2024, 1, 31, 9, 30)),
        ("2024-01-31T09:30:00", datetime(2024, 1, 31, 9, 30)),
        ("2024-01-31 09:30", datetime(2024, 1, 31, 9, 30)),
        ("2024-01-31T09:30:00.250", datetime(2024, 1, 31, 9, 30, 0, 250_000)),
        ("2024-01-31T09:30:00.000001", datetime(2024, 1, 31, 9, 30, 0, 1)),
        ("2024-01-31 09:30:00-05:00", datetime(2024, 1, 31, 14, 30, tzinfo=UTC)),
        ("2024-01-31T09:30:00+0530", datetime(2024, 1, 31, 4, 0, tzinfo=UTC)),
        ("2024-01-31T09:30Z", datetime(2024, 1, 31, 9, 30, tzinfo=UTC)),
        ("2024-01-31T09:30:00.5Z", datetime(2024, 1, 31, 9, 30, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_iso_stamps_are_read_without_a_format(write, written, read):
    """Dates, times, and times with an offset; a time without an offset stays naive."""
    assert stamps(write(f"A,{written},10,11,9,10.5,100")) == [read]


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC) | st.none()), st.sampled_from(" T"))
def test_every_iso_stamp_reads_back(moment, separator):
    """Whatever Python writes as ISO 8601 is read as the same moment."""
    frame = pl.DataFrame({"timestamp": [moment.isoformat(separator)]})

    assert parse_stamps(frame, None)["timestamp"].to_list() == [moment]


@pytest.mark.parametrize(
    ("written", "form", "read"),
    [
        ("30-Dec-10", "%d-%b-%y", date(2010, 12, 30)),
        ("20240131", "%Y%m%d", date(2024, 1, 31)),
        ("31.01.2024 09:30", "%d.%m.%Y %H:%M", datetime(2024, 1, 31, 9, 30)),
        ("20240131 093000", "%Y%m%d %H%M%S", datetime(2024, 1, 31, 9, 30)),
        ("01/31/2024 09:30 PM", "%m/%d/%Y %I:%M %p", datetime(2024, 1, 31, 21, 30)),
        ("2024/01/31 09:30 +0100", "%Y/%m/%d %H:%M %z", datetime(2024, 1, 31, 8, 30, tzinfo=UTC)),
        ("2019-10-17 09-AM", "%Y-%m-%d %I-%p", datetime(2019, 10, 17, 9)),
        ("2017-07-01 12-AM", "%Y-%m-%d %I-%p", datetime(2017, 7, 1)),
        ("2024-01-02 09", "%Y-%m-%d %H", datetime(2024, 1, 2, 9)),
        ("4-Jan-10", "%d-%b-%y", date(2010, 1, 4)),
    ],
)
def test_other_spellings_are_declared(write, written, form, read):
    """A format with a time of day gives times, one without gives dates."""
    assert stamps(write(f"A,{written},10,11,9,10.5,100"), timestamp_format=form) == [read]


@pytest.mark.parametrize("written", ["30-Dec-10", "01/02/2024", "20240102", "1704205800", "2024-01-02 09:30:00.1234567891"])
def test_other_spellings_are_never_guessed(write, written):
    """The first value is shown, and what to write."""
    assert told(Csv(path=str(write(f"A,{written},10,11,9,10.5,100")))) == (
        "  data.timestamp_format: stamps must be ISO dates, datetimes or datetimes with an offset, all alike, "
        f'was "{written}". Write the format the stamps have, e.g. timestamp_format: "%d-%b-%y" for 30-Dec-10, or repair the '
        f"rows.\n    row 1 of a.csv: A {written}"
    )


@pytest.mark.parametrize("odd", ["2024-01-03 09:30:00", "2024-02-30", "x"])
def test_all_stamps_have_the_spelling_of_the_first(write, odd):
    """A time among dates, a day that doesn't exist, and text are offending rows."""
    path = write("A,2024-01-02,10,11,9,10.5,100", f"A,{odd},10,11,9,10.5,100")

    assert told(Csv(path=str(path))).endswith(f"\n    row 2 of a.csv: A {odd}")


def test_a_format_must_read_every_stamp(write):
    """A row that doesn't fit is shown."""
    path = write("A,31.01.2024,10,11,9,10.5,100", "A,2024-02-01,10,11,9,10.5,100")

    assert told(Csv(path=str(path), timestamp_format="%d.%m.%Y")) == (
        '  data.timestamp_format: "%d.%m.%Y" must read every stamp, was "2024-02-01". '
        "Write the format all stamps have, or repair the rows.\n"
        "    row 2 of a.csv: A 2024-02-01"
    )


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            "%s",
            'data.timestamp_format: must not contain %s, was "%s". '
            "Numbers since 1970 are no text; write timestamp_unit: s, and timestamp_format: null.",
        ),
        (
            "%Y-%m-%d %H:%M %Z",
            'data.timestamp_format: must not contain %Z, was "%Y-%m-%d %H:%M %Z". The name of a zone would be skipped, not '
            "read; write offsets such as +01:00 in the file and %z here.",
        ),
        (
            "YYYY-MM-DD",
            'data.timestamp_format: must contain letters such as %Y, was "YYYY-MM-DD". '
            'Write how stamps look, e.g. timestamp_format: "%d.%m.%Y %H:%M", or null for ISO.',
        ),
    ],
)
def test_formats_that_would_mislead_are_refused_without_reading(write, form, message):
    """Epoch seconds and zone names would be read as something they aren't."""
    faults = Csv(path=str(write("A,x,10,11,9,10.5,100")), timestamp_format=form).check(A)

    assert [str(fault) for fault in faults] == [message]


def test_a_format_the_parser_refuses_is_a_fault(write):
    """Half a day without its hour names no time."""
    text = told(Csv(path=str(write("A,2024-01-02 09,10,11,9,10.5,100")), timestamp_format="%Y-%m-%d %I"))

    assert text.startswith(
        '  data.timestamp_format: must be a format of dates and times, was "%Y-%m-%d %I". It was refused with'
    )


def test_an_empty_stamp_stays_empty_for_the_clock_to_refuse(write, loaded):
    """No stamp is no spelling; the clock names the row."""
    path = write("A,2024-01-02,10,11,9,10.5,100", "A,,10,11,9,10.5,100")

    with pytest.raises(DataError) as caught:
        loaded(Csv(path=str(path)).read(A)[0].frame)

    assert "data: stamps must not be empty, was 1 row." in str(caught.value)
    assert "row 2 of a.csv: A no stamp" in str(caught.value)


@pytest.mark.parametrize("value", ["", "NaN", "inf"])
def test_cells_without_a_number_reach_the_quality_gate(write, loaded, value):
    """An empty cell, NaN and infinity are missing prices, judged by the declared policy."""
    path = write(f"A,2024-01-02,10,11,9,{value},100", "A,2024-01-03,10,11,9,10.5,100")

    data = loaded(Csv(path=str(path)).read(A)[0].frame, missing="drop")

    assert data.quality["bars"]["checks"]["missing"]["count"] == 1


@pytest.mark.parametrize("value", ["-", "n/a", "1_000", "0x10", "ten"])
def test_text_that_is_no_number_is_a_fault(write, value):
    """Nothing that isn't a number becomes a missing price silently."""
    assert told(Csv(path=str(write(f"A,2024-01-02,10,11,9,{value},100")))) == (
        f'  data.columns.close: must be a column of numbers, was "{value}" in a.csv. '
        "Write plain numbers such as 1234.5, and leave the cell empty where a value isn't known.\n"
        f"    row 1 of a.csv: A 2024-01-02 close={value}"
    )


def test_blank_lines_are_passed_over_and_noted(write):
    """A blank line is no bar."""
    raw = Csv(path=str(write("", "A,2024-01-02,10,11,9,10.5,100", "", ""))).read(A)[0]

    assert raw.frame["row"].to_list() == [2]
    assert raw.notes == ("a.csv: 3 empty rows were passed over",)


def test_a_mark_of_byte_order_is_not_part_of_the_first_name(tmp_path):
    """Spreadsheets put one at the start of the file."""
    (tmp_path / "a.csv").write_bytes(f"\ufeff{HEADER}\nA,2024-01-02,10,11,9,10.5,100\n".encode())

    assert stamps(tmp_path / "a.csv") == [date(2024, 1, 2)]


def test_windows_line_ends_are_read(tmp_path):
    """Carriage returns are not part of the last value."""
    (tmp_path / "a.csv").write_bytes(f"{HEADER}\r\nA,2024-01-02,10,11,9,10.5,100\r\n".encode())

    assert Csv(path=str(tmp_path / "a.csv")).read(A)[0].frame["volume"].to_list() == [100.0]


def test_a_repeated_column_is_a_fault(write):
    """Which of two columns is meant is not guessed."""
    path = write("A,2024-01-02,10,11,9,10.5,100,9.5", header=HEADER + ",close")

    assert told(Csv(path=str(path))) == '  a.csv: must have each column once, was "close". Rename one of them.'


def test_a_line_with_too_many_cells_is_a_fault(write):
    """Which of the cells are the prices is not guessed."""
    text = told(Csv(path=str(write("A,2024-01-02,10,11,9,10.5,100,7"))))

    assert text == (
        "  a.csv: must be a file the source can read, was found more fields than defined in 'Schema'. "
        "Check that it is complete and of the right kind."
    )


@pytest.mark.parametrize(
    "data", [b"", HEADER.encode() + b"\nA\xff,2024-01-02,10,11,9,10.5,100\n", gzip.compress(b"a,b\n", mtime=0)[:12]]
)
def test_files_that_are_no_text_are_faults(tmp_path, data):
    """Empty, not UTF-8, or cut off."""
    (tmp_path / "a.csv").write_bytes(data)

    assert told(Csv(path=str(tmp_path / "a.csv"))).startswith("  a.csv: must be a file the source can read, was ")


def test_a_file_without_a_header_is_told_so(tmp_path):
    """The first line's values are shown as what they were taken for."""
    (tmp_path / "a.csv").write_text("20110103,126.35,126.39\n20110104,126.39,126.4\n")

    assert told(Csv(path=str(tmp_path / "a.csv"))) == (
        "  a.csv: must have the columns that data.columns names, was a file with none of them. Write those names in "
        "data.columns; a first line of values is no header. Its names are: 20110103, 126.35, 126.39."
    )


def test_csv_is_a_source():
    """The kind keeps the contract of sources."""
    assert isinstance(Csv(path="a.csv"), Source)


def test_lines_that_end_with_a_carriage_return_alone_are_named(tmp_path):
    """All of such a file would be its header."""
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER}\rA,2024-01-02,10,11,9,10.5,100\r".encode())

    assert told(Csv(path=str(path))) == (
        "  a.csv: lines must end with LF or CR LF, was CR alone in the first line. "
        "Write the file again with line ends of LF or CR LF; spreadsheets call the other kind Macintosh."
    )


def test_lines_may_end_as_windows_ends_them(tmp_path):
    """CR LF is read."""
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER}\r\nA,2024-01-02,10,11,9,10.5,100\r\n".encode())

    assert stamps(path) == [date(2024, 1, 2)]


@pytest.mark.parametrize("scale", [0.0, 1e-320, 9e-13, 1.1e12, float("inf"), float("nan")])
def test_a_scale_nobody_writes_prices_in_is_refused(scale):
    """Below and above 1e-12 to 1e12."""
    with pytest.raises(ValidationError, match="price_scale"):
        Csv(path="a.csv", price_scale=scale)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_the_ends_of_what_a_scale_may_be(write, scale):
    """A price of 1 is then that."""
    (raw,) = Csv(path=str(write("A,2024-01-02,1,1,1,1,100")), price_scale=scale).read(A)

    assert raw.frame["close"].to_list() == [scale]


def test_a_second_file_whose_name_no_system_takes_is_a_fault(write):
    """300 characters in the configuration, and 200 that make 300 of a name."""
    with pytest.raises(ValidationError, match="beside"):
        Csv.model_validate({"path": "a.csv", "beside": {"find": "a", "replace": "b" * 300}})

    path = write("A,2024-01-02,1,1,1,1,100", name="a" * 100 + ".csv")
    source = Csv.model_validate({"path": str(path), "beside": {"find": ".csv", "replace": "b" * 200}})

    assert "beside it, was no such file." in told(source)
