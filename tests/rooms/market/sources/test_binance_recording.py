"""Recordings written message by message: what a venue may send, and what a recorder may lose."""

import gzip
import json

import pytest

from runner.errors import DataError
from runner.market.source import Source
from runner.market.sources.binance_recording import BinanceRecording
from runner.spec.universe import Universe

BTC = Universe(symbols=("BTC",))
LEVELS = ("bid_price_0", "bid_size_0", "ask_price_0", "ask_size_0")


def snapshot(last, bids, asks):
    return {"lastUpdateId": last, "bids": _text(bids), "asks": _text(asks)}


def update(first, last, bids=(), asks=(), *, symbol="BTC"):
    data = {"e": "depthUpdate", "E": 1_723_000_000_000 + last, "s": symbol, "U": first, "u": last}
    return {"stream": "x@depth", "data": data | {"b": _text(bids), "a": _text(asks)}}


def ticker(last, bid, bid_size, ask, ask_size):
    return {"stream": "x@bookTicker", "data": {"u": last, "s": "BTC", "b": bid, "B": bid_size, "a": ask, "A": ask_size}}


def trade(stamp, price, size, *, buyer_made):
    return {"e": "trade", "E": stamp + 1, "s": "BTC", "t": 1, "p": price, "q": size, "T": stamp, "m": buyer_made}


def _text(levels):
    return [[str(price), str(size)] for price, size in levels]


START = snapshot(10, [(100, 1), (99, 2)], [(101, 3), (102, 4)])


@pytest.fixture
def recording(tmp_path):
    """Write messages into one file or several and return the source: `recording([…], […], gap="resync")`."""

    def make(*files, **parameters):
        for number, messages in enumerate(files):
            lines = [f"{at} {json.dumps(message)}\n" for at, message in enumerate(messages, start=1)]
            (tmp_path / f"{number}.gz").write_bytes(gzip.compress("".join(lines).encode()))
        return BinanceRecording.model_validate({"path": str(tmp_path), "levels": 2, **parameters})

    return make


def depth(source):
    return source.read(BTC)[0]


def told(source, universe=BTC):
    with pytest.raises(DataError) as caught:
        source.read(universe)
    return str(caught.value).split("\n", 1)[1].strip()


def test_differences_move_the_levels_of_the_snapshot(recording):
    """A size of zero takes a level away, the next one moves up, and what isn't there is NaN."""
    moved = update(11, 12, bids=[(100, 0)], asks=[(101, 5), (102, 0)])

    frame = depth(recording([START, moved])).frame

    assert frame.select(LEVELS).rows() == [(99.0, 2.0, 101.0, 5.0)]
    assert frame.select("bid_price_1", "ask_size_1").fill_nan(None).rows() == [(None, None)]
    assert frame.select("seq", "row").rows() == [(12, 2)]
    assert frame["timestamp"].dt.epoch("ms").to_list() == [1_723_000_000_012]


def test_differences_the_snapshot_holds_already_are_passed_over(recording):
    """The first that counts may begin before the snapshot and must end behind it, also if it came while that was on its way."""
    early = [update(7, 9, bids=[(100, 9)]), update(10, 11, bids=[(99.5, 7)])]

    raw = depth(recording([*early, START, update(12, 13, bids=[(99.7, 1)])]))

    assert raw.frame["seq"].to_list() == [11, 13]
    assert raw.frame.select("bid_price_0", "bid_price_1").rows() == [(100.0, 99.5), (100.0, 99.7)]
    assert "depth: 1 differences give no row: a snapshot held them already, or the book wasn't known" in raw.notes


def test_files_continue_each_other(recording):
    """The second file needs no snapshot."""
    raw = depth(recording([START, update(11, 11)], [update(12, 12), update(13, 13)]))

    assert raw.frame.select("file", "row", "seq").rows() == [("0.gz", 2, 11), ("1.gz", 1, 12), ("1.gz", 2, 13)]
    assert sorted(raw.digests) == ["0.gz", "1.gz"]


@pytest.mark.parametrize("messages", [[START, update(11, 11), update(13, 13)], [START, update(12, 13)]])
def test_a_break_in_the_chain_is_refused(recording, messages):
    """Between two differences, and between the snapshot and the first of them."""
    assert told(recording(messages)) == (
        f"0.gz: the chain of updates must not break, was broken at line {len(messages)}. "
        "Write data.gap: resync to leave the book out until the next snapshot, or record the stretch again."
    )


def test_a_break_is_bridged_by_the_next_snapshot_where_that_is_asked_for(recording):
    """From the break to the snapshot there is no book; what came while the snapshot was on its way counts."""
    lost = [update(20, 21, bids=[(100, 8)]), update(22, 23, bids=[(98, 8)])]
    again = snapshot(21, [(100, 8)], [(101, 1)])

    raw = depth(recording([START, update(11, 11), *lost, again, update(24, 24)], gap="resync"))

    assert raw.frame["seq"].to_list() == [11, 23, 24]
    assert raw.frame.select("bid_price_1", "ask_size_0").rows()[1] == (98.0, 1.0)
    assert raw.notes[1:] == (
        "depth: 1 breaks in the chain of updates, each bridged by the next snapshot",
        "depth: 1 differences give no row: a snapshot held them already, or the book wasn't known",
    )


def test_a_snapshot_of_a_book_that_is_known_changes_nothing(recording):
    """Recorders ask for one now and then."""
    raw = depth(recording([START, update(11, 11), snapshot(11, [(1, 1)], [(2, 1)]), update(12, 12)]))

    assert raw.frame["bid_price_0"].to_list() == [100.0, 100.0]


def test_the_venue_s_own_best_levels_are_a_witness(recording):
    """Where both speak of the same update they must agree; it doesn't matter which came first."""
    agrees = [ticker(11, "100", "1", "101", "3"), START, update(11, 11), update(12, 12, bids=[(100, 5)])]

    assert depth(recording([*agrees, ticker(12, "100.0", "5", "101", "3")])).notes[0] == (
        "depth: bookTicker agrees with the best levels at all 2 updates both speak of"
    )
    assert told(recording([*agrees, ticker(12, "100", "6", "101", "3")])) == (
        "data.path: the best levels must be those bookTicker tells, was 1 of 2 updates at which they differ, the first in line 4 of 0.gz. "
        "The recording has lost messages; record the stretch again, or begin after a later snapshot."
    )


def test_trades_have_the_side_of_the_taker(recording):
    """If the buyer was the maker, the taker sold; the stamp is that of the trade."""
    messages = [
        trade(1_723_000_000_000, "100.5", "2", buyer_made=True),
        trade(1_723_000_000_005, "101", "1", buyer_made=False),
    ]

    (raw,) = recording(messages, streams=["trades"]).read(BTC)

    assert raw.stream == "trades"
    assert raw.frame.select("price", "size", "side").rows() == [(100.5, 2.0, -1.0), (101.0, 1.0, 1.0)]
    assert raw.frame["timestamp"].dt.epoch("ms").to_list() == [1_723_000_000_000, 1_723_000_000_005]


def test_stamps_are_instants_whatever_the_run_s_policy_is(recording):
    """The venue says what its stamps mean, so the rows carry their own policy."""
    policy = depth(recording([START, update(11, 11)])).timezone

    assert (policy.zone, policy.stamp) == ("UTC", "event")


def test_depth_needs_a_snapshot(recording):
    """Differences alone are differences to nothing."""
    assert told(recording([update(11, 11), update(12, 12)])) == (
        "data.path: depth needs a snapshot in the recording, was none that 2 differences continue. "
        "Record a REST snapshot beside the differences, or write data.streams: [trades]."
    )


def test_other_messages_are_passed_over_and_counted(recording):
    """Klines and answers to subscriptions are no book."""
    raw = depth(recording([{"result": None}, START, update(11, 11), {"stream": "x@kline", "data": {"e": "kline"}}]))

    assert raw.notes[-1] == "depth: 2 messages of other kinds were passed over"


def test_a_recording_holds_one_symbol(recording):
    """A snapshot doesn't say whose it is."""
    assert told(recording([START, update(11, 11), update(12, 12, symbol="ETH")])) == (
        "0.gz: a recording must hold one symbol, was BTC and ETH. "
        "Record each symbol in files of its own: a snapshot doesn't say whose it is."
    )


def test_the_symbol_must_be_the_universe_s(recording):
    """The recording's own is shown."""
    assert told(recording([START, update(11, 11)]), Universe(symbols=("btc",))) == (
        'universe.symbols: must name symbols the data have, was "btc". Did you mean BTC? Known: BTC.'
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            b'17 {"e": "depthUpd',
            '0.gz: lines must be local nanoseconds, a space and a message, was 17 {"e": "depthUpd… in line 1. '
            "Remove the line; a recorder that was killed may have left the last one unfinished.",
        ),
        (
            b'x {"e": "trade"}',
            '0.gz: lines must be local nanoseconds, a space and a message, was x {"e": "trade"}… in line 1. '
            "Remove the line; a recorder that was killed may have left the last one unfinished.",
        ),
        (
            b'17 {"e": "trade"}',
            "0.gz: must hold messages of Binance's spot streams, was KeyError: 's' in line 1. "
            "Record the venue's messages as they come, or remove the line.",
        ),
    ],
)
def test_lines_that_are_no_messages_are_refused(recording, tmp_path, line, message):
    """Cut off, without a stamp, or of another venue."""
    source = recording([])
    (tmp_path / "0.gz").write_bytes(gzip.compress(line + b"\n"))

    assert told(source) == message


def test_a_damaged_file_is_refused(recording, tmp_path):
    """Half a file is no recording."""
    source = recording([START, update(11, 11)])
    whole = (tmp_path / "0.gz").read_bytes()
    (tmp_path / "0.gz").write_bytes(whole[: len(whole) // 2])

    assert told(source).startswith("0.gz: must be a file the source can read, was ")


def test_a_path_must_lead_to_a_file(tmp_path):
    """The working directory is where relative paths start."""
    assert told(BinanceRecording(path=str(tmp_path / "none"))).startswith("data.path: must lead to at least one file, was ")


def test_a_recording_is_a_source(recording):
    """The kind keeps the contract of sources."""
    assert isinstance(recording([]), Source)
