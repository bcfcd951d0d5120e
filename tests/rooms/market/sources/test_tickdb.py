"""The `tickdb` source against a service on this machine: what a run gets, what is refused before, and where the key is."""

import base64
import hashlib
import logging
import math
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
import yaml

from runner.errors import ConfigError, DataError
from runner.market.fetch import Fetchable
from runner.market.load import load
from runner.market.source import Source
from runner.market.sources.tickdb import Tickdb
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Life, Universe
from runner.spec.window import Window
from tests.rooms.market.tickdb.loopback import CUT, RESET, serving
from tests.rooms.market.tickdb.service import KEY, MINUTE, Manners, Service, failure, klines, ms

DAY = 1_440 * MINUTE
NEW_YORK_DAYS = klines(
    [*(ms("2024-03-04T05:00") + n * DAY for n in range(5)), *(ms("2024-03-11T04:00") + n * DAY for n in range(5))]
)
"""Two weeks of New York midnights, clocks put forward between them."""
HONG_KONG_DAYS = klines(ms("2024-03-03T16:00") + n * DAY for n in range(5))
MINUTES = klines(ms("2024-03-04") + n * MINUTE for n in range(2_880))
MISREAD = {"stamp": "close", "interval": "1h"}
"""What a run's policy may say of stamps; it would misread every bar."""
NEW_YORK = Timezone(zone="America/New_York", session=Session(open="09:30", close="16:00"), **MISREAD)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("TICKDB_API_KEY", KEY)


def universe(*symbols, **rest):
    return Universe(symbols=symbols, **rest)


def quick(address, **choices):
    return Tickdb(base_url=address, timeout_read=2.0, retries=choices.pop("retries", 2), rate_per_minute=10_000, **choices)


def read(market, symbols, manners=None, *, faults=(), failures=(), **choices):
    service = Service(market, manners, failures)
    with serving(service, faults) as address:
        (raw,) = quick(address, **choices).read(universe(*symbols))
    return raw


def test_it_is_a_source_that_can_be_kept():
    """A run can read it and a store can keep it."""
    assert isinstance(Tickdb(), Source)
    assert isinstance(Tickdb(), Fetchable)


def test_the_configuration_file_writes_every_default():
    """Every parameter of the kind is there with its default."""
    written = yaml.safe_load((Path(__file__).parents[4] / "conf/data/tickdb.yaml").read_text())

    assert written == Tickdb().model_dump(mode="json")


@pytest.mark.parametrize(("faults", "gzipped"), [((), False), ((RESET, CUT), False), ((None, RESET), True)])
def test_minutes_arrive_completely_over_a_bad_line(faults, gzipped):
    """Two days of minutes in three pages, through resets and half answers, equal the service's own."""
    raw = read(
        {"BTCUSDT": MINUTES},
        ["BTCUSDT"],
        Manners(gzipped=gzipped),
        faults=faults,
        interval="1m",
        start="2024-03-04",
        end="2024-03-05",
        type="crypto",
    )

    assert raw.frame["timestamp"].to_physical().to_list() == [bar.time * 1_000_000 for bar in MINUTES]
    assert raw.frame["close"].to_list() == [float(bar.prices[3]) for bar in MINUTES]


def test_days_of_new_york_are_session_dates_known_at_the_close():
    """Midnights in the exchange's zone name dates on both sides of a clock change, whatever the run says of stamps."""
    service = Service({"AAPL.US": NEW_YORK_DAYS})
    with serving(service) as address:
        source = quick(address, start="2024-03-04", end="2024-03-15")
        data = load(source, universe=universe("AAPL.US"), window=Window(), timezone=NEW_YORK, quality=Quality(split="keep"))

    tape = data.tapes["bars"]
    sessions = [str(date) for date in pl.Series(tape.session).cast(pl.Date)]
    closes = pl.Series(tape.ts).cast(pl.Datetime("ns", "UTC")).dt.strftime("%H:%M").to_list()
    assert sessions == [f"2024-03-{day:02}" for day in (4, 5, 6, 7, 8, 11, 12, 13, 14, 15)]
    assert closes == ["21:00"] * 5 + ["20:00"] * 5


def test_minutes_are_known_when_they_close():
    """The stamp is the start of the bar; a run's policy that says otherwise can't make the bar known early."""
    with serving(Service({"BTCUSDT": MINUTES})) as address:
        source = quick(address, interval="1m", start="2024-03-04", end="2024-03-05", type="crypto")
        data = load(
            source,
            universe=universe("BTCUSDT"),
            window=Window(),
            timezone=Timezone(zone="UTC", **MISREAD),
            quality=Quality(split="keep"),
        )

    tape = data.tapes["bars"]
    assert tape.ts[0] == (MINUTES[0].time + MINUTE) * 1_000_000
    assert tape.opened[0] == MINUTES[0].time * 1_000_000


def test_half_days_are_known_at_their_close():
    """The run's calendar says when a session ends: on 29 November 2024 New York closed at 13:00."""
    days = klines(ms(f"2024-11-{day}T05:00") for day in (27, 29))
    policy = Timezone(zone="America/New_York", stamp="session", calendar="XNYS")
    with serving(Service({"AAPL.US": days})) as address:
        source = quick(address, start="2024-11-25", end="2024-11-29")
        data = load(source, universe=universe("AAPL.US"), window=Window(), timezone=policy, quality=Quality(split="keep"))

    closes = pl.Series(data.tape.ts).cast(pl.Datetime("ns", "UTC")).dt.strftime("%d %H:%M").to_list()
    assert closes == ["27 21:00", "29 18:00"]
    assert data.quality["bars"]["notes"] == ["prices are as traded: splits and dividends show as jumps"]


def test_another_market_than_the_run_s_is_refused():
    """Days of Hong Kong under the hours of New York would be known at the wrong moment."""
    with serving(Service({"700.HK": HONG_KONG_DAYS})) as address:
        source = quick(address, start="2024-03-04", end="2024-03-08")
        with pytest.raises(ConfigError) as caught:
            load(source, universe=universe("700.HK"), window=Window(), timezone=NEW_YORK, quality=Quality())

    (fault,) = caught.value.faults
    assert fault.where.startswith("timezone.zone of http://127.0.0.1:")
    assert (fault.must, fault.was) == ("must be what the source says itself, Asia/Hong_Kong", '"America/New_York"')


def test_days_begin_in_the_zone_of_the_market():
    """Hong Kong's bar of 5 March is stamped on the 4th in UTC, and the 5th is what was asked for."""
    raw = read({"700.HK": HONG_KONG_DAYS}, ["700.HK"], start="2024-03-05", end="2024-03-05")

    local = raw.frame["timestamp"].dt.convert_time_zone("Asia/Hong_Kong").dt.strftime("%Y-%m-%d %H:%M").to_list()
    assert local == ["2024-03-05 00:00"]


@pytest.mark.parametrize(
    ("symbols", "choices", "expected"),
    [
        (("AAPL.US",), {}, ("America/New_York", "session", None, None)),
        (("AAPL.US",), {"calendar": "24-5"}, ("America/New_York", "session", None, "24-5")),
        (("AAPL.US",), {"interval": "5m"}, ("America/New_York", "open", "5min", None)),
        (("600519.SH", "000001.SZ"), {"interval": "1h"}, ("Asia/Shanghai", "open", "1h", None)),
        (("BTCUSDT",), {"type": "crypto"}, ("UTC", "open", "1d", "24-7")),
        (("BTCUSDT",), {}, None),
        (("AAPL.US", "700.HK"), {}, None),
    ],
)
def test_the_service_says_what_its_stamps_mean_where_it_does(symbols, choices, expected):
    """One known market states its stamps; none or several leave them to the run."""
    times = [ms("2024-03-04T05:00")]
    raw = read({symbol: klines(times) for symbol in symbols}, symbols, start="2024-03-04", end="2024-03-04", **choices)

    policy = raw.timezone
    assert expected == (policy and (policy.zone, policy.stamp, policy.interval, policy.calendar))
    assert len(raw.notes) == 1


def test_a_forming_bar_is_left_out():
    """The bar of a day that isn't over is not among the latest, and `as_of` says when that was."""
    now = 4_000_000_000_000
    bars = klines([ms("2024-03-04T05:00"), ms("2024-03-05T05:00")])
    with serving(Service({"AAPL.US": [*bars, *klines([now])]}, Manners(forming=True))) as address:
        (raw,) = quick(address).read(universe("AAPL.US"))

    assert raw.frame.height == 2
    assert ms("2024-03-06") * 1_000_000 < raw.as_of < now * 1_000_000


def test_a_window_until_now_ends_before_the_forming_bar():
    """A bar that opened a second ago is neither read nor promised to a store."""
    now = time.time_ns() // 10**9 * 1_000
    over, forming = now - 3 * DAY, now - 1_000
    start = datetime.fromtimestamp(now / 1_000 - 5 * 86_400, UTC).date().isoformat()
    with serving(Service({"BTCUSDT": klines([over, forming])}, Manners(forming=True))) as address:
        source = quick(address, start=start, type="crypto")
        (raw,) = source.read(universe("BTCUSDT"))
        window = source.windows("BTCUSDT")

    assert raw.frame["timestamp"].to_physical().to_list() == [over * 1_000_000]
    assert window[1] <= forming * 1_000_000


def test_the_same_rows_have_the_same_digest_in_other_pages():
    """What was read counts, not how it was cut; another value is another digest."""
    choices = {"interval": "1m", "start": "2024-03-04", "end": "2024-03-05"}
    plain = read({"BTCUSDT": MINUTES}, ["BTCUSDT"], **choices)
    cut = read({"BTCUSDT": MINUTES}, ["BTCUSDT"], Manners(cap=333, order="descending", as_numbers=True), **choices)
    other = read({"BTCUSDT": klines([bar.time for bar in MINUTES], seed=8)}, ["BTCUSDT"], **choices)

    (one,), (two,), (three,) = (list(raw.digests.values()) for raw in (plain, cut, other))
    assert one == two != three


def test_a_store_fetches_what_is_over():
    """Windows end where bars could still form; fetch gives exactly the rows inside."""
    with serving(Service({"BTCUSDT": MINUTES})) as address:
        source = quick(address, interval="1m", start="2024-03-04", end="2024-03-05", type="crypto")
        start, end = source.windows("BTCUSDT")
        heard = []
        frame = source.fetch("BTCUSDT", start + 60 * 10**9, start + 180 * 10**9, heard.append)

    assert (start, end) == (ms("2024-03-04") * 10**6, ms("2024-03-06") * 10**6)
    assert frame["timestamp"].to_physical().to_list() == [MINUTES[n].time * 10**6 for n in (1, 2)]
    assert heard[-1] == start + 180 * 10**9
    assert Tickdb().windows("BTCUSDT") is None
    with pytest.raises(ValueError, match="bars that are over"):
        source.fetch("BTCUSDT", start, 4_000_000_000_000_000_000, heard.append)


def test_fetching_in_parts_keeps_the_declared_rate(monkeypatch):
    """Another part, by another source of the same declaration, goes on with the same minute: the third request rests."""

    class RestedError(Exception):
        """Instead of a minute's sleep."""

    def rest(seconds):
        raise RestedError(seconds)

    monkeypatch.setattr(time, "sleep", rest)
    start, hour = ms("2024-03-04") * 10**6, 60 * MINUTE * 10**6
    with serving(Service({"BTCUSDT": MINUTES})) as address:
        sources = [Tickdb(base_url=address, interval="1m", start="2024-03-04", rate_per_minute=2) for _ in range(3)]
        for number, source in enumerate(sources[:2]):
            source.fetch("BTCUSDT", start + number * hour, start + (number + 1) * hour, lambda _: None)
        with pytest.raises(RestedError) as caught:
            sources[2].fetch("BTCUSDT", start + 2 * hour, start + 3 * hour, lambda _: None)

    assert 50 < caught.value.args[0] <= 60


def test_what_identifies_a_series_is_neither_window_nor_key():
    """Another window is the same series; another adjustment is another, and one that restates its past."""
    plain, adjusted = Tickdb(start="2024-01-02"), Tickdb(start="2023-01-02", adjust="forward")

    assert plain.fetch_key("A") == Tickdb().fetch_key("A")
    assert plain.fetch_key("A") != adjusted.fetch_key("A")
    assert (plain.restates(), adjusted.restates()) == (False, True)
    assert KEY not in str(plain.fetch_key("A"))


def test_tickers_of_earlier_lives_are_asked_for():
    """A symbol that was renamed is read under each of its names."""
    lives = {"META.US": (Life(ticker="FB.US", end="2024-03-05"), Life(start="2024-03-06"))}
    service = Service({"META.US": NEW_YORK_DAYS[2:], "FB.US": NEW_YORK_DAYS[:2]})
    with serving(service) as address:
        (raw,) = quick(address, start="2024-03-04", end="2024-03-15").read(universe("META.US", lives=lives))

    assert dict(raw.frame["symbol"].value_counts().iter_rows()) == {"FB.US": 2, "META.US": 8}


def test_an_unknown_symbol_is_named_with_the_nearest():
    """The catalogue is asked, and every symbol it lacks is a fault of its own."""
    service = Service({"AAPL.US": NEW_YORK_DAYS, "MSFT.US": NEW_YORK_DAYS})
    with serving(service) as address, pytest.raises(DataError) as caught:
        quick(address).read(universe("AAPL", "APPL.US", "MSTF.US"))

    said = str(caught.value)
    assert len(caught.value.faults) == 2
    assert '"APPL.US". Did you mean AAPL.US?' in said
    assert '"MSTF.US". Did you mean MSFT.US?' in said


def test_without_a_catalogue_the_refusal_itself_is_told():
    """A plan without the catalogue costs the suggestion, not the message."""
    refused = failure(403, {"code": 1004, "message": "no"}, path="/v1/symbols/available", times=9)
    with serving(Service({}, failures=[refused])) as address, pytest.raises(DataError, match="must know the symbol"):
        quick(address).read(universe("AAPL.US"))


def test_a_book_is_one_row():
    """Levels the book doesn't have are empty, and so is a missing side."""
    service = Service({})
    service.books = {
        "AAPL.US": {"timestamp": ms("2024-03-04T15:00"), "bids": [["99.5", "10"]], "asks": []},
        "MSFT.US": {"timestamp": ms("2024-03-04T15:01"), "bids": [["9.5", "1"], ["9.4", "2"]], "asks": [["9.6", "3"]]},
    }
    with serving(service) as address:
        (raw,) = quick(address, stream="depth").read(universe("AAPL.US", "MSFT.US"))

    assert (raw.stream, raw.levels, raw.frame.height) == ("depth", 2, 2)
    assert raw.frame.columns[2:] == [
        f"{side}_{what}_{level}" for side in ("bid", "ask") for what in ("price", "size") for level in (0, 1)
    ]
    assert raw.frame["bid_price_0"].to_list() == [99.5, 9.5]
    assert raw.frame["bid_size_1"].to_list() == [None, 2.0]
    assert raw.frame["ask_price_0"].to_list() == [None, 9.6]
    assert raw.timezone.stamp == "event"


def test_trades_are_the_latest():
    """Sides are signs; an unknown one is NaN."""
    service = Service({})
    rows = [
        {"id": "0", "price": "9.5", "quantity": "3", "side": side, "timestamp": ms("2024-03-04T15:00") + n}
        for n, side in enumerate(["buy", "sell", "neutral"])
    ]
    service.trades = {"AAPL.US": rows}
    with serving(service) as address:
        (raw,) = quick(address, stream="trades").read(universe("AAPL.US"))

    assert raw.stream == "trades"
    assert raw.frame["side"].to_list()[:2] == [1.0, -1.0]
    assert math.isnan(raw.frame["side"][2])


@pytest.mark.parametrize(
    ("choices", "where", "words"),
    [
        ({"base_url": "http://api.tickdb.ai"}, "data.base_url", "must begin with https://"),
        ({"base_url": "http://127.0.0.1.evil.example"}, "data.base_url", "must begin with https://"),
        ({"base_url": "ftp://127.0.0.1"}, "data.base_url", "must be an address"),
        ({"base_url": "https://user:pass@api.tickdb.ai"}, "data.base_url", "must not hold a user or password"),
        ({"base_url": "https://api.tickdb.ai/v1?x=1"}, "data.base_url", "without path or query"),
        ({"base_url": "https://api.tickdb.ai:99999"}, "data.base_url", "must be an address"),
        ({"base_url": "https://[::1"}, "data.base_url", "must be an address"),
        ({"base_url": ""}, "data.base_url", "must be an address"),
        ({"interval": "1min"}, "data.interval", "Did you mean 1m? Known: 15m, 1d, 1h, 1m, 2h, 30m, 3m, 4h, 5m."),
        ({"interval": "1M"}, "data.interval", "Use 1d: a week or month has no one length"),
        ({"start": "2024-02-30"}, "data.start", "must be a day of the calendar"),
        ({"start": "2024-03-05", "end": "2024-03-04"}, "data.start", "must not be after data.end"),
        ({"end": "2024-03-04"}, "data.end", "must be null where there is no start"),
        ({"stream": "depth", "start": "2024-03-04"}, "data.start", "must be null with stream: depth"),
        ({"dialect": "article", "adjust": "forward"}, "data.adjust", "must be none with dialect: article"),
        ({"dialect": "article", "type": "stock"}, "data.type", "must be null with dialect: article"),
        ({"calendar": "XNSY"}, "data.calendar", "XNSY"),
    ],
)
def test_a_wrong_declaration_is_told_before_anything_is_asked(choices, where, words):
    """Each fault names its key and what to write."""
    (fault,) = Tickdb(**choices).check(universe("AAPL.US"))

    assert fault.where == where
    assert words in str(fault)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "https://api.tickdb.ai/"]
)
def test_this_machine_needs_no_certificate(address):
    """Plain http is for loopback only."""
    assert Tickdb(base_url=address).check(universe("AAPL.US")) == []


def test_a_start_that_has_no_finished_bar_is_refused():
    """A window in the future is a slip, not an empty history."""
    with pytest.raises(DataError, match="before the last bar that is over"):
        Tickdb(start="2099-01-01").read(universe("AAPL.US"))


class TestKey:
    """The key: named by its variable, in one header, and in nothing else."""

    def test_an_unset_variable_is_named(self, monkeypatch):
        """The fault says which variable to set; the declaration alone is still right."""
        monkeypatch.delenv("TICKDB_API_KEY")

        (fault,) = Tickdb().check(universe("AAPL.US"))

        assert fault.where == "data.key_env"
        assert "Set the environment variable TICKDB_API_KEY" in str(fault)
        assert Tickdb().declared() == []

    @pytest.mark.parametrize("value", [f"{KEY}\n", f"{KEY} x", f"{KEY}é"])
    def test_a_key_no_header_can_carry_is_refused_unseen(self, monkeypatch, value):
        """A line break would become a header of its own; the value isn't shown."""
        monkeypatch.setenv("TICKDB_API_KEY", value)

        with pytest.raises(DataError, match="TICKDB_API_KEY") as caught:
            Tickdb().read(universe("AAPL.US"))

        assert KEY not in str(caught.value)

    def test_a_key_in_place_of_its_name_is_refused_unseen(self):
        """Who pastes the key into the configuration is told so without seeing it again."""
        (fault,) = Tickdb(key_env=KEY).check(universe("AAPL.US"))

        assert "never the key itself" in str(fault)
        assert KEY not in repr(fault)

    def test_the_canary_is_in_nothing(self, caplog, capfd, tmp_path):
        """Success and every kind of failure: no frame, digest, note, log, message, cause or representation holds the key."""
        said = []
        outcomes = [
            {},
            {"failures": [failure(401, {"code": "1001", "message": f"unknown key {KEY}"})]},
            {"failures": [failure(200, {"code": 0, "data": {"klines": [{"time": KEY}]}})]},
            {"failures": [failure(200, {"code": KEY, "message": KEY})]},
            {"failures": [failure(302, {}, headers={"Location": f"http://127.0.0.1/{KEY}"})]},
            {"faults": [RESET], "retries": 0},
        ]
        with caplog.at_level(logging.DEBUG):
            for number, outcome in enumerate(outcomes):
                try:
                    raw = read({"AAPL.US": NEW_YORK_DAYS}, ["AAPL.US"], start="2024-03-04", **outcome)
                except DataError as error:
                    said += [str(error), repr(error), *_chain(error)]
                else:
                    raw.frame.write_csv(tmp_path / f"{number}.csv")
                    said += [repr(raw), str(dict(raw.digests)), str(raw.notes), (tmp_path / f"{number}.csv").read_text()]
        source = Tickdb()
        said += [repr(source), str(source.model_dump()), str(source.fetch_key("AAPL.US")), caplog.text, *capfd.readouterr()]

        text = "\n".join(said)
        assert len(said) > 12
        assert [form for form in _forms(KEY) if form in text] == []


def _chain(error):
    """Yield what a traceback would say of an error's causes."""
    seen = error.__cause__ or error.__context__
    while seen is not None:
        yield f"{seen} {seen!r} {vars(seen) if hasattr(seen, '__dict__') else ''}"
        seen = seen.__cause__ or seen.__context__


def _forms(key):
    """Return the key as it may hide: plain, encoded, hashed."""
    data = key.encode()
    return [
        key,
        base64.b64encode(data).decode().rstrip("="),
        data.hex(),
        quote(key, safe=""),
        hashlib.sha256(data).hexdigest(),
        hashlib.md5(data).hexdigest(),
    ]
