"""Events out of files: what they must say of themselves, when they are known, and whose they are."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from runner.errors import ConfigError, DataError
from runner.market.events import event_faults, read_events
from runner.market.load import load
from runner.spec.events import EventColumns, EventFile
from runner.spec.quality import Quality
from runner.spec.universe import Life, Universe
from runner.spec.window import Window
from tests.rooms.market.conftest import Rows, as_frame

AB = Universe(symbols=("A", "B"))
NEW_YORK = "America/New_York"


def written(folder, *rows, name="events.csv", header="symbol,timestamp"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


def instants(read, name="earnings"):
    """Return symbol number → its instants as ISO texts in UTC."""
    events = read.events[name]
    stamps = pl.Series(events.ts).cast(pl.Datetime("ns", "UTC")).dt.to_string("%Y-%m-%dT%H:%M:%S%.f").to_list()
    return [stamps[start:stop] for start, stop in zip(events.offsets, events.offsets[1:], strict=False)]


def told(files, universe=AB):
    with pytest.raises(DataError) as caught:
        read_events(files, universe, zone="UTC")
    return str(caught.value).split("\n", 1)[1]


def test_dates_are_known_from_the_declared_time_of_day_on(tmp_path):
    """Half past four in New York is 20:30 UTC in summer and 21:30 in winter."""
    path = written(tmp_path, "A,2024-01-05", "A,2024-07-05")

    read = read_events({"earnings": EventFile(path=path, zone=NEW_YORK, at="16:30")}, AB, zone="UTC")

    assert instants(read) == [["2024-01-05T21:30:00", "2024-07-05T20:30:00"], []]


@pytest.mark.parametrize(
    ("stamp", "zone"),
    [("2024-01-05T16:30:00-05:00", None), ("2024-01-05 21:30Z", None), ("2024-01-05 16:30", NEW_YORK)],
)
def test_stamps_with_a_time_say_it_themselves(tmp_path, stamp, zone):
    """With an offset they need no zone; without one they are read on the declared zone's clock."""
    read = read_events({"earnings": EventFile(path=written(tmp_path, f"A,{stamp}"), zone=zone)}, AB, zone="UTC")

    assert instants(read) == [["2024-01-05T21:30:00"], []]


def test_parquet_files_are_read_as_they_are_typed(tmp_path):
    """Dates, naive and aware datetimes of any unit come to the same instants."""
    aware = [datetime(2024, 1, 5, 21, 30, tzinfo=UTC)]
    frames = {
        "dates": (pl.Series("known", [date(2024, 1, 5)]), EventFile(path="x", zone=NEW_YORK, at="16:30", columns=NAMES)),
        "naive": (
            pl.Series("known", [datetime.fromisoformat("2024-01-05T16:30")]),
            EventFile(path="x", zone=NEW_YORK, columns=NAMES),
        ),
        "aware": (pl.Series("known", aware, dtype=pl.Datetime("ms", "UTC")), EventFile(path="x", columns=NAMES)),
    }
    files = {}
    for name, (stamps, file) in frames.items():
        path = tmp_path / f"{name}.parquet"
        pl.DataFrame({"ticker": pl.Series(["B"], dtype=pl.Categorical), "known": stamps, "eps": [1.0]}).write_parquet(path)
        files[name] = file.model_copy(update={"path": str(path)})

    read = read_events(files, AB, zone="UTC")

    assert {name: instants(read, name) for name in files} == {name: [[], ["2024-01-05T21:30:00"]] for name in files}


NAMES = EventColumns(symbol="ticker", timestamp="known")


def test_order_and_repetition_do_not_count_and_strangers_are_counted(tmp_path):
    """Rows of several files in any order are one list per symbol; other tickers are passed over, and a note says how many."""
    folder = tmp_path / "earnings"
    folder.mkdir()
    written(folder, "B,2024-02-01", "ZZZ,2024-02-01", "A,2024-03-01", name="one.csv")
    written(folder, "A,2024-01-01", "A,2024-03-01", "YYY,2024-01-01", name="two.csv")

    read = read_events({"earnings": EventFile(path=str(folder), zone="UTC", at="00:00")}, AB, zone="UTC")

    assert instants(read) == [["2024-01-01T00:00:00", "2024-03-01T00:00:00"], ["2024-02-01T00:00:00"]]
    assert read.report == {
        "earnings": {
            "rows": 6,
            "events": 3,
            "notes": [
                "2 rows of other symbols than the universe's were passed over",
                "1 row repeats an event of the same symbol and instant",
            ],
        }
    }
    assert list(read.digests) == ["events/earnings/one.csv", "events/earnings/two.csv"]


def test_a_symbol_without_events_is_named(tmp_path):
    """It isn't a fault, funds have no earnings; but nobody should have to guess."""
    read = read_events({"earnings": EventFile(path=written(tmp_path, "A,2024-01-01 10:00Z"))}, AB, zone="UTC")

    assert read.report["earnings"]["notes"] == ["no event of B"]


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (("aapl,2024-01-01",), "but 1 row of aapl. Did you mean AAPL? Known: AAPL, B."),
        (
            ("ABC,2024-01-01", "APPL,2024-01-01", "APPL,2024-01-02"),
            "but 3 rows of 2 others, such as APPL. Did you mean AAPL? Known: AAPL, B.",
        ),
        (("XYZ,2024-01-01",), "but 1 row of XYZ. Known: AAPL, B."),
    ],
)
def test_a_file_without_any_event_of_the_universe_is_told_with_the_nearest_symbol(tmp_path, rows, note):
    """It is most often a ticker written otherwise; a count of rows passed over doesn't say that nothing was left."""
    file = EventFile(path=written(tmp_path, *rows), zone="UTC", at="00:00")

    read = read_events({"earnings": file}, Universe(symbols=("AAPL", "B")), zone="UTC")

    assert read.report["earnings"] == {
        "rows": len(rows),
        "events": 0,
        "notes": [f"no event of a symbol of the universe, {note}"],
    }


def test_tickers_become_symbols_as_those_of_prices_do(tmp_path):
    """A renamed ticker's events are the symbol's in its life; a ticker's event outside of any life is nobody's, and counted."""
    universe = Universe(symbols=("Q",), lives={"Q": (Life(end="2004-11-30"), Life(ticker="QQ", start="2004-12-01"))})
    rows = ("Q,2004-11-30T12:00Z", "QQ,2004-12-01T12:00Z", "Q,2010-01-01T12:00Z", "QQ,2004-11-30T12:00Z")

    read = read_events({"earnings": EventFile(path=written(tmp_path, *rows))}, universe, zone=NEW_YORK)

    assert instants(read) == [["2004-11-30T12:00:00", "2004-12-01T12:00:00"]]
    assert read.report["earnings"]["notes"] == [
        "1 row of ticker Q lies outside of universe.lives and was left out",
        "1 row of ticker QQ lies outside of universe.lives and was left out",
    ]


def test_lives_are_dated_in_the_zone_of_the_run_where_the_file_names_none(tmp_path):
    """Two in the morning of December 1st in London is still November in New York."""
    universe = Universe(symbols=("Q",), lives={"Q": (Life(end="2004-11-30"),)})
    file = EventFile(path=written(tmp_path, "Q,2004-12-01T02:00:00Z"))

    in_new_york, in_london = (read_events({"e": file}, universe, zone=zone) for zone in (NEW_YORK, "Europe/London"))

    assert [len(read.events["e"].ts) for read in (in_new_york, in_london)] == [1, 0]


def test_faults_that_need_no_rows_are_told_all_at_once(tmp_path):
    """Missing files and columns, unknown zones, a time of day without a zone."""
    here = written(tmp_path, "A,2024-01-01", header="ticker,when")
    files = {
        "earnings": EventFile(path=here, zone="Amerika/New_York", columns=EventColumns(symbol="ticker")),
        "fed": EventFile(path=str(tmp_path / "none.csv"), at="14:00"),
    }

    told = [str(fault) for fault in sorted(event_faults(files))]

    assert [text.split(",", 1)[0] for text in told] == [
        "events.earnings.columns.timestamp: must name a column of events.csv",
        "events.earnings.zone: must be the name of a time zone",
        "events.fed.path: must lead to at least one file",
        "events.fed.zone: must be given with a time of day",
    ]


@pytest.mark.parametrize(
    ("rows", "words", "must"),
    [
        (["A,2024-01-05"], {"zone": NEW_YORK}, "events.e.at: must be given where stamps are dates"),
        (["A,2024-01-05"], {}, "events.e.zone: must be given with stamps without an offset"),
        (["A,2024-01-05 16:30"], {}, "events.e.zone: must be given with stamps without an offset"),
        (["A,2024-01-05 16:30"], {"zone": NEW_YORK, "at": "16:30"}, "events.e.at: must be null where stamps have a time"),
        (["A,2024-01-05 16:30Z", "A,"], {}, "events.e: every row must have a symbol and a stamp, was 1 without"),
        (["A,2024-01-05 16:30Z", ",2024-01-05 16:30Z"], {}, "row 2 of events.csv: None 2024-01-05 16:30:00"),
        (["A,2024-01-05", "A,05.01.2024"], {"zone": NEW_YORK, "at": "16:30"}, "stamps must be ISO dates"),
        (["A,2024-03-10 02:30"], {"zone": NEW_YORK}, "must be times that the clocks of America/New_York showed once"),
        (["A,2024-11-03 01:30"], {"zone": NEW_YORK}, "must be times that the clocks of America/New_York showed once"),
        (["A,1969-01-05 16:30Z"], {}, "stamps must lie in 1970 to 2100"),
    ],
)
def test_stamps_that_could_mean_several_instants_are_refused(tmp_path, rows, words, must):
    """Nothing is guessed: each fault says what to write."""
    assert must in told({"e": EventFile(path=written(tmp_path, *rows), **words)})


def test_the_faults_of_all_files_are_told_at_once(tmp_path):
    """One file's broken rows don't hide another's."""
    good, bad = written(tmp_path, "A,2024-01-05", name="a.csv"), tmp_path / "b.parquet"
    pl.DataFrame({"symbol": [1], "timestamp": [date(2024, 1, 1)]}).write_parquet(bad)

    text = told({"dated": EventFile(path=good), "numbered": EventFile(path=str(bad))})

    assert "events.dated.at" in text
    assert "events.dated.zone" in text
    assert "events.numbered.columns.symbol: must be a column of text, was Int64 in b.parquet" in text


def test_a_file_that_is_none_is_refused(tmp_path):
    """A parquet file cut off in the middle is told by its name."""
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")

    (fault,) = event_faults({"e": EventFile(path=str(tmp_path / "cut.parquet"))})

    assert (fault.where, fault.must) == ("cut.parquet", "must be a file of events")


def test_events_come_with_the_market_and_reach_back_behind_its_window(tmp_path, daily):
    """The window cuts prices; what was known before it is still known in it. Digests and report hold the file."""
    bars = as_frame([("A", date(2024, 1, 2)), ("A", date(2024, 1, 3))])
    files = {"earnings": EventFile(path=written(tmp_path, "A,2023-06-01T12:00Z"))}

    window = Window(start="2024-01-03")
    market = load(
        Rows(bars), universe=Universe(symbols=("A",)), window=window, timezone=daily, quality=Quality(), events=files
    )

    assert market.events["earnings"].ts.size == 1
    assert "events/earnings/events.csv" in market.digests
    assert market.quality["events"]["earnings"]["events"] == 1


def test_a_missing_event_file_stops_before_prices_are_read(tmp_path, daily):
    """It is a fault of the configuration, like a missing price file."""
    with pytest.raises(ConfigError, match=r"events\.earnings\.path"):
        load(
            Rows(None),
            universe=AB,
            window=Window(),
            timezone=daily,
            quality=Quality(),
            events={"earnings": EventFile(path=str(tmp_path / "none.csv"))},
        )
