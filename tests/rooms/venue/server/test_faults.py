"""Everything that can go wrong at the venue does when the plan says so, in its own way, and is counted."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from runner.errors import ConfigError
from runner.market.tickdb.symbols import bare
from runner.venue.server.fault_plan import Chances, FaultKind, FaultPlan, Wrong, read_plan
from runner.venue.server.settings import Settings
from tests.architecture.source_tree import ROOT
from tests.listening import with_venue
from tests.markets import tape_of

MINUTE_MS = 60_000
BOOK = (9.0, 8.0, 5.0, 5.0, 11.0, 12.0, 5.0, 5.0)
TAPES = {
    "bars": tape_of("bars", {"AAPL.US": [(n, n + 1, 10, 12, 9, 11, 100.0 + n) for n in range(1, 8)]}),
    "depth": tape_of("depth", {"AAPL.US": [(n, *BOOK) for n in range(1, 6)]}, levels=2),
}
SUBSCRIBE = {"cmd": "subscribe", "data": {"channel": "depth", "symbols": ["AAPL.US"]}}
CUT = "cut"
"""What is heard of a connection that breaks."""


def struck(kind, conversation, **how):
    """Hold a conversation while one kind strikes once at its first opportunity; return what was said, and the counts."""
    plan = FaultPlan(kinds={str(kind): Wrong(chance=1.0, most=1)}, delay_ms=30, outage="90s")
    settings = Settings(**({"faults": plan, "from_ms": 3 * MINUTE_MS, "is_held": True} | how))
    said, truth = with_venue(TAPES, settings, conversation)
    assert truth["faults"] == {str(kind): 1}
    return said, truth


async def asked(talk, path="/v1/time", **params):
    """Return status, headers and body of an answer, however broken."""
    async with talk.session.get(f"{talk.venue.rest_url}{path}", params=params, allow_redirects=False) as answer:
        return answer.status, answer.headers, await answer.read()


@pytest.mark.parametrize(
    ("kind", "status", "marks", "header"),
    [
        (FaultKind.TOO_MANY, 429, b'"code":3001', "Retry-After"),
        (FaultKind.TOO_MANY_BARE, 429, b'"code":3001', None),
        (FaultKind.SERVER_ERROR, 503, b'"code":5001', None),
        (FaultKind.TEXT_CODE, 401, b'"code":"Invalid or expired token"', None),
        (FaultKind.OK_WITH_CODE, 200, b'"code":5000', None),
        (FaultKind.REDIRECT, 302, b"", "Location"),
        (FaultKind.TRUNCATED, 200, b'{"code":0', None),
        (FaultKind.HTML, 200, b"<html>", None),
    ],
)
def test_an_answer_goes_wrong(kind, status, marks, header):
    """Once it is what the plan says, and the next answer is whole again."""

    async def conversation(talk):
        return await asked(talk), await asked(talk)

    (wrong, right), _ = struck(kind, conversation)

    assert wrong[0] == status
    assert marks in wrong[2]
    assert ("Retry-After" in wrong[1], "Location" in wrong[1]) == (header == "Retry-After", header == "Location")
    assert (right[0], right[2].endswith(b"}")) == (200, True)
    assert not (kind is FaultKind.TRUNCATED and wrong[2].endswith(b"}"))


def test_an_error_s_code_is_text():
    """The number is written as text, once."""

    async def conversation(talk):
        return [(await talk.ask("GET", "/nowhere"))[1]["code"] for _ in range(2)]

    assert struck(FaultKind.STRING_CODE, conversation)[0] == ["2001", 2001]


@pytest.mark.parametrize("kind", [FaultKind.SLOW, FaultKind.ORDER_SLOW])
def test_an_answer_is_late(kind):
    """It comes `delay_ms` late."""

    async def conversation(talk):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await talk.place(client_order_id="x", symbol="AAPL.US")
        return loop.time() - began

    assert struck(kind, conversation)[0] >= 0.03


@pytest.mark.parametrize(
    ("kind", "params", "minutes"),
    [
        (None, {}, [1, 2, 3]),
        (FaultKind.NO_FORMING_BAR, {}, [1, 2]),
        (FaultKind.SMALL_PAGE, {"limit": 2}, [3]),
        (None, {"limit": 2, "start_time": 0}, [1, 2]),
        (FaultKind.CUT_AT_START, {"limit": 2, "start_time": 0}, [2, 3]),
        (FaultKind.DESCENDING, {}, [3, 2, 1]),
        (None, {"start_time": MINUTE_MS, "end_time": 3 * MINUTE_MS}, [1, 2, 3]),
        (FaultKind.EXCLUSIVE_ENDS, {"start_time": MINUTE_MS, "end_time": 3 * MINUTE_MS}, [2]),
        (FaultKind.EXTRA_BAR, {"start_time": 2 * MINUTE_MS}, [1, 2, 3]),
        (FaultKind.TWICE_BAR, {}, [1, 1, 2, 3]),
    ],
)
def test_a_page_of_bars_goes_wrong(kind, params, minutes):
    """Each way of cutting, ordering and repeating rows gives its own page; the last bar forms unless it is held back."""

    async def conversation(talk):
        data = await talk.get("/v1/market/kline", symbol="AAPL.US", interval="1m", **params)
        return [row["time"] // MINUTE_MS for row in data["klines"]]

    now = {"from_ms": 3 * MINUTE_MS + 1}
    said = (
        with_venue(TAPES, Settings(is_held=True, **now), conversation)[0]
        if kind is None
        else struck(kind, conversation, **now)[0]
    )

    assert said == minutes


def test_a_bar_is_missing():
    """One of the bars, whichever, is left out."""

    async def conversation(talk):
        return len((await talk.get("/v1/market/kline", symbol="AAPL.US", interval="1m"))["klines"])

    assert struck(FaultKind.MISSING_BAR, conversation, from_ms=3 * MINUTE_MS + 1)[0] == 2


def test_a_limit_is_refused():
    """As older versions of the service did, with 2004."""

    async def conversation(talk):
        return await talk.ask("GET", "/v1/market/kline", symbol="AAPL.US", interval="1m", limit=1_001)

    status, body = struck(FaultKind.LIMIT_REFUSED, conversation)[0]

    assert (status, body["code"]) == (400, 2004)


@pytest.mark.parametrize(
    ("kind", "private", "status"),
    [(FaultKind.UPGRADE_401, False, 401), (FaultKind.UPGRADE_429, False, 429), (FaultKind.PRIVATE_REFUSED, True, 503)],
)
def test_an_upgrade_is_refused(kind, private, status):
    """Once, with its status; the next one opens."""

    async def conversation(talk):
        url = talk.venue.private_url if private else talk.venue.market_url
        try:
            await talk.session.ws_connect(url)
        except aiohttp.WSServerHandshakeError as refusal:
            async with talk.socket(url) as socket:
                return refusal.status, (await socket.ping())[-1]["cmd" if not private else "type"]

    assert struck(kind, conversation)[0] == (status, "pong")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.ACK_LATE, ["subscribe", "depth", "pong"]),
        (FaultKind.ACK_LOST, ["depth", "pong"]),
        (FaultKind.ACK_AFTER_DATA, ["depth", "subscribe", "pong"]),
        (FaultKind.PARTIAL, ["subscribe", "pong"]),
        (FaultKind.LOST_MESSAGE, ["subscribe", "pong"]),
        (FaultKind.TWICE_MESSAGE, ["subscribe", "depth", "depth", "pong"]),
        (FaultKind.UNKNOWN_CMD, ["subscribe", "maintenance", "depth", "pong"]),
        (FaultKind.GARBAGE, ["subscribe", "unreadable", "depth", "pong"]),
        (FaultKind.AS_ARRAY, ["subscribe", "array", "pong"]),
        (FaultKind.STALL_WITH_PONGS, ["subscribe", "pong"]),
        (FaultKind.STALL, ["subscribe", None]),
        (FaultKind.DISCONNECT, [None]),
        (FaultKind.CLOSE_GOING_AWAY, [None]),
        (FaultKind.NO_PONG, ["subscribe", "depth", None]),
    ],
)
def test_a_conversation_goes_wrong(kind, words):
    """Messages are late, lost, doubled, broken, out of order, or the connection ends: as the plan says, at its place."""

    async def conversation(talk):
        async with talk.socket() as socket:
            loop = asyncio.get_running_loop()
            began, heard = loop.time(), []
            await socket.say(SUBSCRIBE)
            await socket.say({"cmd": "ping"})
            while not heard or heard[-1] not in ("pong", None):
                try:
                    async with asyncio.timeout(0.05):
                        told = await socket.hear()
                except TimeoutError:
                    told = None
                heard.append("array" if isinstance(told, list) else told and told["cmd"])
            return heard, loop.time() - began

    (heard, seconds), _ = struck(kind, conversation)

    expected = [word for word in words if word is not None]
    if words[-1] is None and kind is not FaultKind.STALL and kind is not FaultKind.NO_PONG:
        assert "pong" not in heard
    else:
        assert [word for word in heard if word is not None] == expected
    assert kind is not FaultKind.ACK_LATE or seconds >= 0.03


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (FaultKind.EMPTY_SIDE, {"asks": []}),
        (FaultKind.CROSSED, {"bids": [["11.0", "5.0"]], "asks": [["9.0", "5.0"]]}),
        (FaultKind.LOCKED, {"asks": [["9.0", "5.0"]]}),
        (FaultKind.BARE_SYMBOL, {"symbol": bare("AAPL.US")}),
        (FaultKind.STALE_STAMP, {"timestamp": 2 * MINUTE_MS}),
        (FaultKind.SECONDS_STAMP, {"timestamp": 180}),
    ],
)
def test_a_book_is_told_wrong(kind, changed):
    """What the plan changes of a book is changed, and nothing else."""
    usual = {
        "symbol": "AAPL.US",
        "type": "stock",
        "bids": [["9.0", "5.0"], ["8.0", "5.0"]],
        "asks": [["11.0", "5.0"], ["12.0", "5.0"]],
        "timestamp": 3 * MINUTE_MS,
    }

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("depth", "AAPL.US")
            wrong = await socket.hear()
            await socket.subscribe("depth", "AAPL.US")
            return wrong["data"], (await socket.hear())["data"]

    (wrong, right), _ = struck(kind, conversation)

    assert right == usual
    assert wrong == usual | changed


def test_an_outage_lasts_by_the_market_s_clock():
    """Data stop for the outage while pongs go on, and come back by themselves."""

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.say(SUBSCRIBE)
            books, at_ms = [], 0
            while at_ms < 8 * MINUTE_MS:
                heard = await socket.ping()
                at_ms = heard[-1]["data"]["timestamp"]
                books += [told["data"]["timestamp"] // MINUTE_MS for told in heard if told["cmd"] == "depth"]
            return books

    assert struck(FaultKind.STALL_WITH_PONGS, conversation, is_held=False)[0] == [5]


@pytest.mark.parametrize(
    ("kind", "status", "is_taken"),
    [
        (FaultKind.ORDER_429_BEFORE, 429, False),
        (FaultKind.ORDER_429_AFTER, 429, True),
        (FaultKind.ORDER_ERROR_BEFORE, 503, False),
        (FaultKind.ORDER_ERROR_AFTER, 503, True),
        (FaultKind.ORDER_CUT_BEFORE, CUT, False),
        (FaultKind.ORDER_CUT_AFTER, CUT, True),
        (FaultKind.REJECT, 403, False),
        (FaultKind.CUT, CUT, True),
        (FaultKind.TRUNCATED, 200, True),
        (FaultKind.SERVER_ERROR, 503, False),
    ],
)
def test_an_order_goes_wrong_before_or_after_it_was_taken(kind, status, is_taken):
    """The answer is the same; only the truth knows whether there is an order."""

    async def conversation(talk):
        try:
            return (await talk.place(client_order_id="x", symbol="AAPL.US", type="limit", price="1"))[0]
        except aiohttp.ClientConnectionError:
            return CUT

    said, truth = struck(kind, conversation)

    assert said == status
    assert [order["client_order_id"] for order in truth["orders"]] == (["x"] if is_taken else [])


def test_the_venue_cancels_by_itself():
    """A resting order is gone, nobody asked."""

    async def conversation(talk):
        await talk.place(client_order_id="x", symbol="AAPL.US", type="limit", price="1")
        async with talk.socket() as socket:
            await socket.subscribe("trade", "AAPL.US")
            for _ in range(3):
                await socket.ping()

    _, truth = struck(FaultKind.VENUE_CANCEL, conversation, is_held=False)

    assert [order["status"] for order in truth["orders"]] == ["canceled"]


def test_queries_lag_as_long_as_they_may():
    """An order that was taken is not found."""

    async def conversation(talk):
        await talk.place(client_order_id="x", symbol="AAPL.US", type="limit", price="1")
        return (await talk.ask("GET", "/v1/trade/by_client_id", client_order_id="x"))[0]

    assert struck(FaultKind.MOST_LAG, conversation)[0] == 404


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        (FaultKind.PRIVATE_DROP, ["canceled", "open", "pong"]),
        (FaultKind.PRIVATE_TWICE, ["open", "open", "canceled", "open", "pong"]),
        (FaultKind.PRIVATE_LATE, ["canceled", "open", "open", "pong"]),
        (FaultKind.PRIVATE_GARBAGE, ["fill", "open", "canceled", "open", "pong"]),
        (FaultKind.PRIVATE_DISCONNECT, [None]),
        (FaultKind.PRIVATE_SILENT, [None]),
    ],
)
def test_frames_of_the_account_go_wrong(kind, heard):
    """Frames are lost, doubled, late or broken, or the stream ends or falls silent; the orders are what they are."""

    async def conversation(talk):
        async with talk.socket(talk.venue.private_url) as private:
            await talk.place(client_order_id="x", symbol="AAPL.US", type="limit", price="1")
            await talk.ask("DELETE", "/v1/trade/cancel/x", by="client_order_id")
            await talk.place(client_order_id="y", symbol="AAPL.US", type="limit", price="1")
            said = []
            try:
                await private.say({"cmd": "ping"})
                while not said or said[-1] not in ("pong", None):
                    async with asyncio.timeout(0.05):
                        told = await private.hear()
                    said.append(told and (told["order"]["status"] if told["type"] == "order" else told["type"]))
            except (TimeoutError, aiohttp.ClientConnectionError):
                said.append(None)
            return said

    said, truth = struck(kind, conversation)

    assert said == heard
    assert [order["status"] for order in truth["orders"]] == ["canceled", "open"]


def test_every_kind_is_tried_here():
    """A kind without a test would be a kind that may never strike."""
    text = Path(__file__).read_text("utf-8")

    assert [kind.name for kind in FaultKind if f"FaultKind.{kind.name}" not in text] == []


def test_a_named_time_strikes_once_at_the_first_opportunity_after_it():
    """By time alone nothing happens by chance, before it nothing at all."""
    now = [0]
    plan = FaultPlan(kinds={"disconnect": Wrong(at=["1970-01-01T00:01Z", "1970-01-01T00:02:00.5Z"])})
    chances = Chances(plan, lambda: now[0])

    said = []
    for now[0] in (59_999, 60_000, 60_001, 120_499, 120_500, 900_000):
        said.append(chances.strikes(FaultKind.DISCONNECT))

    assert said == [False, True, False, False, True, False]


def test_chance_is_the_plan_s_seed():
    """The same seed strikes at the same opportunities, another at others, and no kind shifts another."""

    def drawn(seed, *kinds):
        plan = FaultPlan(seed=seed, kinds={str(kind): Wrong(chance=0.3) for kind in kinds})
        chances = Chances(plan, lambda: 0)
        struck = [[chances.strikes(kind) for kind in kinds] for _ in range(200)]
        return [first for first, *_ in struck]

    alone = drawn(1, FaultKind.SLOW)

    assert alone == drawn(1, FaultKind.SLOW, FaultKind.CUT)
    assert alone != drawn(2, FaultKind.SLOW)
    assert 30 < sum(alone) < 90


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kinds: {disconect: {chance: 0.1}}", "Did you mean disconnect"),
        ("kinds: {disconnect: {chance: 2}}", "kinds.disconnect.chance"),
        ("kinds: {disconnect: {chances: 0.1}}", "kinds.disconnect.chances"),
        ("kinds: {disconnect: {at: [soon]}}", "kinds.disconnect.at.0"),
        ("seeds: 3", "seeds"),
        ("- 3", "mapping"),
    ],
)
def test_a_plan_that_is_none_is_a_fault(tmp_path, text, told):
    """Where, what must hold, and what to write: unknown kinds, shares beyond 1, stray keys, times that are none."""
    path = tmp_path / "plan.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError) as error:
        read_plan(path)

    assert told in str(error.value)


def test_all_faults_of_a_plan_are_told_at_once(tmp_path):
    """A kind that isn't one, what is wrong with another, and a seed that is no number."""
    path = tmp_path / "plan.yaml"
    path.write_text("seed: x\nkinds: {disconect: {chance: 0.1}, stall: {chance: 2}}")

    with pytest.raises(ConfigError) as error:
        read_plan(path)

    assert {fault.where for fault in error.value.faults} == {"seed", "kinds.disconect", "kinds.stall.chance"}


def test_a_plan_is_read_whole(tmp_path):
    """The example of the documentation says what it says."""
    path = tmp_path / "plan.yaml"
    path.write_text(
        'seed: 7\ndelay_ms: 200\noutage: "10min"\nkinds:\n  disconnect: {chance: 0.001}\n'
        '  order_error_after: {at: ["2024-03-01T14:30Z"]}\n  too_many: {chance: 0.01, most: 3}\n'
    )

    plan = read_plan(path)

    assert (plan.seed, plan.kinds["too_many"].most, plan.kinds["order_error_after"].at) == (7, 3, ["2024-03-01T14:30Z"])


def test_a_plan_that_is_not_there_is_a_fault(tmp_path):
    """A path that leads nowhere is told."""
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        read_plan(tmp_path / "none.yaml")


def test_the_document_names_every_kind():
    """The tables of the document are the kinds there are, no more and no fewer."""
    rows = [line for line in (ROOT / "docs" / "venue.md").read_text("utf-8").splitlines() if line.startswith("| ")]

    named = re.findall(r"`([a-z0-9_]+)`", "\n".join(rows))

    assert sorted(named) == sorted(FaultKind)
