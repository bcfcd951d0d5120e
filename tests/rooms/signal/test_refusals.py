"""What expressions are refused for, and that what the refusal says to write works."""

import re

import pytest

from runner.errors import ConfigError
from runner.signal.compile import compile_signal
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

VOCABULARY = Vocabulary(
    {"bars": ("open", "high", "low", "close", "volume"), "quotes": ("bid_price", "ask_price"), "trades": ("price", "size")},
    operators(),
    ("earnings",),
    ("kind",),
    members={"kind": ("fund", "stock")},
    symbols=9,
)


def graph_of(enter="close > 1", leave="close > 1", *, target=None, nodes=None, params=None):
    rules = {"target": target} if target else {"long": {"enter": enter, "exit": leave}}
    return compile_signal(Signal.model_validate({"nodes": nodes or {}, "params": params or {}, **rules}), VOCABULARY)


def refused(enter="close > 1", leave="close > 1", **section):
    """Return the faults of a signal: where, what must hold, what was, what to write, with the caret's column."""
    with pytest.raises(ConfigError) as caught:
        graph_of(enter, leave, **section)
    return [
        (fault.where, f"{fault.must}, was {fault.was}. {fault.write}", fault.excerpt.splitlines()[-1].find("^"))
        for fault in caught.value.faults
    ]


def told(enter, **section):
    """Return the only fault of an entry rule, and the column that it points at."""
    ((where, text, column),) = refused(enter, **section)
    assert where == "signal.long.enter"
    return text, column


# --- lengths of time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", ["0min", "0s", "0d", "00min", "1000000d", "9999999999999d", "-1d", "1.5h", ""])
@pytest.mark.parametrize(
    ("call", "what"),
    [
        ('mean(close, "{}") > 1', "lookback of mean must be a window"),
        ('resample(close, "{}", "last") > 1', "span of resample must be a length of time"),
        ('event("earnings", "{}")', "span of event must be a length of time"),
    ],
)
def test_a_length_of_time_has_the_bounds_of_a_parameter(call, what, length):
    """None at all would silently mean the whole session, and one too long has no number."""
    text, _ = told(call.format(length))

    assert text.startswith(f'{what}, was "{length}". Write')


@pytest.mark.parametrize("length", ["1ms", "999999d"])
def test_the_shortest_and_the_longest_length_are_lengths(length):
    """The bounds themselves are within."""
    assert graph_of(f'mean(close, "{length}") > 1 and event("earnings", "{length}")').nodes


@pytest.mark.parametrize(
    ("written", "meant"), [("2 days", "2d"), ("30m", "30min"), ("1 Hour", "1h"), ("10sec", "10s"), ("5T", "5min")]
)
def test_other_names_of_units_are_understood(written, meant):
    """The remedy is the length as it is written here."""
    assert told(f'event("earnings", "{written}")')[0].endswith(f'Write "{meant}".')
    assert told(f'mean(close, "{written}") > 1')[0].endswith(f'Write "{meant}".')


@pytest.mark.parametrize(
    ("call", "name"), [('ema(close, "30min") > 1', "lookback of ema"), ('lag(close, "5min") > 1', "rows of lag")]
)
def test_an_operator_of_rows_says_that_it_takes_rows_only(call, name):
    """A duration is no number of them."""
    text, _ = told(call)

    assert text.startswith(f"{name} must be a number of rows, was the text")
    assert "only windows such as mean(x, lookback) take a length of time" in text


def test_an_event_looks_back_by_time():
    """Rows are refused, as is the session."""
    assert told('event("earnings", 2)')[0] == (
        'span of event must be a length of time, was 2. Write event("earnings", "2d").'
    )
    assert told('event("earnings", since_open)')[0].startswith("span of event must be a length of time, was since_open.")


@pytest.mark.parametrize(
    ("enter", "meant"),
    [
        ('event_age("earnings") > "10d"', 'event_age("earnings") > 864000'),
        ('"10d" >= event_age("earnings")', '864000 >= event_age("earnings")'),
        ('event_age("earnings") > w', 'event_age("earnings") > 5400'),
        ('since_open < "30min"', "since_open < 1800"),
        ("w < since_open", "5400 < since_open"),
        ('age > "1500ms"', "age > 1.5"),
    ],
)
def test_a_length_of_time_compares_with_seconds(enter, meant):
    """With what counts them: the age of an event and the time since the open, by name as well."""
    graph = graph_of(enter, nodes={"age": 'event_age("earnings")'}, params={"w": "90min"})

    assert graph.describe(graph.names["long.enter"]).replace('event_age("earnings")', "age") == meant.replace(
        'event_age("earnings")', "age"
    )


def test_a_length_of_time_compares_with_nothing_else():
    """A price has no seconds."""
    assert told('close > "10d"') == (
        "a length of time must stand beside event_age(…) or since_open, was beside close. "
        "Write a number, e.g. 864000 for as many seconds.",
        8,
    )


# --- groupings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enter", "must", "column"),
    [
        ("neutralise(close, volume) > 0", "group of neutralise must be a grouping, was a number. Known: kind.", 18),
        ("neutralise(close, 3) > 0", "group of neutralise must be a grouping, was a number. Known: kind.", 18),
        ("neutralise(close, close > 1) > 0", "group of neutralise must be a grouping, was a condition.", 18),
        ('neutralise(close, "kind") > 0', 'group of neutralise must be a grouping, was the text "kind". Write kind, without', 18),
        ("rank(kind) > 0", "x of rank must be a number, was a grouping. A grouping says who belongs together", 5),
        ("mean(kind, 20) > 0", "x of mean must be a number, was a grouping.", 5),
        ("close > kind", "the right side of > must be a number, was a grouping.", 8),
        ("-asof(kind) > 1", "what follows - must be a number, was a grouping.", 1),
        ("kind and close > 1", "the left side of and must be a condition, was a grouping.", 0),
        ('resample(kind, "1d") > 1', "x of resample must be a number, was a grouping.", 9),
    ],
)  # fmt: skip
def test_a_grouping_is_no_number_and_no_number_is_a_grouping(enter, must, column):
    """Which group comes first means nothing, and volumes are no groups."""
    text, at = told(enter)

    assert text.startswith(must)
    assert at == column


def test_a_rule_that_is_a_grouping_is_refused():
    """It is no condition, and no target."""
    assert told("kind")[0].startswith("must be a condition, was a grouping.")
    assert refused(target="kind")[0][1].startswith("must be a number that depends on the data, was a grouping.")


@pytest.mark.parametrize("group", ["kind", "alias", "asof(kind)", 'asof(alias, "bars")'])
def test_a_grouping_may_have_another_name(group):
    """A node that is one, or its latest value."""
    assert graph_of(f"neutralise(close, {group}) > 0", nodes={"alias": "kind"}).nodes


# --- constants that contradict each other ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "must"),
    [
        ("clip(close, 5, 2)", "high of clip must be at least low, was 2, with low 5. Write low=2, high=5."),
        ("clip(close, low=hi, high=1)", "high of clip must be at least low, was 1, with low 3. Write low=1, high=3."),
        ("macd(close, 26, 12)", "slow of macd must be above fast, was 12, with fast 26. Write fast=12, slow=26."),
        ("macd(close, fast=30)", "slow of macd must be above fast, was 26, with fast 30."),
        ("macd_signal(close, 20, 20)", "slow of macd_signal must be above fast, was 20, with fast 20. Change one"),
        ("where(hysteresis(close, 5, 2), 1, 0)", "high of hysteresis must be at least low, was 2, with low 5."),
        ("where(top(close, 10), 1, 0)", "count of top must be at most 9, as many symbols as the universe has, was 10."),
        (
            "where(bottom(close, 20), 1, 0)",
            "count of bottom must be at most 9, as many symbols as the universe has, was 20.",
        ),
    ],
)
def test_constants_that_contradict_each_other_are_refused(call, must):
    """There is no row at which they would make sense."""
    assert told(f"{call} > 0", params={"hi": 3})[0].startswith(must)


@pytest.mark.parametrize(
    "call", ["clip(close, 5, 5)", "clip(close, open, 2)", "clip(close, 5, high)", "macd(close, 12, 13)", "where(top(close, 9), 1, 0)"]
)  # fmt: skip
def test_what_may_make_sense_is_not_refused(call):
    """Equal bounds, and bounds that are series."""
    assert graph_of(f"{call} > 0").nodes


# --- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enter", "column", "mended"),
    [
        ("close > bid_price", 8, 'close > asof(bid_price, "bars")'),
        ("bid_price < close", 0, 'asof(bid_price, "bars") < close'),
        ("close > mean(bid_price, 3)", 8, 'close > asof(mean(bid_price, 3), "bars")'),
        ("mean(size * bid_price, 20) > 1", 12, 'asof(mean(size * asof(bid_price, "trades"), 20) > 1, "bars")'),
        (
            'resample(close, "5min") > resample(close, "1h")', 0,
            'asof(resample(close, "5min"), "bars") > asof(resample(close, "1h"), "bars")',
        ),
        ('close - resample(close, "5min") > 0', 8, 'close - asof(resample(close, "5min"), "bars") > 0'),
        ("top(bid_price, 2)", 4, 'top(asof(bid_price, "bars"), 2)'),
        ("bid_price > 1", 0, 'asof(bid_price > 1, "bars")'),
    ],
)  # fmt: skip
def test_what_is_said_of_clocks_that_differ_works(enter, column, mended):
    """Every call the remedies name, put in its place, leads to a signal; the caret is at what is replaced."""
    first, at = told(enter)
    text = enter
    for _ in range(3):
        try:
            assert graph_of(text).nodes
            break
        except ConfigError as error:
            for call in re.findall(r'asof\(.*?, "(?:bars|trades)"\)(?= and |\.)', error.faults[0].write):
                inner = call.removeprefix("asof(").rpartition(", ")[0]
                text = text.replace(inner, call)

    assert at == column
    assert "clock" in first or "must be given bars" in first
    assert text == mended


def test_the_rule_on_the_clock_of_the_bars_leads():
    """Whichever rule is written first: a run decides on bars."""
    assert refused("bid_price > 1", "close > 1")[0][0] == "signal.long.enter"
    assert refused("close > 1", "bid_price > 1")[0] == (
        "signal.long.exit",
        'must be on the clock of long.enter, which is bars, was quotes. Write asof(bid_price > 1, "bars").',
        0,
    )


# --- texts and names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enter", "must", "column"),
    [
        ('event(earnings, "2d")', 'event must be given an event file in quotes, was earnings. Write "earnings".', 6),
        ("event_age(earnings) > 1", 'event_age must be given an event file in quotes, was earnings. Write "earnings".', 10),
        ("asof(close, bars) > 1", 'asof must be given a clock in quotes, was bars. Write "bars".', 12),
        ('resample(close, "5min", last) > 1', "resample must be given what becomes of a bucket's rows in quotes", 24),
        ('mean("close", 5) > 1', 'x of mean must be a number, was the text "close". Write close, without quotes.', 5),
        ("earnings > 1", 'must use known names, was earnings. It is an event file: write event_age("earnings")', 0),
    ],
)
def test_quotes_that_lack_or_are_too_many_are_told(enter, must, column):
    """Texts have them, names don't."""
    text, at = told(enter)

    assert text.startswith(must)
    assert at == column


def test_a_parameter_of_the_name_of_a_text_is_what_it_says():
    """A name that means something by itself isn't taken for a word that lacks its quotes."""
    text, _ = told('asof(resample(close, "5min", last)) > 1', params={"last": "1d"})

    assert text.startswith('must name what becomes of a bucket\'s rows, was "1d".')


@pytest.mark.parametrize(
    ("enter", "must"),
    [
        ("close and open > 1", "the left side of and must be a condition, was a number."),
        ("close > (open > 1)", "the right side of > must be a number, was a condition."),
        ("not close", "what follows not must be a condition, was a number."),
        ('close >= "soon"', 'the right side of >= must be a number, was the text "soon". Write a >= b.'),
        ("where(close, 1, 2) > 1", "condition of where must be a condition, was a number."),
    ],
)
def test_signs_are_told_as_signs(enter, must):
    """Nobody has written greater(a, b)."""
    assert told(enter)[0].startswith(must)


def test_a_target_that_is_a_condition_is_told_how_to_be_a_number():
    """One where it holds and none where it doesn't."""
    ((_, text, _),) = refused(target="top(close, 2)")

    assert text.endswith("was a condition. Write where(top(close, 2), 1, 0).")
    assert graph_of(target="where(top(close, 2), 1, 0)").nodes


def test_a_constant_target_is_told_at_once():
    """With something to write that is the same at every row."""
    ((_, text, _),) = refused(target="2")

    assert text.endswith("was a constant. Write an expression, e.g. clip(score, -1, 1) or where(close > 0, 1, 0).")


def test_a_signal_without_rules_says_how_they_are_written():
    """In quotes, as YAML wants them."""
    with pytest.raises(ConfigError, match=re.escape('Write long: {enter: "…", exit: "…"}, short: {…}, or target: "…".')):
        compile_signal(Signal.model_validate({"nodes": {"a": "close"}}), VOCABULARY)


# --- all at once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enter", "found"),
    [
        ("meen(clsoe, lookbak) > 1", ["meen", "clsoe", "lookbak"]),
        ("mean(clsoe) > 1", ["1 argument", "clsoe"]),
        ("mean(clsoe, length=3, lookback=lookbak) > 1", ["no argument length", "clsoe", "lookbak"]),
        ('resample(clsoe, "5min", "last", 4) > 1', ["4 arguments", "clsoe"]),
        ("mean(close > 1, 0) > 1", ["a condition", "0"]),
        ("cross_above(close > 1, open > 1)", ["a condition", "a condition"]),
    ],
)
def test_faults_of_arguments_do_not_hide_behind_those_of_their_call(enter, found):
    """Nor one argument behind another."""
    texts = [text for _, text, _ in refused(enter)]

    assert sorted(re.search(r", was (.*?)\. ", text)[1] for text in texts) == sorted(found)


@pytest.mark.parametrize("enter", ["1e308 * 10 > close", "close > -1e300", "close > 2e305"])
def test_a_number_that_is_too_large_is_shown_as_it_was_written(enter):
    """It is finite, and said to be beyond what may be written."""
    text, _ = told(enter)

    assert text.startswith("must use numbers below 1e+300, was ")
    assert re.search(r"[0-9e]*30[0-9]", enter)[0] in text


def test_a_result_that_is_not_finite_is_told_by_what_was_computed():
    """Not by a word for infinity that nobody has written."""
    assert told("1e299 * 1e299 > close")[0].startswith("must give a finite number, was 1e+299 * 1e+299.")


def test_numbers_are_told_in_full():
    """A large count is repeated as it was written."""
    assert ", was 1234567. " in told("mean(close, 1234567) > 1")[0]
