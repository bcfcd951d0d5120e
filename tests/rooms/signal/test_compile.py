"""From named expressions to a graph: sharing, warm-up, order, and every fault at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ConfigError
from runner.market.tape import BAR_COLUMNS
from runner.signal.compile import compile_signal, texts_of
from runner.signal.parsed import parsed_of
from runner.signal.registry import operators
from runner.signal.steps import Steps
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal


def compiled(nodes, enter="close < 1", leave="close > 1", **params):
    signal = Signal.model_validate({"params": params, "nodes": nodes, "long": {"enter": enter, "exit": leave}})
    return compile_signal(signal, Vocabulary({"bars": BAR_COLUMNS}, operators()))


def faults_of(nodes, enter="close < 1", leave="close > 1", **params):
    with pytest.raises(ConfigError) as caught:
        compiled(nodes, enter, leave, **params)
    return [str(fault) for fault in caught.value.faults]


def test_equal_expressions_share_one_node():
    """Two names for the same thing are one node, however they are written."""
    graph = compiled({"a": "mean(close, 2 * 5)", "b": "mean( close , lookback=10 )", "c": "mean(x=close, lookback=n)"}, n=10)

    assert graph.names["a"] == graph.names["b"] == graph.names["c"]


def test_texts_parsed_once_serve_signals_of_other_parameters():
    """What depends on texts alone may be handed in: the graph is that of a signal compiled by itself."""
    vocabulary = Vocabulary({"bars": BAR_COLUMNS}, operators())
    rule = {"enter": "slow > fast * n", "exit": "fast < 1"}
    nodes = {"slow": "mean(fast, n)", "fast": "mean(close, 2)"}
    first, second = (Signal.model_validate({"params": {"n": n}, "nodes": nodes, "long": rule}) for n in (3, 7))
    parsed = parsed_of(texts_of(first))

    graphs = [compile_signal(each, vocabulary, parsed=parsed) for each in (first, second)]

    assert graphs == [compile_signal(each, vocabulary) for each in (first, second)]
    assert graphs[0] != graphs[1]


@given(drawn=st.lists(st.tuples(*[st.sampled_from((2, 3, 3.0, 0.5, 0.0, -0.0))] * 3), min_size=1, max_size=6))
def test_what_earlier_signals_came_to_changes_no_graph(drawn):
    """Signals that go on where another left off have the graphs that they have alone, or fail as they do alone."""
    vocabulary = Vocabulary({"bars": BAR_COLUMNS}, operators())
    nodes = {"slow": "mean(close, n)", "shifted": "slow + a", "both": "shifted * (a - b)"}
    rule = {"enter": "both > a", "exit": "slow < b"}
    signals = [
        Signal.model_validate({"params": {"n": n, "a": a, "b": b}, "nodes": nodes, "long": rule}) for n, a, b in drawn
    ]
    parsed = parsed_of(texts_of(signals[0]))
    steps = Steps(parsed)

    for signal in signals:
        assert outcome(signal, vocabulary, parsed, steps) == outcome(signal, vocabulary, parsed, None)


def outcome(signal, vocabulary, parsed, steps):
    """Return the graph of a signal to the sign of each zero, or the faults that it has."""
    try:
        return repr(compile_signal(signal, vocabulary, parsed=parsed, steps=steps))
    except ConfigError as error:
        return error.faults


def test_warm_up_adds_along_the_longest_path():
    """mean over 5 of mean over 20 of a lag of 3 is defined from row 4 + 19 + 3."""
    graph = compiled({"slow": "mean(lag(close, 3), 20)", "both": "mean(slow, 5) - mean(close, 9)"}, enter="both > 0")

    assert graph.warm_up_rows(graph.names["both"]) == 26
    assert graph.warm_up_rows(graph.names["long.enter"]) == 26


def test_nodes_may_be_written_in_any_order_and_inputs_come_first():
    """The order of the keys doesn't matter; in the graph every input precedes its reader."""
    graph = compiled({"c": "b + 1", "b": "a * 2", "a": "close"}, enter="c > b")

    assert all(
        i < index
        for index in range(len(graph.nodes))
        for i in getattr(graph.nodes[index], "inputs", ())
        if isinstance(i, int)
    )


def test_a_chain_of_a_thousand_nodes_compiles():
    """Depth of the graph isn't limited by Python's stack."""
    nodes = {"n0": "close"} | {f"n{i}": f"lag(n{i - 1}, 1)" for i in range(1, 1000)}

    graph = compiled(nodes, enter="n999 > 0")

    assert graph.warm_up_rows(graph.names["long.enter"]) == 999


def test_dead_nodes_are_named():
    """A node that no rule reads is listed, also when another dead node reads it."""
    graph = compiled({"used": "close", "x": "open", "y": "x + 1"}, enter="used > 1")

    assert graph.dead == ("x", "y")


def test_chained_comparisons_mean_what_mathematics_means():
    """1 < close < 3 is (1 < close) and (close < 3)."""
    graph = compiled({}, enter="1 < close < 3")

    assert graph.describe(graph.names["long.enter"]) == "1 < close and close < 3"


@pytest.mark.parametrize(
    "text",
    [
        "close > open and not volume > 1", "(close + 1) * 2 > -open", "mean(close - open, 5) > 1000000",
        'mean(close, "30min") > std(close, since_open)', 'asof(resample(close, "1h", "max")) > close ** 2',
        "macd(close) > 0", "clip(close, 1e-7, 0.1) > 0",
    ],
)  # fmt: skip
def test_a_node_is_described_as_it_could_be_written(text):
    """The text compiles to as many nodes, and is described the same."""
    graph = compiled({}, enter=text)

    described = graph.describe(graph.names["long.enter"])

    again = compiled({}, enter=described)
    assert len(again.nodes) == len(graph.nodes)
    assert again.describe(again.names["long.enter"]) == described


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        (
            {"a": "b + 1", "b": "c * 2", "c": "-a"},
            "signal.nodes.a: must not depend on itself, was a -> b -> c -> a. "
            "Break the circle: use a column or another node in one of them.\n    b + 1\n    ^",
        ),
        (
            {"a": "close + mean(a, 5)"},
            "signal.nodes.a: must not depend on itself, was a -> a. "
            "Break the circle: use a column or another node in one of them.\n    close + mean(a, 5)\n                 ^",
        ),
        (
            {"a": "close > "},
            "signal.nodes.a: must go on after >, was 'close > '. Write what follows, or leave it out.\n"
            "    close > \n           ^",
        ),
        (
            {"a": 'resample(close, "30min", "median")'},
            'signal.nodes.a: must name what becomes of a bucket\'s rows, was "median". '
            'Did you mean mean?\n    resample(close, "30min", "median")\n                             ^',
        ),
        (
            {"a": 'resample(close, "soon")'},
            'signal.nodes.a: span of resample must be a length of time, was "soon". '
            'Write "30min" or the like: a whole number from 1 to 999999 with ms, s, min, h or d.\n    resample(close, "soon")\n                    ^',
        ),
        (
            {"a": 'mean(asof(close, "bar"), 2)'},
            'signal.nodes.a: must name a clock, was "bar". Did you mean bars?\n'
            '    mean(asof(close, "bar"), 2)\n                     ^',
        ),
        (
            {"a": "mean(close, since_opn)"},
            "signal.nodes.a: must use known names, was since_opn. Did you mean since_open?\n"
            "    mean(close, since_opn)\n                ^",
        ),
        (
            {"a": "mena(close, 5)"},
            "signal.nodes.a: must call a known operator, was mena. Did you mean mean?\n    mena(close, 5)\n    ^",
        ),
        (
            {"a": "mean(clos, 5)"},
            "signal.nodes.a: must use known names, was clos. Did you mean close?\n    mean(clos, 5)\n         ^",
        ),
        (
            {"a": "mean(close)"},
            "signal.nodes.a: must match mean(x, lookback), was 1 argument. Write mean(x, lookback).\n    mean(close)\n    ^",
        ),
        (
            {"a": "mean(close, 0)"},
            "signal.nodes.a: lookback must be a whole number from 1 to 1000000, was 0. Write a whole number, e.g. 20.\n"
            "    mean(close, 0)\n                ^",
        ),
        (
            {"a": "mean(close, 2.5)"},
            "signal.nodes.a: lookback must be a whole number from 1 to 1000000, was 2.5. Write a whole number, e.g. 20.\n"
            "    mean(close, 2.5)\n                ^",
        ),
        (
            {"a": "mean(close, open)"},
            "signal.nodes.a: lookback of mean must be a number or a parameter, was a series. "
            "Write mean(x, lookback) with lookback from params.\n    mean(close, open)\n                ^",
        ),
        (
            {"a": "(close < 1) + 2"},
            "signal.nodes.a: the left side of + must be a number, was a condition. "
            "Use the numbers, not a condition on them, or where(close < 1, 1, 0).\n    (close < 1) + 2\n     ^",
        ),
        (
            {"a": "close and open > 1"},
            "signal.nodes.a: the left side of and must be a condition, was a number. Write a comparison, e.g. a < b.\n"
            "    close and open > 1\n    ^",
        ),
        (
            {"a": "close / 0 / (1 / 0)"},
            "signal.nodes.a: must not divide by zero, was 1 / 0. Change the numbers.\n    close / 0 / (1 / 0)\n                 ^",
        ),
        (
            {"a": "3 < 4"},
            "signal.nodes.a: must depend on the data, was constants only. Compare with a node or a column.\n    3 < 4\n    ^",
        ),
        ({"close": "open"}, "signal.nodes.close: must not have the name of a data column, was close. Choose another name."),
        (
            {"a": "close if open else 3"},
            "signal.nodes.a: must stay within the expression language, was close if open else 3. "
            "Write where(open, close, 3).\n    close if open else 3\n    ^",
        ),
        (
            {"a": "mean"},
            "signal.nodes.a: must use known names, was mean. mean is an operator: write mean(x, lookback).\n    mean\n    ^",
        ),
    ],
)
def test_each_fault_says_where_what_and_what_to_write(nodes, expected):
    """The whole message, word for word, with a caret under the culprit."""
    assert faults_of(nodes) == [expected]


def test_all_faults_of_all_expressions_come_at_once_and_only_once():
    """Two faults in one expression and one in another are three; what depends on them adds none."""
    found = faults_of({"a": "mean(clos, 5) + opne", "b": "a + 1", "c": "b +"}, enter="b > 1", leave="c > 1")

    assert [line.split(":")[0] for line in found] == ["signal.nodes.a", "signal.nodes.a", "signal.nodes.c"]


def test_a_rule_must_be_a_condition():
    """A number can't open a position."""
    expected = (
        "signal.long.enter: must be a condition, was a number. Write a comparison, e.g. smooth < 0.7.\n    close\n    ^"
    )

    assert faults_of({}, enter="close") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "close.__class__",
        "[c for c in close]",
        "(lambda: 1)()",
        "close[0]",
        "f'{close}'",
        "close := 1",
        "1e400",
        "True",
        "close % 2",
        "close.open",
        "close @ open",
        "mean(*close)",
        "mean(**close)",
        "mean(close, 5, 6)",
        "mean(close, lookback=5, lookback=6)",
        "(" * 300 + ")" * 300,
        "-" * 1500 + "close",
        "+".join(["close"] * 300),
        "close\0",
        "mean(close, 1e200 * 1e200)",
        "close > 1e299 * 1e299",
        "(1e200 * 1e200) - (1e200 * 1e200) + close",
        "0x10 + close",
        "1_0 + close",
        "ｃlose",
        "close # + open",
        "close; open",
        "9" * 1900,
        "",
        " ",
    ],
)
def test_nothing_outside_the_language_gets_through(text):
    """Python that isn't in the language is a fault, never a crash and never run."""
    if text:
        assert faults_of({"a": text})
    else:
        with pytest.raises(ValueError, match="at least 1 character"):
            compiled({"a": text})
