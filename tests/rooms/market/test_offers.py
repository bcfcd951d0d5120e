"""What sources say they will give, held against what they give."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from runner.kinds import FolderKinds
from runner.market.load import load
from runner.market.offers import joined, offer, without_hours
from runner.market.stated import Stated
from runner.market.store import Store
from runner.market.store.stored import Stored
from runner.market.streams import MOST_LEVELS, columns_of
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window
from tests.rooms.market.store.service import Service

A = Universe(symbols=("A",))
NOON = datetime(2024, 1, 2, 17, tzinfo=UTC)
DAILY = Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))
EVENT = {"zone": "UTC", "stamp": "event"}


def made(kind, **words):
    return FolderKinds().find("data", kind).model_validate({"kind": kind, **words}, context=FolderKinds())


@pytest.fixture
def files(tmp_path):
    """Write bars with an adjusted close, and books of three and of two levels."""
    prices = {name: [10.0] for name in columns_of("bars")}
    bars = pl.DataFrame({"symbol": ["A"], "timestamp": [date(2024, 1, 2)], **prices, "adjusted": [5.0]})
    bars.write_parquet(tmp_path / "bars.parquet")
    bars.write_csv(tmp_path / "bars.csv")
    for levels in (2, 3):
        book = {name: [10.0 + ("ask" in name)] for name in columns_of("depth", levels)}
        for level in range(levels):
            book[f"bid_price_{level}"] = [10.0 - level]
            book[f"ask_price_{level}"] = [11.0 + level]
        stamps = [NOON + timedelta(seconds=levels)]
        pl.DataFrame({"symbol": ["A"], "timestamp": stamps, **book}).write_parquet(tmp_path / f"book_{levels}.parquet")
    return tmp_path


def sources(files):
    """Return a source of every kind that needs no network, and of several streams."""
    adjusted = {"columns": {"adjusted_close": "adjusted"}, "adjust": "total"}
    book = {"kind": "parquet", "path": str(files / "book_3.parquet"), "stream": "depth", "timezone": EVENT}
    days = {"start": "2024-01-01", "end": "2024-01-01", "every": "1h"}
    return {
        "csv": made("csv", path=str(files / "bars.csv")),
        "csv adjusted": made("csv", path=str(files / "bars.csv"), **adjusted),
        "parquet adjusted": made("parquet", path=str(files / "bars.parquet"), **adjusted),
        "generated": made("generated", streams=["depth", "bars", "trades", "quotes"], levels=4, **days),
        "combined": made("combined", parts={"book": book, "days": {"kind": "csv", "path": str(files / "bars.csv")}}),
    }


@pytest.mark.parametrize("name", ["csv", "csv adjusted", "parquet adjusted", "generated", "combined"])
def test_a_source_gives_what_it_offers(files, name):
    """Streams in the order of all streams, and of each exactly the columns that end on the tape."""
    source = sources(files)[name]

    market = load(source, universe=A, window=Window(), timezone=DAILY, quality=Quality(split="keep"))

    given = {stream: set(tape.columns) for stream, tape in market.tapes.items()}
    assert {stream: set(each.columns) for stream, each in source.offers(A).items()} == given
    assert list(source.offers(A)) == list(given)


def test_the_sample_offers_traded_prices_beside_adjusted_ones():
    """And without adjusting it has nothing to put beside them."""
    universe = Universe(symbols=("FB",))

    for adjust in ("total", "none"):
        source = made("sample", adjust=adjust)
        quality = Quality(split="keep")
        us = Timezone(zone="America/New_York", stamp="session", calendar="XNYS")
        tape = load(source, universe=universe, window=Window(), timezone=us, quality=quality).tape
        assert set(source.offers(universe)["bars"].columns) == set(tape.columns)


def test_of_several_books_the_shallowest_counts(files):
    """Files of one source are read to the levels that all of them have."""
    source = made("parquet", path=str(files / "book_*.parquet"), stream="depth")

    assert source.offers(A)["depth"].columns == columns_of("depth", 2)


@pytest.mark.parametrize("path", ["none.parquet", "bars.csv"])
def test_what_a_missing_or_broken_file_has_is_not_guessed(files, path):
    """It is offered the widest there can be, so that its own fault is the only one."""
    source = made("parquet", path=str(files / path), stream="depth")

    assert source.check(A)
    assert source.offers(A)["depth"].columns == columns_of("depth", MOST_LEVELS)


def test_a_recording_and_a_service_offer_what_they_were_asked_for(tmp_path):
    """Neither is read or asked for that."""
    recording = made("binance_recording", path=str(tmp_path), levels=7)
    service = made("tickdb", stream="depth", limit=5)

    assert {stream: each.columns for stream, each in recording.offers(A).items()} == {
        "trades": columns_of("trades"),
        "depth": columns_of("depth", 7),
    }
    assert service.offers(A)["depth"].columns == columns_of("depth", 5)
    assert "raw_close" in made("tickdb", adjust="forward").offers(A)["bars"].columns


def test_a_store_offers_what_its_source_does(tmp_path):
    """It adds nothing and leaves nothing out."""
    service = Service()

    assert Stored(service, Store(tmp_path), lambda: 0).offers(A) == service.offers(A)


def test_a_part_that_is_asked_for_nothing_offers_nothing(files):
    """Its stream won't be there."""
    book = {"kind": "parquet", "path": str(files / "book_3.parquet"), "stream": "depth", "symbols": ["B"]}
    source = made("combined", parts={"book": book, "days": {"kind": "csv", "path": str(files / "bars.csv")}})

    assert list(source.offers(A)) == ["bars"]


CRYPTO = Timezone(zone="UTC", stamp="event", calendar="24-7")
BARE = Timezone(zone="UTC", stamp="event")


@pytest.mark.parametrize(
    ("policies", "run", "hourless"),
    [
        ((None,), DAILY, False),
        ((None,), BARE, True),
        ((CRYPTO,), BARE, False),
        ((BARE,), DAILY, True),
        ((CRYPTO, BARE), DAILY, True),
        ((Stated(zone="America/New_York", stamp="session"),), DAILY, False),
        ((Stated(zone="UTC", stamp="event"),), BARE, True),
        ((Stated(zone="UTC", stamp="open", calendar="24-7"),), BARE, False),
    ],
)
def test_hours_are_known_where_every_policy_of_a_stream_names_them(policies, run, hourless):
    """The run's policy where a source has none, completed by the run's where the source states part of it."""
    offers = joined({"depth": offer("depth", 2, timezone=policy)} for policy in policies)

    assert without_hours(offers, run) == ({"depth"} if hourless else set())
