"""Asking until it is answered: what is repeated, how long is waited, and what is said at the end."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from runner.errors import DataError
from tests.rooms.market.tickdb.conftest import Time, held, talk, truth
from tests.rooms.market.tickdb.service import KEY, MINUTE, Failure, Manners, Service, failure, klines, ms

START = ms("2024-03-04")
BARS = klines(START + MINUTE * n for n in range(50))
WINDOW = (START, START + 50 * MINUTE)
LIMITED = {"code": 3001, "message": "Rate limit exceeded", "data": {"limit": 60, "plan": "starter"}}


def read(failures, time=None, **choices):
    service = Service({"BTCUSDT": BARS}, None, failures)
    return held(talk(service, time=time, **choices).window("BTCUSDT", WINDOW, lambda _: None))


@pytest.mark.parametrize("code", [3001, "3001"])
def test_retry_after_in_seconds_is_honoured(time, code):
    """The service's own wait is waited, with up to a second on top."""
    rows = read([failure(429, {**LIMITED, "code": code}, headers={"Retry-After": "17"})], time)

    assert rows == truth(BARS)
    assert time.rests == [17.5]


def test_retry_after_as_a_date_is_honoured(time):
    """HTTP allows a date in place of seconds."""
    date = format_datetime(datetime(2030, 1, 1, 0, 0, 30, tzinfo=UTC), usegmt=True)

    rows = read([failure(429, LIMITED, headers={"Retry-After": date})], time)

    assert rows == truth(BARS)
    assert time.rests == [30.5]


@pytest.mark.parametrize("place", ["in data", "beside code"])
def test_reset_at_is_honoured(time, place):
    """Without the header the body's unix seconds say when."""
    reset = ms("2030-01-01") // 1_000 + 40
    body = (
        {"code": 3001, "data": {"reset_at": reset}}
        if place == "in data"
        else {"code": 429, "success": False, "reset_at": reset}
    )

    assert read([failure(429, body)], time) == truth(BARS)
    assert time.rests == [40.5]


@pytest.mark.parametrize("said", [None, "soon", "0", "-5", "Wed, 01 Jan 2020 00:00:00 GMT"])
def test_without_a_usable_hint_the_wait_grows(time, said):
    """Full jitter over 8, 16, 32 seconds; half of them here, because chance says 0.5."""
    headers = {} if said is None else {"Retry-After": said}

    rows = read([failure(429, LIMITED, headers=headers, times=3)], time)

    assert rows == truth(BARS)
    assert time.rests == [4.0, 8.0, 16.0]


def test_a_wait_beyond_two_minutes_is_an_error(time):
    """A run doesn't hang for an hour because a service asks it to; the message says how long."""
    with pytest.raises(DataError, match=r"Run again in 3600 s"):
        read([failure(429, LIMITED, headers={"Retry-After": "3600"})], time)

    assert time.rests == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_passing_failures_are_repeated(time, status):
    """Twice unavailable, then served: half-second steps that double, under full jitter."""
    rows = read([Failure(status, b"<html>Bad Gateway</html>", times=2)], time)

    assert rows == truth(BARS)
    assert time.rests == [0.25, 0.5]


@pytest.mark.parametrize("body", [{"code": 5001, "message": "source"}, {"code": "3005", "message": "again"}])
def test_a_passing_code_under_http_200_is_repeated(body):
    """The code counts, not the status it comes under."""
    assert read([failure(200, body)]) == truth(BARS)


def test_what_never_passes_ends_in_an_error_that_says_so(time):
    """After the retries the last failure is told, with the request."""
    with pytest.raises(DataError) as caught:
        read([failure(503, {"code": 5002, "message": "source down"}, times=99)], time, retries=2)

    assert "HTTP 503, code 5002: source down; asked 3 times" in str(caught.value)
    assert "GET /v1/market/kline symbol=BTCUSDT interval=1m" in str(caught.value)
    assert len(time.rests) == 2


@pytest.mark.parametrize("retries", [0, 1])
def test_truncated_json_is_repeated_and_then_refused(time, retries):
    """Half an answer is no answer."""
    cut = Failure(200, b'{"code":0,"data":{"klines":[{"time":17', times=1)

    if retries:
        assert read([cut], time, retries=retries) == truth(BARS)
    else:
        with pytest.raises(DataError, match="broken at character"):
            read([cut], time, retries=retries)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"code": "1001", "message": "bad", "error": "1001"}, "code 1001: bad. Check that the variable TEST_KEY holds"),
        (401, {"error": "Invalid or expired token", "message": "[1001] Invalid", "code": "Invalid"}, "TEST_KEY"),
        (401, {"code": "UNAUTHORIZED", "message": "no key"}, "TEST_KEY"),
        (200, {"code": 1005, "message": "expired"}, "TEST_KEY"),
        (403, {"code": 3007, "message": "history"}, "later data.start"),
        (403, {"code": 3008, "message": "range"}, "data.start: null"),
        (403, {"code": "PERMISSION_DENIED", "message": "no"}, "larger plan"),
        (403, {}, "larger plan"),
        (418, {}, "banned"),
        (400, {"code": "2001", "message": "bad parameter", "error": "2001"}, "code 2001: bad parameter"),
        (422, {"code": 5006, "message": "cannot"}, "data.adjust: none"),
        (
            400,
            {"code": "AMBIGUOUS_SYMBOL", "message": "which", "data": {"available_types": ["stock", "etf"]}},
            "data.type, one of stock, etf",
        ),
        (404, {"code": 40001, "message": "x", "data": None}, "code 40001: x"),
        (200, {"code": 40001, "message": "x", "data": None}, "code 40001: x"),
        (200, {"success": False, "error": "no", "data": []}, "HTTP 200"),
        (200, {"message": "hello"}, "HTTP 200"),
        (200, [], "HTTP 200"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(time, status, body, words):
    """No repetition mends a wrong key, plan or question; each names its remedy."""
    with pytest.raises(DataError) as caught:
        read([failure(status, body)], time)

    assert words in str(caught.value)
    assert time.rests == []


def test_the_message_of_the_service_is_shown_short_and_plain():
    """Control characters and essays of a service don't reach the terminal."""
    with pytest.raises(DataError) as caught:
        read([failure(400, {"code": 2001, "message": "\x1b[31m" + "x" * 5_000})])

    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 800


def test_a_service_that_repeats_the_key_is_not_quoted():
    """The key is cut out of whatever the service says."""
    with pytest.raises(DataError) as caught:
        read([failure(401, {"code": 1001, "message": f"key {KEY} is unknown"})])

    assert KEY not in str(caught.value)
    assert "key … is unknown" in str(caught.value)


def test_requests_keep_the_pace(time):
    """Two a minute: the third waits until the first is a minute old."""
    service = Service({"BTCUSDT": BARS}, Manners(cap=10))

    talk(service, time=time, rate=2, limit=10).window("BTCUSDT", WINDOW, lambda _: None)

    made = len(service.asked)
    assert made >= 5
    assert time.rests == [60.0] * ((made - 1) // 2)


def test_chance_spreads_the_waits():
    """The same failures, other dice, other waits, none longer than the step allows."""
    for chance in (0.0, 0.25, 0.999):
        time = Time(chance=chance)

        read([Failure(503, times=3)], time)

        assert time.rests == [chance * step for step in (0.5, 1.0, 2.0)]
