"""What expressions are told about words that the data don't have: levels, streams, hours, groupings."""

import pytest

from runner.errors import ConfigError
from runner.market.streams import columns_of
from runner.signal.compile import compile_signal
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

BARS, DEPTH = columns_of("bars"), columns_of("depth", 5)
BOOK = {"bars": BARS, "depth": DEPTH}
TRADES = {"trades": columns_of("trades")}


def compiled(vocabulary, target="close", **nodes):
    return compile_signal(Signal.model_validate({"nodes": nodes, "target": target}), vocabulary)


def told(vocabulary, target="close", **nodes):
    with pytest.raises(ConfigError) as caught:
        compiled(vocabulary, target, **nodes)
    return [f"{fault.where}: {fault.must}, was {fault.was}. {fault.write}" for fault in caught.value.faults]


@pytest.mark.parametrize("name", ["bid_price_7", "depth.bid_price_7"])
def test_a_level_that_the_book_does_not_have_is_told_with_both_numbers(name):
    """Levels are counted from 0 in names and from 1 in words."""
    assert told(Vocabulary(BOOK, operators()), f'asof({name}, "bars")') == [
        f"signal.target: must have {name}, was data of 5 levels of depth. {name} is level 8. "
        "Choose data with 8 levels of depth, or fewer levels."
    ]


def test_an_operator_that_needs_more_levels_than_there_are_says_how_many():
    """However many columns it misses, that is one fault; and as many as there are is enough."""
    assert told(Vocabulary(BOOK, operators()), 'asof(pressure_ratio(9), "bars")') == [
        "signal.target: pressure_ratio must have 9 levels of a book, was data of 5 levels. "
        "Choose data with 9 levels of depth, or fewer levels."
    ]
    assert compiled(Vocabulary(BOOK, operators()), 'asof(pressure_ratio(5), "bars")')


def test_a_column_of_a_stream_that_the_data_do_not_have_names_the_stream():
    """A user who reads bars where there are none is told so, not that `close` is a slip of the keyboard."""
    vocabulary = Vocabulary(TRADES, operators(), elsewhere=BOOK)

    assert told(vocabulary, "price + bars.close") == [
        "signal.target: must have bars.close, was data of trades. close is a column of bars. "
        "Choose data with bars; data=combined puts several sources into one run."
    ]


def test_hints_list_of_a_book_the_best_level_alone():
    """Forty names of deeper levels would hide the others."""
    (message,) = told(Vocabulary({"depth": DEPTH}, operators()), "spraed")

    assert message.endswith("Known: ask_price_0, ask_size_0, bid_price_0, bid_size_0, since_open.")


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("since_open", "since_open"),
        ("close * since_open", "since_open"),
        ('close + asof(resample(since_open + close, "7d"))', "since_open"),
        ('asof(resample(close, "30min"), "bars")', "resample"),
    ],
)
def test_what_counts_from_the_open_needs_to_know_when_that_is(target, what):
    """Without hours it would be undefined throughout, silently."""
    assert told(Vocabulary({"bars": BARS}, operators(), without_hours=frozenset({"bars"})), target) == [
        f"signal.target: {what} must be given bars with session hours, was a time-zone policy without any. "
        'Write when the market is open: timezone.calendar, e.g. "XNYS" or "24-7", or timezone.session.'
    ]


def test_a_node_that_is_the_time_since_the_open_needs_it_too_and_is_told_once():
    """Whether it is named, used, or both."""
    vocabulary = Vocabulary({"bars": BARS}, operators(), without_hours=frozenset({"bars"}))

    assert [text.split(":")[0] for text in told(vocabulary, early="since_open")] == ["signal.nodes.early"]
    assert [text.split(":")[0] for text in told(vocabulary, "late", early="since_open", late="early / 60")] == [
        "signal.nodes.late"
    ]


@pytest.mark.parametrize("target", ['asof(resample(close, "7d"), "bars")', "mean(close, since_open)", "close"])
def test_sessions_themselves_are_known_without_hours(target):
    """Buckets of days and windows back to the open need session dates alone."""
    assert compiled(Vocabulary({"bars": BARS}, operators(), without_hours=frozenset({"bars"})), target)


def test_hours_matter_on_the_stream_that_is_read():
    """Bars of an exchange beside a book of unknown hours."""
    vocabulary = Vocabulary(BOOK, operators(), without_hours=frozenset({"depth"}))

    assert compiled(vocabulary, "since_open + close")
    (message,) = told(vocabulary, 'asof(bid_price_0 * since_open, "bars")')
    assert message.startswith("signal.target: since_open must be given depth with session hours")


def test_a_grouping_s_name_means_nothing_else():
    """Neither a column nor a node nor a parameter nor a word of the language."""
    vocabulary = Vocabulary({"bars": BARS}, operators(), groups=("close", "momentum", "target", "sector"))

    assert told(vocabulary, momentum="close - open") == [
        "universe.groups.close: must not have the name of a data column, was close. Choose another name.",
        "universe.groups.momentum: must not have the name of a node, was momentum. Choose another name.",
        "universe.groups.target: must not have the name of a word of the expression language, was target. "
        "Choose another name.",
    ]


def test_a_run_without_event_files_says_how_to_choose_one():
    """An event file that isn't named is another fault."""
    assert told(Vocabulary({"bars": BARS}, operators()), 'event_age("earnings") + close') == [
        'signal.target: must name an event file, was "earnings" of a run without any. '
        "Choose a file of events, e.g. events=earnings events.earnings.path=earnings.csv."
    ]
    (message,) = told(Vocabulary({"bars": BARS}, operators(), ("earnings",)), 'event_age("earning") + close')
    assert "Did you mean earnings?" in message
