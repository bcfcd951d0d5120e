"""The generated market: the same bits for the same words, consistent within itself, and clean by the strictest gate."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.digest import tape_digest
from runner.market.load import load
from runner.market.source import Source
from runner.market.sources.generated import Generated
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

CONF = Path(__file__).parents[4] / "conf" / "data"
ALL = ("bars", "quotes", "trades", "depth")
DAY = {"start": "2024-03-04", "end": "2024-03-04"}
NEW_YORK = {"hours": {"open": "09:30", "close": "16:00"}, "zone": "America/New_York", "sessions_per_year": 252}
STRICT = Quality(**dict.fromkeys(("forming", "stale", "locked", "one_sided"), "error"))


def market(*symbols, **words):
    """Return stream → frame of the rows as generated."""
    universe = Universe(symbols=symbols or ("A", "B"))
    return {raw.stream: raw.frame for raw in Generated(**words).read(universe)}


def loaded(*symbols, quality=STRICT, **words):
    """Return what a run would see; the run's own policy must not matter."""
    another = Timezone(zone="Asia/Tokyo", stamp="close", interval="5min")
    return load(Generated(**words), universe=Universe(symbols=symbols), window=Window(), timezone=another, quality=quality)


def of(frame, symbol):
    return frame.filter(pl.col("symbol") == symbol)


def test_it_is_a_source():
    """Its contract is that of every kind of the family."""
    assert isinstance(Generated(), Source)


@pytest.mark.parametrize("name", ["generated", "generated_depth"])
def test_its_files_write_every_parameter(name):
    """Each file names every field, and the file of the kind's own name means the defaults."""
    written = yaml.safe_load((CONF / f"{name}.yaml").read_text())

    assert set(written) == set(Generated.model_fields)
    assert Generated.model_validate(written)
    if name == "generated":
        assert written == Generated().model_dump(mode="json")


@given(seed=st.integers(0, 2**63 - 1))
@settings(max_examples=10, deadline=None)
def test_the_same_seed_gives_the_same_bits(seed):
    """Twice the same words are twice the same market; another seed is another."""
    one, again, other = (loaded("A", **DAY, seed=each).tape for each in (seed, seed, (seed + 1) % 2**63))

    assert tape_digest(one) == tape_digest(again)
    assert tape_digest(one) != tape_digest(other)


@given(order=st.permutations(["A", "B", "C", "D"]), kept=st.integers(1, 4))
@settings(max_examples=10, deadline=None)
def test_a_symbol_depends_on_no_other(order, kept):
    """Whichever symbols stand beside it, in whatever order, its rows are the same in every stream."""
    whole = market("A", "B", "C", "D", **DAY, streams=ALL)
    some = market(*order[:kept], **DAY, streams=ALL)

    for stream in ALL:
        for symbol in order[:kept]:
            assert of(some[stream], symbol).equals(of(whole[stream], symbol))


def test_a_stream_depends_on_no_other():
    """Asking for trades too doesn't change the bars, nor their absence the books."""
    whole = market("A", **DAY, streams=ALL)

    for stream in ALL:
        assert market("A", **DAY, streams=[stream])[stream].equals(whole[stream])


@given(days=st.integers(1, 6))
@settings(max_examples=6, deadline=None)
def test_a_later_end_only_adds_rows(days):
    """What was generated for a shorter stretch is the beginning of a longer one."""
    words = {"start": "2024-03-01", "streams": ALL, "every": "1min", "gaps": 0.05, "spacing": {"A": "7min"}}
    shorter, longer = (market("A", "B", **words, end=f"2024-03-{day:02d}") for day in (days, 7))

    for stream in ALL:
        for symbol in ("A", "B"):
            begun = of(shorter[stream], symbol)
            assert of(longer[stream], symbol).head(begun.height).equals(begun)


@given(
    seed=st.integers(0, 10**6),
    price=st.sampled_from([0.05, 3.0, 100.0, 50_000.0]),
    decimals=st.integers(0, 5),
    spread=st.integers(1, 7),
)
@settings(max_examples=25, deadline=None)
def test_prices_are_consistent_within_and_between_streams(seed, price, decimals, spread):
    """Highs are highest, books aren't crossed and fall away by ticks, trades are at the touch, the touch lies in its bar."""
    words = {**DAY, "streams": ALL, "levels": 3, "every": "20s"}
    found = market("A", **words, seed=seed, price=price, decimals=decimals, spread=spread)
    bars, quotes, trades, depth = (found[stream] for stream in ALL)
    tick = 10.0**-decimals

    assert bars.select(pl.min_horizontal("open", "close", "low").eq(pl.col("low")).all()).item()
    assert bars.select(pl.max_horizontal("open", "close", "high").eq(pl.col("high")).all()).item()
    assert bars["low"].min() > 0
    assert bars["open"][1:].equals(bars["close"][:-1].alias("open"))
    np.testing.assert_allclose(
        quotes["ask_price"] - quotes["bid_price"], spread * tick, rtol=1e-6, atol=2 * np.spacing(2 * price)
    )
    assert (
        quotes.select(pl.col("timestamp") == depth["timestamp"], pl.col("bid_price") == depth["bid_price_0"])
        .to_series(1)
        .all()
    )
    for ours in ("bid_price", "bid_size", "ask_price", "ask_size"):
        assert quotes[ours].equals(depth[f"{ours}_0"].alias(ours))
    np.testing.assert_allclose(depth["bid_price_0"] - depth["bid_price_2"], 2 * tick, rtol=1e-6)
    np.testing.assert_allclose(depth["ask_price_2"] - depth["ask_price_0"], 2 * tick, rtol=1e-6)
    assert depth["bid_price_2"].min() > 0
    touch = pl.when(trades["side"] > 0).then(quotes["ask_price"]).otherwise(quotes["bid_price"])
    assert pl.select(touch.alias("price")).to_series().equals(trades["price"])
    inside = quotes.join_asof(bars, on="timestamp", strategy="backward")
    assert inside.select(((pl.col("bid_price") >= pl.col("low")) & (pl.col("ask_price") <= pl.col("high"))).all()).item()


@pytest.mark.parametrize("words", [DAY, {**DAY, **NEW_YORK}])
def test_the_strictest_gate_lets_everything_through(words):
    """No check finds anything, whatever the run's own time-zone policy says."""
    data = loaded("A", "B", **words, streams=ALL, every="1s")

    assert set(data.tapes) == set(ALL)
    assert data.quality["bars"]["checks"]["gap"]["judged"]
    assert all(check["count"] == 0 for report in data.quality.values() for check in report["checks"].values())


def test_bars_fill_the_hours_on_both_sides_of_a_change_of_clocks():
    """New York's sessions open at 14:30 UTC in winter and 13:30 in summer, on weekdays only, with 390 bars each."""
    frame = market("A", start="2024-03-07", end="2024-03-12", **NEW_YORK)["bars"]
    days = frame.group_by(pl.col("timestamp").dt.date().alias("day"), maintain_order=True).agg(
        pl.len(), pl.col("timestamp").first()
    )

    expected = [datetime(2024, 3, day, hour, 30, tzinfo=UTC) for day, hour in ((7, 14), (8, 14), (11, 13), (12, 13))]
    assert days["timestamp"].to_list() == expected
    assert days["len"].to_list() == [390] * 4
    local = frame["timestamp"][-1].astimezone(ZoneInfo("America/New_York"))
    assert (local.hour, local.minute) == (15, 59)


def test_around_the_clock_has_every_minute():
    """A leap day too."""
    stamps = market("A", start="2024-02-28", end="2024-03-01")["bars"]["timestamp"]

    assert stamps.len() == 3 * 1_440
    assert stamps.diff().drop_nulls().unique().dt.total_seconds().to_list() == [60]


@pytest.mark.parametrize(("every", "seconds"), [("10ms", 0.01), ("1s", 1.0), ("5min", 300.0)])
def test_events_are_spaced_as_declared(every, seconds):
    """The mean distance is the declared one, and each lies between 0.1 and 1.9 of it."""
    hours = {"open": "10:00", "close": "11:00" if seconds < 1 else "23:00"}
    end = DAY["end"] if seconds < 300 else "2024-03-29"
    frame = market("A", start=DAY["start"], end=end, streams=["trades"], hours=hours, spacing={"A": every})["trades"]
    within_day = (
        frame["timestamp"].diff().dt.total_nanoseconds().filter(frame["timestamp"].diff().dt.total_hours() < 2) / 1e9
    )

    assert within_day.mean() == pytest.approx(seconds, rel=0.03)
    assert within_day.min() >= 0.0999 * seconds
    assert within_day.max() <= 1.9001 * seconds


def test_symbols_of_very_different_clocks_stand_side_by_side():
    """One ticks every 10 ms, one twice a day; the slow one has bars only where something happened."""
    found = market(
        "FAST", "SLOW", "PLAIN", **DAY, streams=["bars", "quotes"], spacing={"FAST": "10ms", "SLOW": "12h"}, every="1min"
    )

    counts = dict(found["quotes"].group_by("symbol").len().iter_rows())
    assert counts["FAST"] == pytest.approx(8_640_000, rel=0.01)
    assert 1 <= counts["SLOW"] <= 20
    assert counts["PLAIN"] == pytest.approx(1_440, rel=0.1)
    slow = of(found["bars"], "SLOW")
    happened = of(found["quotes"], "SLOW")["timestamp"].dt.truncate("1m").unique().sort()
    assert slow["timestamp"].to_list() == happened.to_list()
    assert of(found["bars"], "FAST").height == of(found["bars"], "PLAIN").height == 1_440


def test_gaps_hold_nothing_at_all():
    """The share of missing bars is the declared one, the rest is as without gaps, and no event lies in a gap."""
    words = {"start": "2024-03-04", "end": "2024-03-10", "streams": ["bars", "quotes"], "every": "1min"}
    whole, holed = (market("A", **words, gaps=gaps) for gaps in (0.0, 0.1))

    assert holed["bars"].height / whole["bars"].height == pytest.approx(0.9, abs=0.01)
    assert holed["bars"].join(whole["bars"], on=holed["bars"].columns).height == holed["bars"].height
    minutes = holed["quotes"]["timestamp"].dt.truncate("1m")
    assert minutes.is_in(holed["bars"]["timestamp"].implode()).all()
    assert market("A", **words, gaps=1.0)["bars"].height == 0


def test_regimes_change_how_far_prices_move():
    """A regime's volatility and drift are those of the path, and the notes say when it began."""
    words = {"start": "2023-01-01", "end": "2023-12-31", "interval": "1h", "decimals": 4}
    calm = {"calm": {"volatility": 0.2, "drift": 0.0, "sessions": 1000}}
    rising = {"rising": {"volatility": 0.05, "drift": 1.0, "sessions": 1000}}

    moves = market("A", **words, regimes=calm)["bars"]["close"].pct_change().drop_nulls()
    frame = market("A", **words, regimes=rising)["bars"]

    assert moves.std() * np.sqrt(24 * 365) == pytest.approx(0.2, rel=0.05)
    assert frame["close"][-1] / frame["open"][0] == pytest.approx(np.e, rel=0.2)
    (raw,) = Generated(**words, regimes=rising).read(Universe(symbols=("A",)))
    assert raw.notes == ("generated; regimes: rising from 2023-01-01",)


def test_digests_are_of_the_rows():
    """Equal rows have equal digests, and each symbol has its own."""
    (one,) = Generated(**DAY).read(Universe(symbols=("A", "B")))
    (other,) = Generated(**DAY).read(Universe(symbols=("B",)))

    assert set(one.digests) == {"generated/A/bars", "generated/B/bars"}
    assert one.digests["generated/B/bars"] == other.digests["generated/B/bars"]
    assert one.digests["generated/A/bars"] != one.digests["generated/B/bars"]


WRONG = [
    ({"start": "2024-02-30"}, r'data\.start: must be a day of the calendar, was "2024-02-30"'),
    ({"start": "2024-02-02"}, r'data\.start: must be on or before the end, was "2024-02-02" to "2024-01-31"'),
    (
        {"zone": "Europe/Londn"},
        r'data\.zone: must be the name of a time zone, was "Europe/Londn"\. Did you mean Europe/London',
    ),
    ({"hours": {"open": "16:00", "close": "09:30"}}, r"data\.hours: must open before they close"),
    ({"streams": ["bars", "bars"]}, r"data\.streams: must name each stream once, was bars, bars"),
    ({"spacing": {"AA": "1s"}}, r'data\.spacing: must name symbols of the universe, was "AA"\. Did you mean A\?'),
    ({"interval": "2d"}, r"data: must hold at least one bar, was none of 2d"),
    (
        {"regimes": {"mad": {"volatility": 5.0}}, "interval": "1d"},
        r"data\.regimes\.mad: must move prices less than 30% a bar",
    ),
    ({"streams": ["trades"], "every": "1ms"}, r"data: must hold at most 2,000,000,000 rows, was about 2,678,400,000"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_a_market_that_cannot_be_is_refused(words, message):
    """The check finds it without drawing anything, and reading says the same."""
    source, universe = Generated(**words), Universe(symbols=("A",))

    faults = source.check(universe)

    assert len(faults) == 1
    with pytest.raises(DataError, match=message):
        source.read(universe)


def test_hours_that_clocks_skip_open_an_hour_later():
    """Where a session would open in the hour that doesn't exist, it opens when that hour is over, and a run accepts it."""
    words = {"hours": {"open": "00:30", "close": "12:00"}, "zone": "Asia/Tehran", "start": "2022-03-21", "end": "2022-03-23"}

    tape = loaded("A", **words).tape

    opens = [tape.opened[tape.session == day].min() for day in np.unique(tape.session)]
    expected = [datetime(2022, 3, day, hour, tzinfo=UTC) for day, hour in ((20, 21), (21, 21), (22, 20))]
    assert opens == [round(instant.timestamp()) * 10**9 for instant in expected]
