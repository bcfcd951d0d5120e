"""Why a row did or didn't signal: the parts with their values, the sentence, the warm-up, what follows."""

import numpy as np
import pytest

from runner.errors import ConfigError
from runner.signal.explain import explained
from runner.signal.moment import Moment
from runner.signal.registry import operators
from runner.signal.sheet import Events, Sheet, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.signal.why import told
from runner.spec.signal import Signal

SECOND = 10**9
NAN = np.nan


def why(section, row, *, close, high=None, quotes=None, events=()):
    """Return what is told of a row of one symbol with a bar every 10 s; quotes are (second, bid) pairs."""
    ts = SECOND * 10 * np.arange(1, len(close) + 1, dtype=np.int64)
    around = Surroundings({}, {"news": Events(np.array([0, len(events)]), SECOND * np.array(events, dtype=np.int64))})
    columns = {"close": np.array(close, dtype=float), "high": np.array(high if high is not None else close, dtype=float)}
    sheets = {"bars": sheet("bars", ts, columns, around)}
    streams = {"bars": ("close", "high")}
    if quotes is not None:
        stamps = SECOND * np.array([second for second, _ in quotes], dtype=np.int64)
        sheets["quotes"] = sheet("quotes", stamps, {"bid_price": np.array([bid for _, bid in quotes], dtype=float)}, around)
        streams["quotes"] = ("bid_price",)
    of = explained(Signal.model_validate(section), Vocabulary(streams, operators(), ("news",)))
    return told(of, sheets, 0, "A", Moment("", ts=int(ts[row])))


def sheet(clock, ts, columns, around):
    return Sheet(clock, ts, np.zeros(ts.size, np.int32), np.array([0, ts.size]), columns, around)


def long(enter, leave="close > 1e9", **section):
    return {"long": {"enter": enter, "exit": leave}, **section}


def sentence(section, row, **data):
    return why(section, row, **data).sentences[0]


def test_a_comparison_is_told_with_its_values():
    """The names that were written, a parameter's value too; a number stands for itself."""
    nodes = {"params": {"buy_below": 0.7}, "nodes": {"smooth": "mean(close, 2)"}}

    assert sentence(long("smooth < buy_below", **nodes), 1, close=[0.5, 1.16]) == (
        "long.enter was false because smooth (0.83) < buy_below (0.7) does not hold."
    )
    assert sentence(long("smooth < buy_below", **nodes), 1, close=[0.5, 0.7]) == (
        "long.enter was true because smooth (0.6) < buy_below (0.7) holds."
    )
    assert sentence(long("close * 2 >= 3"), 0, close=[2.0]) == "long.enter was true because close * 2 (4) >= 3 holds."


def test_values_have_as_many_digits_as_tell_them_apart():
    """A sentence that says 1 < 1 holds would explain nothing."""
    assert sentence(long("close < high"), 0, close=[1.0], high=[1.00000001]) == (
        "long.enter was true because close (1) < high (1.00000001) holds."
    )
    assert "close (1) < high (1) does not hold" in sentence(long("close < high"), 0, close=[1.0])


@pytest.mark.parametrize(
    ("enter", "said"),
    [
        ("close > 1 and close < 2", "close (3) < 2 does not hold"),
        ("close > 5 and close < 2", "close (3) > 5 does not hold and close (3) < 2 does not hold"),
        ("close > 1 and close > 2", "close (3) > 1 holds and close (3) > 2 holds"),
        ("close > 5 or close > 1", "close (3) > 1 holds"),
        ("close > 5 or close > 6", "close (3) > 5 does not hold and close (3) > 6 does not hold"),
        ("not close > 5", "close (3) > 5 does not hold"),
        ("not (close > 1 and close > 2)", "close (3) > 1 holds and close (3) > 2 holds"),
        ("1 < close < 2", "close (3) < 2 does not hold"),
        ("hold_for(close > 1, 0 + 1)", "hold_for(close > 1, 0 + 1) is true where close > 1 is true"),
    ],
)
def test_only_the_parts_that_decided_are_told(enter, said):
    """Of `and` what is false, of `or` what is true; all of them where all count."""
    assert sentence(long(enter), 1, close=[3.0, 3.0]).partition(" because ")[2] == f"{said}."


def test_a_named_condition_is_told_with_its_own_reason():
    """The reader knows the name, and not by heart what it stands for."""
    nodes = {"nodes": {"cheap": "close < 2", "calm": "high < 9"}}

    assert sentence(long("cheap and calm", **nodes), 0, close=[3.0]) == (
        "long.enter was false because cheap is false, as close (3) < 2 does not hold."
    )


def test_a_long_chain_of_names_is_not_told_to_its_end():
    """A thousand conditions that only repeat each other end after a few."""
    nodes = {"n0": "close > 1"} | {f"n{i}": f"not n{i - 1}" for i in range(1, 500)}

    found = sentence(long("n499", nodes=nodes), 0, close=[3.0])

    assert found.count(" as ") == 4


def test_an_undefined_condition_names_what_is_undefined():
    """Through names and calls down to the column that is missing, or the operator that has no value there."""
    nodes = {"nodes": {"ratio": "close / high"}}

    assert sentence(long("ratio > 1", **nodes), 0, close=[1.0], high=[0.0]) == (
        "long.enter was undefined because ratio = close / high is infinite where close is 1 and high is 0."
    )
    assert sentence(long("ratio > 1", **nodes), 0, close=[NAN], high=[2.0]) == (
        "long.enter was undefined because close is undefined."
    )


def test_within_the_warm_up_it_says_what_is_still_missing():
    """Rows to come and the instant of the last of them, for each named part."""
    nodes = {"nodes": {"slow": "mean(close, 4)", "fast": "mean(close, 2)"}}

    found = why(long("fast > slow", **nodes), 1, close=[1.0] * 6)

    assert found.sentences[0] == (
        "long.enter was undefined because it is within its warm-up: 2 more rows, until 1970-01-01 00:00:40Z."
    )
    assert list(found.missing) == [
        "long.enter needs 3 rows: 2 more rows, until 1970-01-01 00:00:40Z",
        "slow needs 3 rows: 2 more rows, until 1970-01-01 00:00:40Z",
    ]
    assert found.outcomes == ("Nothing was decided: rules decide once all of them are past their warm-up.",)


def test_a_warm_up_that_never_ends_says_so():
    """More rows are needed than there are."""
    found = why(long("mean(close, 40) > 1"), 1, close=[1.0] * 6)

    assert "not over before the data end" in found.sentences[0]


def test_one_rule_in_its_warm_up_holds_all_back():
    """Nothing is opened before it is known when to close it."""
    found = why(long("close > 1", leave="mean(close, 3) > 1"), 1, close=[2.0] * 4)

    assert found.sentences[0].startswith("long.enter was true")
    assert found.outcomes[0].startswith("Nothing was decided")


def test_every_part_is_told_with_its_value_here_and_before():
    """The rule, its parts indented, then each node it depends on, once."""
    nodes = {"params": {"low": 2}, "nodes": {"m": "mean(close, 2)", "unused": "close + 1"}}

    found = why(long("m > low and m < 9", **nodes), 2, close=[1.0, 2.0, 4.0])
    lines = {
        section.name: [(line.depth, line.text, line.here, line.before) for line in section.lines]
        for section in found.sections
    }

    assert list(lines) == ["long.enter", "long.exit", "m"]
    assert lines["long.enter"] == [
        (0, "m > low and m < 9", "true", "false"),
        (1, "m > low", "true", "false"),
        (2, "m", "3", "1.5"),
        (2, "low", "2", ""),
        (1, "m < 9", "true", "true"),
        (2, "m", "3", "1.5"),
    ]
    assert lines["m"] == [(0, "mean(close, 2)", "3", "1.5"), (1, "close", "4", "2")]


def test_the_first_row_has_nothing_before():
    """Neither an instant nor values."""
    found = why(long("close > 1"), 0, close=[2.0, 3.0])

    assert (found.before, found.number, found.of) == (None, 1, 2)
    assert {line.before for section in found.sections for line in section.lines} == {""}


def test_parts_on_another_clock_are_told_at_their_own_latest_row():
    """The value as it was known then, with its instant, and the row before it on its own clock."""
    section = long("close > asof(bid)", nodes={"bid": "quotes.bid_price * 2"})

    found = why(section, 1, close=[5.0, 5.0], quotes=[(3, 1.0), (12, 2.0), (21, 9.0)])
    (line,) = next(each.lines for each in found.sections if each.name == "bid")[:1]

    assert found.sentences[0] == "long.enter was true because close (5) > asof(bid) (4) holds."
    assert (line.here, line.before, line.note) == ("4", "2", "on quotes, known 1970-01-01 00:00:12Z")


def test_before_is_one_row_of_the_decisions_before_on_every_clock():
    """What was known then: the same value if no quote came since, and the newest of those that did, not the last but one."""
    section = long("close > asof(quotes.bid_price)")

    still = why(section, 1, close=[5.0, 6.0], quotes=[(3, 1.0), (4, 2.0)])
    many = why(section, 1, close=[5.0, 6.0], quotes=[(3, 1.0), (12, 2.0), (13, 3.0)])
    none = why(section, 1, close=[5.0, 6.0], quotes=[(12, 2.0), (13, 3.0)])

    def told_of(found):
        return {line.text: (line.here, line.before) for section in found.sections for line in section.lines}

    assert told_of(still)["quotes.bid_price"] == told_of(still)["asof(quotes.bid_price)"] == ("2", "2")
    assert told_of(many)["quotes.bid_price"] == told_of(many)["asof(quotes.bid_price)"] == ("3", "1")
    assert told_of(none)["quotes.bid_price"] == ("3", "")
    assert told_of(many)["close"] == ("6", "5")


def test_another_clock_without_a_row_yet_is_told():
    """The first bar comes before the first quote."""
    found = why(long("asof(quotes.bid_price) > 1"), 0, close=[5.0, 5.0], quotes=[(12, 2.0)])
    lines = {line.text: line for section in found.sections for line in section.lines}

    assert lines["quotes.bid_price"].here == "undefined"
    assert lines["quotes.bid_price"].note.startswith("on quotes, no row yet")


def test_an_instant_without_hours_reads_no_later_row():
    """Changing what comes after a row changes nothing that is told of it."""
    section = long("mean(close, 2) > asof(quotes.bid_price)")
    quotes = [(3, 1.0), (12, 2.0)]

    early = why(section, 1, close=[5.0, 5.0, 6.0], quotes=[*quotes, (21, 9.0)])
    late = why(section, 1, close=[5.0, 5.0, 77.0], quotes=[*quotes, (21, -9.0)])

    assert (early.sentences, early.sections) == (late.sentences, late.sections)


def test_events_are_told():
    """Whether one lies near, without inputs of its own."""
    found = sentence(long('event("news", "15s")'), 1, close=[1.0, 1.0], events=[7])

    assert found == 'long.enter was true because event("news", "15s") is true.'


def test_a_length_of_time_is_told_as_it_was_written():
    """Beside the seconds that it is compared with; a parameter with its own."""
    section = long('event_age("news") > "2s"', 'event_age("news") > hold', params={"hold": "1min"})

    found = why(section, 1, close=[1.0, 1.0], events=[7])
    lines = [(line.depth, line.text, line.here) for section in found.sections for line in section.lines]

    assert found.sentences == (
        'long.enter was true because event_age("news") (13) > "2s" holds.',
        'long.exit was false because event_age("news") (13) > hold (60) does not hold.',
    )
    assert lines == [
        (0, 'event_age("news") > "2s"', "true"),
        (1, 'event_age("news")', "13"),
        (0, 'event_age("news") > hold', "false"),
        (1, 'event_age("news")', "13"),
        (1, "hold", "60"),
    ]


def test_a_group_is_told_by_its_name():
    """Its number means nothing to anyone; a symbol in none has no group."""
    signal = Signal.model_validate(
        long("neutralise(close, asof(kind)) > 1 and defined(neutralise(close, mine))", nodes={"mine": "kind"})
    )
    vocabulary = Vocabulary({"bars": ("close",)}, operators(), groups=("kind",), members={"kind": ("fund", "stock")})
    around = Surroundings(groups={"kind": np.array([1.0, NAN])})
    ts = SECOND * np.array([10, 20, 10, 20], dtype=np.int64)
    rows = Sheet("bars", ts, np.zeros(4, np.int32), np.array([0, 2, 4]), {"close": np.ones(4)}, around)
    of = explained(signal, vocabulary)

    found = [told(of, {"bars": rows}, symbol, "A", Moment("", ts=20 * SECOND)) for symbol in (0, 1)]
    lines = [{line.text: line.here for section in each.sections for line in section.lines} for each in found]

    assert [each["kind"] for each in lines] == ["stock", "undefined"]
    assert [each["asof(kind)"] for each in lines] == [each["mine"] for each in lines] == ["stock", "undefined"]


SIDES = {
    "long": {"enter": "close > 1", "exit": "close > 2"},
    "short": {"enter": "high > 1", "exit": "high > 2"},
}


@pytest.mark.parametrize(
    ("close", "high", "expected"),
    [
        (0.0, 0.0, ("nothing", "kept", "kept")),
        (1.5, 0.0, ("opened long", "kept", "kept")),
        (0.0, 1.5, ("opened short", "kept", "kept")),
        (1.5, 1.5, ("nothing, since both enter rules hold", "kept", "kept")),
        (3.0, 0.0, ("opened long", "closed", "kept")),
        (0.0, 3.0, ("opened short", "kept", "closed")),
        (3.0, 3.0, ("nothing, since both enter rules hold", "closed", "closed")),
    ],
)
def test_what_follows_is_told_for_each_position(close, high, expected):
    """By the order of the rules: close, then open unless both sides would."""
    found = why(SIDES, 0, close=[close], high=[high]).outcomes

    assert found[:3] == tuple(
        f"A symbol that was {held}: {what}."
        for held, what in zip(("flat", "held long", "held short"), expected, strict=True)
    )
    assert found[3].startswith("Whether a position was held then is not known here")


def test_a_flip_is_told():
    """A long position whose exit holds while only the other side enters is turned over in one order."""
    section = {"long": {"enter": "close > 9", "exit": "close < 5"}, "short": {"enter": "close < 5", "exit": "close > 9"}}

    assert "A symbol that was held long: closed and opened short." in why(section, 0, close=[1.0]).outcomes


@pytest.mark.parametrize(
    ("close", "expected"),
    [
        (0.25, "The position wanted was 0.25 of what the sizing gives."),
        (-7.0, "The position wanted was -1 of what the sizing gives; a target of -7 counts as -1."),
        (NAN, "An undefined target keeps the position."),
    ],
)
def test_a_target_is_told(close, expected):
    """Beyond one it counts as one; undefined keeps what is held."""
    found = why({"target": "close * 1"}, 0, close=[close])

    assert found.sentences[0].startswith("target was ")
    assert found.outcomes[0] == expected


def test_a_moment_without_a_row_is_refused():
    """The fault names the nearest rows."""
    of = explained(Signal.model_validate(long("close > 1")), Vocabulary({"bars": ("close",)}, operators()))
    rows = sheet("bars", np.array([10], dtype=np.int64), {"close": np.array([1.0])}, Surroundings())

    with pytest.raises(ConfigError, match="The nearest is"):
        told(of, {"bars": rows}, 0, "A", Moment("then", ts=11))
