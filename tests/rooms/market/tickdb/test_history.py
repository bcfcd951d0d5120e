"""History from a service that misbehaves: every bar, or an error that names what is wrong; never a silent hole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import DataError
from tests.rooms.market.tickdb.conftest import held, talk, truth
from tests.rooms.market.tickdb.service import MINUTE, Manners, Service, klines, ms
from tests.rooms.market.tickdb.service import failure as failing

START = ms("2024-03-04")
ROUND_THE_CLOCK = klines(START + MINUTE * n for n in range(2_500))
SESSIONS = klines(START + 1_440 * MINUTE * day + (870 + n) * MINUTE for day in (0, 1, 2, 3, 4, 7, 8) for n in range(390))
WINDOW = (START, START + 14 * 1_440 * MINUTE)


def read(bars, manners=None, *, window=WINDOW, failures=(), **choices):
    service = Service({"BTCUSDT": bars}, manners, failures)
    reader = talk(service, **choices)
    return held(reader.window("BTCUSDT", window, lambda _: None)), service


@pytest.mark.parametrize("bars", [ROUND_THE_CLOCK, SESSIONS], ids=["round the clock", "sessions"])
@pytest.mark.parametrize(
    "manners",
    [
        Manners(),
        Manners(as_numbers=True),
        Manners(order="descending"),
        Manners(order="shuffled"),
        Manners(start_included=False),
        Manners(end_included=False),
        Manners(start_included=False, end_included=False),
        Manners(repeat_last=True),
        Manners(kept_end="newest"),
        Manners(cap=500),
        Manners(cap=100),
        Manners(cap=100, kept_end="newest"),
        Manners(cap=7, kept_end="newest", order="descending"),
        Manners(wrapped="list"),
        Manners(wrapped="rows"),
        Manners(empty_as_null=True),
    ],
    ids=str,
)
def test_every_bar_arrives_once_whatever_the_manners(bars, manners):
    """Order, bounds, cuts at either end below the promised limit, repeated rows and wrappings change nothing."""
    rows, _ = read(bars, manners)

    assert rows == truth(bars)


def test_pages_hold_a_thousand_bars_and_more_are_asked_for():
    """2,500 bars behind a limit of 1,000 are 2,500 bars, and not many more than three questions."""
    rows, service = read(ROUND_THE_CLOCK, window=(START, START + 2_500 * MINUTE))

    assert len(rows) == 2_500
    assert len(service.asked) <= 4


def test_exactly_one_full_page_is_continued():
    """A page as long as the limit proves nothing about what follows."""
    rows, service = read(ROUND_THE_CLOCK[:1_001], Manners(), window=(START, START + 1_001 * MINUTE))

    assert len(rows) == 1_001
    assert len(service.asked) >= 2


def test_missing_bars_stay_missing():
    """Holes of the truth are holes of the result: nothing is invented."""
    holed = [bar for n, bar in enumerate(ROUND_THE_CLOCK) if n % 7 and not 1_200 <= n < 1_900]

    rows, _ = read(holed)

    assert rows == truth(holed)


def test_a_window_holds_what_opens_in_it():
    """The start is in, the end is out, to the millisecond."""
    rows, _ = read(ROUND_THE_CLOCK, window=(START + 10 * MINUTE, START + 20 * MINUTE))

    assert rows == truth(ROUND_THE_CLOCK[10:20])


def test_no_bars_are_no_bars():
    """A symbol without bars in the window gives none, after asking twice."""
    rows, service = read([], window=(START, START + 100 * MINUTE))

    assert rows == []
    assert len(service.asked) == 2


def test_an_empty_page_out_of_turn_is_not_believed():
    """A service that answers nothing once loses no bar."""
    empty = {"code": 0, "data": {"klines": []}}

    for after in range(3):
        rows, _ = read(ROUND_THE_CLOCK, failures=[failing(200, empty, after=after)])

        assert rows == truth(ROUND_THE_CLOCK)


def test_a_service_that_ignores_the_window_is_refused():
    """Always the same page would otherwise look like silence, or go on for ever."""
    with pytest.raises(DataError, match="lie elsewhere"):
        read(ROUND_THE_CLOCK, Manners(heeds_window=False), window=(START + 5 * 1_440 * MINUTE, WINDOW[1]))


def test_stamps_in_seconds_are_refused():
    """A thousandfold mistake is named, not converted."""
    with pytest.raises(DataError, match="isn't in milliseconds"):
        read(ROUND_THE_CLOCK, Manners(time_divisor=1_000))


def test_a_smaller_limit_is_told():
    """A service that refuses the limit names the setting to change."""
    with pytest.raises(DataError, match=r"2004.*data\.limit"):
        read(ROUND_THE_CLOCK, Manners(cap=500, over_cap="2004"))


def test_bars_of_another_symbol_are_refused():
    """An answer about something else is never taken for what was asked."""
    with pytest.raises(DataError, match="about 'ETHUSDT', BTCUSDT was asked for"):
        read(ROUND_THE_CLOCK, Manners(echo="ETHUSDT"))


@pytest.mark.parametrize(
    ("asked", "echo"), [("AAPL.US", "AAPL"), ("AAPL", "AAPL.US"), ("00700.HK", "700.HK"), ("700.HK", "700")]
)
def test_spellings_of_one_symbol_are_one(asked, echo):
    """Suffixes and leading zeros come and go; the rows carry the spelling that was asked for."""
    service = Service({asked: ROUND_THE_CLOCK[:5]}, Manners(echo=echo))

    frame = talk(service).window(asked, WINDOW, lambda _: None)

    assert frame["symbol"].unique().to_list() == [asked]
    assert frame.height == 5


def test_a_bar_that_changes_between_pages_is_refused():
    """Two values for one stamp can't both be true."""
    bar = {"time": START, "open": "1", "high": "2", "low": "1", "close": "1", "volume": "1"}
    page = {"code": 0, "data": {"klines": [bar, {**bar, "close": "2"}]}}

    with pytest.raises(DataError, match="came with"):
        read([], failures=[failing(200, page)])


def test_progress_goes_forward_to_the_end_of_the_window():
    """What has arrived is told in order, and the last word is the end."""
    heard = []
    service = Service({"BTCUSDT": SESSIONS}, Manners(cap=100, kept_end="newest"))

    talk(service).window("BTCUSDT", WINDOW, heard.append)

    assert heard == sorted(heard)
    assert heard[-1] == WINDOW[1]


def test_the_latest_bars_are_without_the_forming_one():
    """Without a window the last page is what there is, less the bar that isn't over."""
    now = ROUND_THE_CLOCK[-1].time + MINUTE // 2
    service = Service({"BTCUSDT": ROUND_THE_CLOCK}, Manners(forming=True, kept_end="newest"), now=now)

    rows = held(talk(service, limit=50).latest("BTCUSDT", now))

    assert rows == truth(ROUND_THE_CLOCK[-50:-1])


class TestArticle:
    """The dialect that only has the latest bars."""

    def test_latest_bars_are_read_in_its_words(self):
        """Short names and numbers are the same bars."""
        service = Service({"BTCUSDT": ROUND_THE_CLOCK}, Manners(dialect="article", as_numbers=True))

        rows = held(talk(service, dialect="article", limit=200).latest("BTCUSDT", WINDOW[1]))

        assert rows == truth(ROUND_THE_CLOCK[-200:])
        assert set(service.asked[0][1]) == {"symbol", "interval", "limit"}

    def test_a_window_within_reach_is_read(self):
        """A window that begins after the first of the latest bars is complete."""
        window = (ROUND_THE_CLOCK[-300].time, ROUND_THE_CLOCK[-100].time)
        service = Service({"BTCUSDT": ROUND_THE_CLOCK}, Manners(dialect="article"))

        rows = held(talk(service, dialect="article").window("BTCUSDT", window, lambda _: None))

        assert rows == truth(ROUND_THE_CLOCK[-300:-100])

    @pytest.mark.parametrize("bars", [ROUND_THE_CLOCK, []], ids=["beyond", "none"])
    def test_a_window_out_of_reach_is_refused(self, bars):
        """What can't be had is an error, never a shorter history."""
        service = Service({"BTCUSDT": bars}, Manners(dialect="article"))

        with pytest.raises(DataError, match="all that the article's dialect gives"):
            talk(service, dialect="article").window("BTCUSDT", WINDOW, lambda _: None)


class TestAdjusted:
    """Adjusted prices carry the traded ones beside them."""

    def test_both_are_asked_for(self):
        """One conversation each, and the rows are paired by their stamp."""
        service = Service({"AAPL.US": SESSIONS})

        frame = talk(service, adjust="forward").window("AAPL.US", WINDOW, lambda _: None)

        assert {asked[1]["adjust"] for asked in service.asked} == {"forward", "none"}
        assert frame["raw_close"].to_list() == [float(bar.prices[3]) for bar in SESSIONS]

    def test_different_bars_are_refused(self):
        """A bar that only one of the two has can't be paired."""
        service = Service({"AAPL.US": SESSIONS[:10]})
        serve = service.answer

        def forgetful(path, params, headers):
            service.market["AAPL.US"] = SESSIONS[:9] if params["adjust"] == "none" else SESSIONS[:10]
            return serve(path, params, headers)

        service.answer = forgetful

        with pytest.raises(DataError, match="different bars"):
            talk(service, adjust="backward").window("AAPL.US", WINDOW, lambda _: None)


MANNERS = st.builds(
    Manners,
    as_numbers=st.booleans(),
    order=st.sampled_from(["ascending", "descending", "shuffled"]),
    start_included=st.booleans(),
    end_included=st.booleans(),
    kept_end=st.sampled_from(["oldest", "newest"]),
    cap=st.integers(1, 40),
    over_cap=st.sampled_from(["silent", "silent", "2004"]),
    repeat_last=st.booleans(),
    wrapped=st.sampled_from(["object", "list", "rows"]),
    heeds_window=st.sampled_from([True, True, True, False]),
    time_divisor=st.sampled_from([1, 1, 1, 1_000]),
    empty_as_null=st.booleans(),
)
NAMED = ("lie elsewhere", "isn't in milliseconds", "limit", "no progress")


@settings(max_examples=300, deadline=None)
@given(
    manners=MANNERS,
    slots=st.sets(st.integers(0, 200), max_size=120),
    first=st.integers(-20, 220),
    length=st.integers(1, 240),
    limit=st.integers(1, 40),
    empty_after=st.none() | st.integers(0, 5),
)
def test_the_result_is_the_truth_or_a_named_error(manners, slots, first, length, limit, empty_after):
    """Whatever the manners and the holes, the rows of a window equal the service's own, or the fault is said."""
    bars = klines(START + MINUTE * slot for slot in sorted(slots))
    window = (START + MINUTE * first, START + MINUTE * (first + length))
    failures = [] if empty_after is None else [failing(200, {"code": 0, "data": {"klines": []}}, after=empty_after)]

    is_refused = (
        manners.time_divisor != 1 or not manners.heeds_window or (manners.over_cap == "2004" and limit > manners.cap)
    )

    try:
        rows, _ = read(bars, manners, window=window, limit=limit, failures=failures)
    except DataError as error:
        said = str(error)
        rows = None

    if rows is None:
        assert is_refused
        assert any(words in said for words in NAMED)
    else:
        assert rows == truth([bar for bar in bars if window[0] <= bar.time < window[1]])
