"""The manual: every operator is there, and what it says of warm-ups is what the graph does."""

import re

import pytest

from runner.signal.built_in import BUILT_IN
from runner.signal.compile import compile_signal
from runner.signal.manual import FAMILIES, built_in_entry, entry_of, manual, named_by
from runner.signal.operator import Number, formula
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

ENTRIES = {entry.name: entry for entry in manual(operators())}
VOCABULARY = Vocabulary({"bars": ("open", "high", "low", "close", "volume")}, operators())


def warm_up(call):
    """Return the rows a call needs, as the compiled graph has them."""
    signal = Signal.model_validate({"nodes": {"it": call}, "long": {"enter": "close > 1", "exit": "close > 1"}})
    graph = compile_signal(signal, VOCABULARY)
    return graph.warm_up_rows(graph.names["it"])


def test_every_operator_and_every_other_word_is_there():
    """By family, then by name."""
    assert ENTRIES.keys() == operators().keys() | BUILT_IN.keys()
    assert list(ENTRIES) == [
        entry.name for entry in sorted(ENTRIES.values(), key=lambda each: (FAMILIES.index(each.family), each.name))
    ]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.name)
def test_every_entry_says_something(entry):
    """No operator without a meaning, and no warm-up that can't be told."""
    assert entry.summary
    assert entry.warm_up != "as its formula"
    assert entry.gives in {"number", "condition", "as x"}
    assert entry.takes or entry.family == "order book"


@pytest.mark.parametrize(
    ("call", "name", "numbers"),
    [
        ("mean(close, 33)", "mean", {"lookback": 33}),
        ("lag(close, 5)", "lag", {"rows": 5}),
        ("stochastic_signal(high, low, close, 31, 9)", "stochastic_signal", {"lookback": 31, "smoothing": 9}),
        ("realised_volatility(close, 17)", "realised_volatility", {"lookback": 17}),
        ("cross_above(close, open)", "cross_above", {}),
        ("rank(close)", "rank", {}),
    ],
)
def test_a_warm_up_told_as_a_sum_is_the_graphs(call, name, numbers):
    """For parameters that were not among those it was worked out from."""
    text = ENTRIES[name].warm_up.removesuffix(", or the window's time").removesuffix(" rows").removesuffix(" row")
    terms = re.sub(r"[a-z]+", lambda word: str(numbers.get(word[0], 0)), text).replace("- ", "-").replace("+ ", "").split()

    assert sum(map(int, terms)) == warm_up(call)


@pytest.mark.parametrize("name", ["ema", "rsi"])
def test_a_warm_up_told_by_an_example_is_the_graphs(name):
    """Where no sum of parameters says it."""
    found = re.fullmatch(r"([0-9,]+) rows at lookback ([0-9]+)", ENTRIES[name].warm_up)

    assert int(found[1].replace(",", "")) == warm_up(f"{name}(close, {found[2]})")


def test_signs_are_written_as_signs():
    """`a + b`, not `add(a, b)`; each can be parsed as it is written."""
    assert [ENTRIES[name].usage for name in ("add", "and", "not", "negate", "not_equal")] == [
        "a + b", "a and b", "not a", "-a", "a != b",
    ]  # fmt: skip


def test_a_sign_names_its_operator():
    """Alone, or as the manual has it; a word stays as it is."""
    assert [named_by(word) for word in (">", "a > b", "-", "-a", "not a", "and", "**", "mean")] == [
        "greater", "greater", "subtract", "negate", "not", "and", "power", "mean",
    ]  # fmt: skip
    assert all(named_by(entry.usage) == entry.name for entry in ENTRIES.values() if entry.family == "signs")


def test_bounds_and_defaults_are_told():
    """What a parameter may be, and what it is if it is left out."""
    assert "lookback: whole number from 1 to 1,000,000" in ENTRIES["ema"].takes
    assert "tolerance: number above 0 and at most 1, 1e-06 if left out" in ENTRIES["ema"].takes
    assert 'lookback: window of at least 2 rows, a duration such as "30min", or since_open' in ENTRIES["std"].takes


def test_a_formula_that_cannot_be_tried_is_still_listed():
    """An operator of the user's whose expression calls what isn't there."""
    own = formula("mine", "x", parameters=(Number("by"),), expression="nothing_known(x, by)", description="Mine.")

    assert entry_of(own, operators()).warm_up == "as its formula"


def test_words_that_are_no_operators_have_entries():
    """With the usage that faults tell."""
    assert built_in_entry("asof").usage == BUILT_IN["asof"]
