"""A coin that never closes beside a stock that does, in one universe: each source's rows are judged by its own policy."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from runner.errors import DataError
from runner.kinds import FolderKinds
from runner.market.load import load
from runner.market.sources.combined import Combined
from runner.market.streams import columns_of
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

BOTH = Universe(symbols=("BTC", "SPY"))
STOCK = Timezone(zone="America/New_York", stamp="open", interval="30min", calendar="XNYS")
COIN = Timezone(zone="UTC", stamp="open", interval="1h", calendar="24-7", sessions_per_year=365)
FRIDAY, MONDAY = datetime(2024, 3, 8, tzinfo=UTC), datetime(2024, 3, 11, tzinfo=UTC)


def spaced(begin, end, step):
    return [begin + n * step for n in range((end - begin) // step)]


def coin_hours():
    """Every hour of Friday to Monday; New York puts its clocks forward on Sunday."""
    return spaced(FRIDAY, MONDAY + timedelta(days=1), timedelta(hours=1))


def stock_bars():
    """Every half hour of Friday's and Monday's session: 14:30 to 21:00 UTC, and 13:30 to 20:00."""
    half = timedelta(minutes=30)
    return [
        *spaced(FRIDAY + timedelta(hours=14.5), FRIDAY + timedelta(hours=21), half),
        *spaced(MONDAY + timedelta(hours=13.5), MONDAY + timedelta(hours=20), half),
    ]


@pytest.fixture
def mixed(tmp_path):
    """Load a coin's and a stock's bars from two parts with policies of their own."""

    def run(coin, stock, *, policy=STOCK, coin_policy=COIN, **quality):
        for name, stamps in (("BTC", coin), ("SPY", stock)):
            prices = {column: [10.0] * len(stamps) for column in columns_of("bars")}
            pl.DataFrame({"symbol": [name] * len(stamps), "timestamp": stamps, **prices}).write_parquet(
                tmp_path / f"{name}.parquet"
            )
        parts = {
            name: {"kind": "parquet", "path": str(tmp_path / f"{name}.parquet"), "symbols": [name]} for name in BOTH.symbols
        }
        parts["BTC"]["timezone"] = coin_policy.model_dump(mode="json")
        source = Combined.model_validate({"kind": "combined", "parts": parts}, context=FolderKinds())
        return load(source, universe=BOTH, window=Window(), timezone=policy, quality=Quality(**quality))

    return run


def gap(data):
    found = data.quality["bars"]["checks"]["gap"]
    return found["expected"], found["symbols"]


def test_a_weekend_is_expected_of_the_coin_and_not_of_the_stock(mixed):
    """Nothing is missing, nothing is outside, and every row is there."""
    data = mixed(coin_hours(), stock_bars(), gap="error")

    assert gap(data) == (96 + 26, {})
    assert data.tape.offsets.tolist() == [0, 96, 122]
    assert data.quality["bars"]["notes"] == []


def test_a_coin_s_hole_on_a_saturday_is_a_gap(mixed):
    """While the stock's Friday evening to Monday morning is none."""
    saturday = FRIDAY + timedelta(days=1)
    coin = [stamp for stamp in coin_hours() if not saturday <= stamp < saturday + timedelta(hours=5)]

    data = mixed(coin, stock_bars())

    assert gap(data) == (96 + 26, {"BTC": 5})
    with pytest.raises(DataError, match=r"quality\.gap: .* 5 bars are missing \(BTC 5\)"):
        mixed(coin, stock_bars(), gap="error")


def test_a_stock_s_missing_bar_is_a_gap(mixed):
    """In its session; the coin's are all there."""
    stock = [stamp for stamp in stock_bars() if stamp != MONDAY + timedelta(hours=15)]

    assert gap(mixed(coin_hours(), stock)) == (96 + 26, {"SPY": 1})


def test_a_stock_s_bar_outside_its_hours_is_refused_at_an_hour_the_coin_has(mixed):
    """The coin's policy doesn't open the exchange on a Sunday; the policy that is broken is the stock's."""
    sunday = FRIDAY + timedelta(days=2, hours=15)

    with pytest.raises(DataError) as caught:
        mixed(coin_hours(), sorted([*stock_bars(), sunday]))

    assert str(sunday) in str(caught.value)
    assert "SPY" in str(caught.value)
    assert "BTC" not in str(caught.value)


def test_rows_outside_are_left_out_by_the_stock_s_policy_only(mixed):
    """`drop` of the run's policy isn't the coin's, which has nothing outside."""
    sunday = FRIDAY + timedelta(days=2, hours=15)
    policy = STOCK.model_copy(update={"out_of_session": "drop"})

    data = mixed(coin_hours(), sorted([*stock_bars(), sunday]), policy=policy)

    assert data.tape.offsets.tolist() == [0, 96, 122]
    assert data.quality["bars"]["notes"] == ["1 of 27 rows (4 %) of SPY lies outside the hours and was left out"]


def test_bars_are_held_against_their_own_part_s_length(mixed):
    """Hours of the coin beside half hours of the stock are as declared; declared as minutes it is the coin that is refused."""
    assert mixed(coin_hours(), stock_bars()).quality["bars"]["checks"]["coarse"]["count"] == 0

    with pytest.raises(DataError) as caught:
        mixed(coin_hours(), stock_bars(), coin_policy=COIN.model_copy(update={"interval": "1min"}))

    (fault,) = caught.value.faults
    assert fault.where == "timezone.interval of BTC/BTC.parquet (BTC)"
    assert fault.write.endswith("It is data.parts.BTC.timezone that says so.")
    assert fault.was == '"1min" while no two bars are closer than 1h'


def test_a_part_that_follows_the_run_s_policy_is_named_and_told_of_its_own(mixed):
    """The stock's half hours are refused under a policy of the coin's hours, which says nothing of who broke it."""
    with pytest.raises(DataError) as caught:
        mixed(coin_hours(), stock_bars(), policy=STOCK.model_copy(update={"interval": "15min"}))

    (fault,) = caught.value.faults
    assert fault.where == "timezone.interval of SPY (SPY)"
    assert "if its stamps mean something else, write data.parts.SPY.timezone, with all keys it needs." in fault.write


def test_each_bar_s_session_is_that_of_its_market(mixed):
    """The coin's day ends at midnight UTC; the stock's Monday begins an hour earlier than its Friday, by UTC."""
    data = mixed(coin_hours(), stock_bars())

    days = {name: data.tape.session[first:last] for name, first, last in (("BTC", 0, 96), ("SPY", 96, 122))}
    friday = (FRIDAY - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert days["BTC"].tolist() == [friday + hour // 24 for hour in range(96)]
    assert days["SPY"].tolist() == [friday] * 13 + [friday + 3] * 13
