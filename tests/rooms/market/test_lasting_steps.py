"""Prices that step to another level: what is a split or another unit, and what is news."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from runner.errors import DataError

START = date(2020, 1, 1)
MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


def quiet(count=80, *, level=100.0):
    """Closes that move by one per cent, up and down."""
    return np.array([level * (1.01 if at % 2 else 1.0) for at in range(count)])


def bars(closes, volumes=None, *, opens=None, stamps=None):
    """Bars that open at their own close, so that every move lies between two of them, unless told otherwise."""
    opens = closes if opens is None else opens
    volumes = np.full(len(closes), 100.0) if volumes is None else volumes
    stamps = stamps or [START + timedelta(days=at) for at in range(len(closes))]
    values = zip(stamps, opens, closes, volumes, strict=True)
    return [("A", stamp, o, max(o, c) * 1.001, min(o, c) * 0.999, c, v) for stamp, o, c, v in values]


def found(data):
    checks = data.quality["bars"]["checks"]
    return {name: checks[name]["count"] for name in ("split", "unit", "outlier") if checks[name]["count"]}


def stepped(factor, at=40, count=80):
    closes = quiet(count)
    closes[at:] *= factor
    return closes


@pytest.mark.parametrize("factor", [2.1, 2.06, 1.94, 1 / 2.06, 1 / 1.94, 6.0, 1 / 6.0, 1.45, 1 / 1.45, 8.7])
def test_a_step_of_any_ratio_that_lasts_is_a_split(loaded, factor):
    """Uncommon ratios, and 2:1 on a day that moves by three per cent itself; the bar of the step is marked."""
    data = loaded(bars(stepped(factor)), split="keep")

    assert found(data) == {"split": 1}
    assert data.quality["bars"]["checks"]["split"]["first"][0]["stamp"] == str(START + timedelta(days=40))


@pytest.mark.parametrize("factor", [30.0, 12.0, 1000.0, 1e6, 1 / 30, 1 / 12, 1e-3])
@pytest.mark.parametrize("at", [5, 30, 70])
def test_a_step_of_ten_times_or_more_is_another_unit(loaded, factor, at):
    """The rows of the smaller part are marked, before the step or behind it."""
    data = loaded(bars(stepped(factor, at)), unit="keep")

    assert found(data) == {"unit": min(at, 80 - at)}


@pytest.mark.parametrize("rows", [2, 3, 30])
def test_a_stretch_in_thirds_of_a_hundred_is_left_out(loaded, rows):
    """A stretch of two rows or more that comes back is of another unit; the rest stays."""
    closes = quiet()
    closes[20 : 20 + rows] *= 33.0

    data = loaded(bars(closes), unit="drop")

    assert found(data) == {"unit": rows}
    assert data.tape.columns["close"].tolist() == [*closes[:20], *closes[20 + rows :]]


def test_a_common_split_of_ten_is_no_unit(loaded):
    """10:1 and 20:1 are done; 15:1 isn't."""
    assert found(loaded(bars(stepped(0.1)), split="keep")) == {"split": 1}
    assert found(loaded(bars(stepped(1 / 20)), split="keep")) == {"split": 1}
    assert found(loaded(bars(stepped(1 / 15)), unit="keep")) == {"unit": 40}


@pytest.mark.parametrize("factor", [2.1, 1 / 2.1, 20.0 / 1.3, 1 / 15])
def test_a_session_of_news_explains_a_step(loaded, factor):
    """Far more volume than the sessions before and after: everybody heard, and traded."""
    volumes = np.full(80, 100.0)
    volumes[40] = 400.0

    assert found(loaded(bars(stepped(factor), volumes))) == {}


def test_volume_in_other_shares_is_no_news(loaded):
    """After a split of seven there are seven times as many; that lasts."""
    volumes = np.full(80, 100.0)
    volumes[40:] = 700.0

    assert found(loaded(bars(stepped(1 / 6.6), volumes), split="keep")) == {"split": 1}


def test_without_volume_a_crash_may_be_one(loaded):
    """To less than a half may be news; to less than 1/2.5 hardly is."""
    unknown = np.full(80, np.nan)
    closes = np.array([100.0 * (1.03 if at % 2 else 1.0) for at in range(80)])
    half, less = (np.where(np.arange(80) < 40, closes, closes / by) for by in (2.1, 2.7))

    assert found(loaded(bars(half, unknown))) == {}
    assert found(loaded(bars(less, unknown), split="keep")) == {"split": 1}
    assert found(loaded(bars(half), split="keep")) == {"split": 1}


def test_without_volume_calm_prices_bear_witness(loaded):
    """Where half a per mille is a usual move, to double is none."""
    closes = np.array([100.0 + 0.05 * (at % 2) for at in range(80)])
    closes[40:] *= 2.1

    assert found(loaded(bars(closes, np.full(80, np.nan)), split="keep", outlier="keep")) == {"split": 1}


def test_a_fall_within_a_bar_is_a_crash(loaded):
    """The bar opens where the last one closed; markets that never close fall so."""
    closes = stepped(1 / 2.1)
    opens = np.concatenate([closes[:1], closes[:-1]])

    assert found(loaded(bars(closes, opens=opens))) == {}


@pytest.mark.parametrize("stays", [1, 5, 20])
def test_a_step_that_comes_back_is_no_split(loaded, stays):
    """By half within twenty rows; the way back is no split either, where the step out was only one row."""
    closes = quiet()
    closes[40 : 40 + stays] *= 2.1

    data = loaded(bars(closes), split="keep")

    # After a longer stretch the price stays where it came from: one of the two steps is real to whoever looks on.
    assert found(data) == ({"outlier": 1} if stays == 1 else {"split": 1})
    if stays > 1:
        first = data.quality["bars"]["checks"]["split"]["first"][0]["stamp"]
        assert first == str(START + timedelta(days=40 + stays))


def test_among_wild_moves_a_step_is_none(loaded):
    """Ten usual moves are asked for."""
    closes = np.array([100.0 * (1.15 if at % 2 else 1.0) for at in range(80)])
    closes[40:] *= 2.1

    assert found(loaded(bars(closes))) == {}


@pytest.mark.parametrize("behind", [1, 2])
def test_nobody_knows_whether_the_last_rows_stay(loaded, behind):
    """Three rows at the new level are asked for."""
    assert found(loaded(bars(stepped(2.1, 80 - behind)))) == {}
    assert found(loaded(bars(stepped(2.1, 77)), split="keep")) == {"split": 1}


def test_a_step_behind_a_long_hole_is_another_check_s(loaded):
    """A ticker used again has another price and no split."""
    stamps = [START + timedelta(days=at + (0 if at < 40 else 200)) for at in range(80)]

    data = loaded(bars(stepped(2.1), stamps=stamps), reuse="keep")

    assert found(data) == {}
    assert data.quality["bars"]["checks"]["reuse"]["count"] == 1


def test_a_split_in_the_night_shows_in_minutes_though_a_late_trade_opens_the_day(loaded, minute):
    """The first bar opens at the price of the day before; it closes at a seventh."""
    stamps = [MOMENT + timedelta(days=at // 40, hours=15, minutes=at % 40) for at in range(80)]
    closes = stepped(1 / 6.9)
    opens = closes.copy()
    opens[40] = closes[39]

    assert found(loaded(bars(closes, opens=opens, stamps=stamps), timezone=minute, split="keep")) == {"split": 1}


def test_a_night_needs_volume_to_be_judged(loaded, minute):
    """Overnight a price may double though in a minute it never does."""
    stamps = [MOMENT + timedelta(days=at // 40, hours=15, minutes=at % 40) for at in range(80)]
    closes = np.array([100.0 + 0.05 * (at % 2) for at in range(80)])
    closes[40:] *= 2.1

    unknown = np.full(80, np.nan)

    assert found(loaded(bars(closes, unknown, stamps=stamps), timezone=minute, outlier="keep")) == {}


def split_of(ratio, rows, *, count=80):
    """A split so many rows before the end: prices divided, volume multiplied."""
    closes, volumes = quiet(count), np.full(count, 100.0)
    closes[count - rows :] /= ratio
    volumes[count - rows :] *= ratio
    return closes, volumes


@pytest.mark.parametrize("rows", [3, 5, 6, 40])
@pytest.mark.parametrize("ratio", [6.0, 15.0, 25.0, 50.0, 1 / 6.0, 1 / 15, 1 / 60])
def test_a_split_is_one_however_few_sessions_are_behind_it(loaded, ratio, rows):
    """Far more shares change hands and no more money: that is no news. From ten on it isn't another unit either."""
    assert found(loaded(bars(*split_of(ratio, rows)), split="keep")) == {"split": 1}


@pytest.mark.parametrize("ratio", [5.0 / 0.9, 1 / 6.0, 15.0])
def test_news_at_the_end_of_the_data_stays_news(loaded, ratio):
    """More money as well as more shares than in the sessions before explains a step, though nobody knows what follows."""
    closes, volumes = split_of(ratio, 4)
    volumes[76:] = 100.0 * max(ratio, 1.0) * 4.0

    assert found(loaded(bars(closes, volumes))) == {}


def test_a_step_below_four_at_the_end_is_not_sure(loaded):
    """Three and a half times the shares after a fall to 1/3.4 may be news of last week; below four it is let pass."""
    closes, volumes = split_of(3.4, 4)

    assert found(loaded(bars(closes, volumes))) == {}
    assert found(loaded(bars(*split_of(3.4, 6)), split="keep")) == {"split": 1}


def test_hundredths_stay_another_unit_whatever_the_volume(loaded):
    """A coin in hundredths has a hundred times the volume."""
    assert found(loaded(bars(*split_of(100.0, 30)), unit="keep")) == {"unit": 30}


@pytest.mark.parametrize("is_scaled", [True, False])
@pytest.mark.parametrize("ratio", [5 / 4, 4 / 3])
def test_small_splits_have_two_ratios(loaded, ratio, is_scaled):
    """5:4 and 4:3 between sessions, volume scaled or ordinary."""
    closes, volumes = split_of(ratio, 40)

    assert found(loaded(bars(closes, volumes if is_scaled else None), split="keep")) == {"split": 1}


@pytest.mark.parametrize("ratio", [1.15, 1.29, 1.38, 4 / 5, 3 / 4])
def test_other_small_steps_are_moves(loaded, ratio):
    """Other ratios, and gains: nobody makes four shares of five."""
    assert found(loaded(bars(*split_of(ratio, 40)))) == {}


def test_a_small_step_needs_volume_quiet_prices_and_a_night(loaded, minute):
    """Without volume, on a session of news, among moves of three per cent, or within a session, a quarter may be lost."""
    closes, _ = split_of(4 / 3, 40)
    unknown, news = np.full(80, np.nan), np.full(80, 100.0)
    news[40] = 500.0
    wild = np.array([100.0 * (1.035 if at % 2 else 1.0) for at in range(80)])
    wild[40:] *= 3 / 4
    stamps = [MOMENT + timedelta(hours=15, minutes=at) for at in range(80)]

    assert found(loaded(bars(closes, unknown))) == {}
    assert found(loaded(bars(closes, news))) == {}
    assert found(loaded(bars(wild))) == {}
    assert found(loaded(bars(closes, stamps=stamps), timezone=minute)) == {}


def test_a_small_split_in_the_night_shows_in_minutes(loaded, minute):
    """The first bar opens at the price of the day before, a trade reported late; it closes at three quarters."""
    stamps = [MOMENT + timedelta(days=at // 10, hours=15, minutes=at % 10) for at in range(120)]
    closes, volumes = split_of(4 / 3, 60, count=120)
    opens = closes.copy()
    opens[60] = closes[59]

    data = loaded(bars(closes, volumes, opens=opens, stamps=stamps), timezone=minute, split="keep", outlier="keep")

    assert found(data)["split"] == 1


def test_a_devaluation_is_told_how_to_be_kept(loaded):
    """A currency that loses more than half overnight moved so; the message says what to write."""
    closes = np.array([366.0 + 0.1 * (at % 2) for at in range(60)])
    closes[40:] = 800.0 + 0.1 * (np.arange(20) % 2)

    with pytest.raises(DataError, match=r"write quality\.split: keep if the price did move so"):
        loaded(bars(closes, np.zeros(60)))
