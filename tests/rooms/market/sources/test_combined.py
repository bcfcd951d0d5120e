"""Several sources as one: daily bars of one instrument beside the book of another."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from pydantic import ValidationError

from runner.compose.validate import faults_of
from runner.errors import ConfigError, DataError
from runner.kinds import FolderKinds
from runner.market.load import load
from runner.market.source import Raw, Source
from runner.market.sources.combined import Combined, Part, _policy
from runner.market.sources.parquet import Parquet
from runner.market.stated import Stated
from runner.market.streams import columns_of
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Life, Universe
from runner.spec.window import Window

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
AB = Universe(symbols=("A", "B"))


@pytest.fixture
def files(tmp_path):
    """Write daily bars of A and B and a book of B; give their paths."""
    days = [date(2024, 1, day) for day in (2, 3)] * 2
    bars = {"symbol": ["A", "A", "B", "B"], "timestamp": days}
    prices = {name: [10.0] * 4 for name in columns_of("bars")}
    pl.DataFrame({**bars, **prices}).write_parquet(tmp_path / "bars.parquet")
    book = {"bid_price_0": [9.0] * 2, "bid_size_0": [1.0] * 2, "ask_price_0": [9.1] * 2, "ask_size_0": [1.0] * 2}
    stamps = [NOON, NOON + timedelta(seconds=1)]
    pl.DataFrame({"symbol": ["B"] * 2, "timestamp": stamps, **book}).write_parquet(tmp_path / "book.parquet")
    return {name: str(tmp_path / f"{name}.parquet") for name in ("bars", "book")}


@pytest.fixture
def parts(files):
    return {
        "daily": {"kind": "parquet", "path": files["bars"], "symbols": ["A"]},
        "book": {
            "kind": "parquet",
            "path": files["book"],
            "stream": "depth",
            "symbols": ["B"],
            "timezone": {"zone": "UTC", "stamp": "event"},
        },
    }


def combined(parts):
    return Combined.model_validate({"kind": "combined", "parts": parts}, context=FolderKinds())


def told(source, universe=AB):
    with pytest.raises(DataError) as caught:
        source.read(universe)
    return str(caught.value).split("\n", 1)[1]


def test_bars_of_one_and_the_book_of_another_make_one_run_s_data(parts, daily, ns):
    """Each part has its own policy, and inputs are named after their part."""
    data = load(combined(parts), universe=AB, window=Window(), timezone=daily, quality=Quality())

    assert {stream: tape.offsets.tolist() for stream, tape in data.tapes.items()} == {"bars": [0, 2, 2], "depth": [0, 0, 2]}
    assert data.tapes["bars"].ts.tolist() == [ns("2024-01-02 21:00"), ns("2024-01-03 21:00")]
    assert data.tapes["depth"].ts.tolist() == [ns("2024-01-02 12:00"), ns("2024-01-02 12:00:01")]
    assert list(data.digests) == ["daily/bars.parquet", "book/book.parquet"]


def test_parts_of_one_stream_are_joined(parts, files, daily):
    """If their symbols differ."""
    parts["other"] = {**parts["daily"], "symbols": ["B"]}

    data = load(combined(parts), universe=AB, window=Window(), timezone=daily, quality=Quality())

    assert data.tape.offsets.tolist() == [0, 2, 4]


def test_two_parts_that_give_the_same_are_refused(parts):
    """Nobody could say which of the two was meant."""
    parts["other"] = dict(parts["daily"])

    assert told(combined(parts)) == (
        "  data.parts: only one part may give bars of a symbol, was A in daily and other. "
        "Write symbols for each part, so that every one is asked for its own."
    )


def test_a_symbol_nobody_is_asked_for_is_a_fault(parts):
    """It would silently be without data."""
    assert told(combined(parts), Universe(symbols=("A", "B", "C"))) == (
        '  data.parts: some part must be asked for every symbol, was "C". Add it to the symbols of the part that has it.'
    )


def test_a_part_whose_symbols_are_not_in_the_universe_is_not_read(parts):
    """A smaller universe needs no other parts; a file that isn't there isn't missed."""
    parts["book"]["path"] = "nowhere.parquet"

    (raw,) = combined(parts).read(Universe(symbols=("A",)))

    assert raw.stream == "bars"


def test_a_part_without_symbols_is_asked_for_all(parts):
    """The parts decide themselves what they have."""
    del parts["daily"]["symbols"]

    assert combined(parts).read(AB)[0].frame["symbol"].unique().sort().to_list() == ["A", "B"]


def test_parts_are_asked_for_tickers(parts):
    """The ticker of a life, not the symbol it stands for."""
    universe = Universe(symbols=("NEW",), lives={"NEW": (Life(ticker="A"),)})

    assert combined({"daily": parts["daily"]}).check(universe) == []


def test_faults_name_the_part(parts):
    """Paths, policies and symbols of every part, each under its own key."""
    parts["daily"]["path"] = "nowhere.parquet"
    parts["book"]["timezone"]["zone"] = "Mars"
    parts["book"]["symbols"] = ["B", "C"]
    parts["book"]["columns"] = {"symbol": None}
    parts["book"]["symbol"] = "B"

    lines = told(combined(parts), Universe(symbols=("A", "B", "C"))).splitlines()

    assert [line.split(": must")[0].strip() for line in lines] == [
        "data.parts.book.timezone.zone",
        "data.parts.daily.path",
        "universe.symbols (data.parts.book)",
    ]


def test_faults_found_while_reading_name_the_part(parts, tmp_path):
    """A value that isn't a number is found late."""
    pl.read_parquet(parts["daily"]["path"]).with_columns(pl.lit("x").alias("close")).write_parquet(tmp_path / "bars.parquet")

    assert told(combined(parts)).startswith(
        '  data.parts.daily.columns.close: must be a column of numbers, was "x" in bars.parquet.'
    )


def test_a_combination_reads_back_from_what_it_writes(parts):
    """The spec of a run directory makes the same source again, with every default written out."""
    source = combined(parts)

    written = source.model_dump(mode="json")

    assert combined(written["parts"]) == source
    assert written["parts"]["daily"] == {
        **Parquet(path=parts["daily"]["path"]).model_dump(mode="json"),
        "timezone": None,
        "symbols": ["A"],
    }
    assert written["parts"]["book"]["timezone"] == Timezone(zone="UTC", stamp="event").model_dump(mode="json")


@pytest.mark.parametrize(
    ("part", "path", "kind"),
    [
        ({"kind": "sample", "adjustt": "none"}, ("parts", "p", "adjustt"), "extra_forbidden"),
        ({"kind": "sample", "timezone": {"zone": 1, "stamp": "event"}}, ("parts", "p", "timezone", "zone"), "string_type"),
        ({"kind": "sample", "symbols": []}, ("parts", "p", "symbols"), "too_short"),
        ({"kind": "nothing"}, ("parts", "p"), "kind_unknown"),
        ("sample", ("parts", "p"), "kind_mapping"),
    ],
)
def test_a_part_is_validated_key_by_key(part, path, kind):
    """Errors stand at the key they are about."""
    with pytest.raises(ValidationError) as caught:
        combined({"p": part})

    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(path, kind)]


def test_a_combination_has_parts():
    """None at all is a mistake."""
    with pytest.raises(ValidationError, match="at least 1"):
        combined({})


@pytest.mark.parametrize(
    ("part", "where", "write"),
    [
        ({"adjus": "none"}, "adjus", "Did you mean adjust? Known: adjust, kind, symbols, timezone."),
        ({"timezon": None}, "timezon", "Did you mean timezone? Known: adjust, kind, symbols, timezone."),
        (
            {"timezone": {"zone": "UTC", "stamp": "event", "intervall": None}},
            "timezone.intervall",
            "Did you mean interval? ",
        ),
        ({"timezone": {"zone": "UTC", "stmp": "event"}}, "timezone.stmp", "Did you mean stamp? "),
        (
            {"timezone": {"zone": "UTC", "stamp": "open", "session": {"opn": "09:30", "close": "16:00"}}},
            "timezone.session.opn",
            "Did you mean open? Known: close, open.",
        ),
    ],
)
def test_a_misspelt_key_of_a_part_is_told_in_our_words(part, where, write):
    """As for any other source, with the nearest key that there is, also of its policy and hours."""
    faults = faults_of({"data": {"kind": "combined", "parts": {"p": {"kind": "sample", **part}}}}, kinds=FolderKinds())

    told_so = {fault.where: fault.write for fault in faults if fault.where.startswith("data.")}
    assert list(told_so) == [f"data.parts.p.{where}"]
    assert told_so[f"data.parts.p.{where}"].startswith(write)


def test_combined_is_a_source(parts):
    """The kind keeps the contract of sources."""
    assert isinstance(combined(parts), Source)


def test_a_part_that_states_its_own_stamps_keeps_them_and_takes_the_rest_from_its_policy():
    """The service says New York and one minute; the part's policy says what becomes of rows outside the hours."""
    stated = Stated(zone="America/New_York", stamp="open", interval="1min")
    declared = Timezone(zone="America/New_York", stamp="session", calendar="XNYS", out_of_session="drop")
    part = Part(source=Parquet(path="none"), timezone=declared)
    raw = Raw(pl.DataFrame(), {}, timezone=stated)

    policy = _policy("prices", part, raw)

    assert policy == declared.model_copy(update={"stamp": "open", "interval": "1min"})


def test_a_part_that_contradicts_what_its_source_states_is_refused():
    """Hong Kong's stamps can't be read in New York's zone."""
    part = Part(source=Parquet(path="none"), timezone=Timezone(zone="America/New_York", stamp="session"))
    raw = Raw(pl.DataFrame(), {}, timezone=Stated(zone="Asia/Hong_Kong", stamp="open", interval="1min"))

    with pytest.raises(ConfigError, match=r"data\.parts\.prices.*timezone\.zone|timezone\.zone"):
        _policy("prices", part, raw)


def test_a_part_s_policy_is_no_file_s_name(parts):
    """Groups are chosen for a run; a part writes its policy out."""
    named = {**parts, "book": {**parts["book"], "timezone": "utc_event"}}

    with pytest.raises(ValidationError, match="must be a mapping of a policy's own keys") as caught:
        combined(named)

    (error,) = caught.value.errors()
    assert error["loc"][-2:] == ("book", "timezone")
    assert "e.g. timezone: {zone: UTC, stamp: event}" in error["ctx"]["hint"]
