"""A mapping of columns that contradicts itself, refused before a file is read."""

import pytest

from runner.market.column_map import map_faults
from runner.market.stream_columns import StreamColumns


def faults(stream="bars", **columns):
    named = StreamColumns(**columns).theirs(stream, 1)
    return [str(fault) for fault in map_faults({ours: theirs for ours, theirs in named.items() if theirs is not None})]


@pytest.mark.parametrize("stream", ["bars", "quotes", "trades", "depth"])
def test_the_default_mapping_is_sound(stream):
    """Every name is its own."""
    assert faults(stream) == []


@pytest.mark.parametrize(
    ("stream", "columns"),
    [
        ("bars", {"open": "Open", "close": "Close", "timestamp": "Date", "volume": "VOL"}),
        ("bars", {"open": "close", "high": "close", "low": "close"}),  # closes alone
        ("bars", dict.fromkeys(("open", "high", "low", "close"), "Adj Close")),
        ("trades", {"price": "close", "size": "volume"}),  # names of another stream's columns
        ("depth", {"bid_price": "bids[{level}].price", "bid_size": "bids[{level}].amount"}),
        ("quotes", {"bid_price": "bid_price", "ask_price": "ask_price"}),
    ],
)
def test_mappings_that_may_be_meant(stream, columns):
    """Other spellings, and files of closes alone."""
    assert faults(stream, **columns) == []


def test_one_column_cannot_be_two_things():
    """The second name is at fault; four prices may share a column, three may not."""
    write = "Write the column that holds it; open, high, low and close may all be one column, where files have closes alone."

    assert faults(high="px", low="px") == [
        f'data.columns.low: must not be the column that high is read from, was "px". {write}'
    ]
    assert faults("depth", bid_size="n_{level}", ask_size="n_{level}") == [
        f'data.columns.ask_size: must not be the column that bid_size is read from, was "n_0". {write}'
    ]
    assert len(faults(open="px", high="px", low="px")) == 2
    assert len(faults(open="px", high="px", low="px", close="px", volume="px")) == 1


@pytest.mark.parametrize(
    ("stream", "ours", "theirs", "other"),
    [
        ("bars", "volume", "adjusted_close", "adjusted_close"),
        ("bars", "close", "Adj Close", "adjusted_close"),
        ("bars", "open", "HIGH", "high"),
        ("trades", "price", "size", "size"),
        ("quotes", "bid_price", "ask_price_{level}", "ask_price"),
        ("depth", "bid_size", "Ask Size {level}", "ask_size"),
    ],
)
def test_a_column_that_is_called_otherwise_is_refused(stream, ours, theirs, other):
    """Whatever its case and marks."""
    told = faults(stream, **{ours: theirs})

    shown = theirs.replace("{level}", "0")
    assert any(
        text.startswith(
            f'data.columns.{ours}: must not be the column of {other}, was "{shown}". Write the column that holds it'
        )
        for text in told
    )
