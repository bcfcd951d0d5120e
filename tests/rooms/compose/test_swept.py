"""The values of an axis: Hydra's own grammar, each value as a single override would hold and write it."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from runner.compose import Configurations, composing
from runner.compose.swept import Interval, Swept, listed, parsed_words, swept

PLAIN = st.one_of(st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9), st.booleans(), st.none())
TEXTS = st.text("abcXYZ019 _-./'\"\\:,[]{}()=", min_size=1, max_size=8)
LISTED = st.recursive(PLAIN | TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


@pytest.fixture(scope="module")
def loader():
    """Knows the groups that Runner ships."""
    with composing(Configurations()) as composer:
        yield composer.loader


def values_of(word, loader):
    """Return what a word lists, or what is wrong with it."""
    (override,), faults = parsed_words([word])
    assert faults == []
    return swept(override, loader)


def single(found):
    """Return what the single overrides of an axis hold, parsed by Hydra."""
    parser = OverridesParser.create()
    return [parser.parse_override(f"{found.sign}{found.key}={text}").value() for text in found.texts]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("a.b=1,2,3", (1, 2, 3)),
        ("a=1,2.50,-3", (1, 2.5, -3)),
        ("a=range(1,10,4)", (1, 5, 9)),
        ("a=range(0,1,0.25)", (0.0, 0.25, 0.5, 0.75)),
        ("a=range(0.5,0.8,0.05)", (0.5, 0.55, 0.6, 0.65, 0.7, 0.75)),
        ("a=range(0.3,0.1,-0.1)", (0.3, 0.2)),
        ("a=range(1,2,1e-1)", (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9)),
        ("a=x,'y z',null,true", ("x", "y z", None, True)),
        ("a=sort(3,1,2,reverse=true)", (3, 2, 1)),
        ("a=[A],[B,C]", (["A"], ["B", "C"])),
        ("a={x:1},{x:2}", ({"x": 1}, {"x": 2})),
        ("a=float(choice(1,2))", (1.0, 2.0)),
        ("slippage=glob([f*,none])", ("fixed_bps", "none")),
        ("fees=glob(*,exclude=per_*)", ("maker_taker", "none", "tiered")),
    ],
)
def test_words_list_what_hydra_says_they_list(word, values, loader):
    """Values are those of the grammar, and the text of each, parsed by Hydra, is the value again."""
    found = values_of(word, loader)

    assert found.values == values
    assert [type(value) for value in found.values] == [type(value) for value in values]
    assert tuple(single(found)) == values
    assert found.is_choice == (found.key in {"slippage", "fees"})


@given(st.lists(st.one_of(st.integers(-(10**17), 10**17).map(str), st.decimals(-999, 999, places=3).map(str)), min_size=2))
def test_plain_numbers_need_no_parser(numbers):
    """The short way for lists of numbers gives what Hydra's parser gives."""
    word = f"+a.b_1={','.join(numbers)}"
    (found,), _ = parsed_words([word])

    parsed = OverridesParser.create().parse_override(word)

    assert list(found.sweep_string_iterator()) == list(parsed.sweep_string_iterator())
    assert (found.type, found.key_or_group, found.get_key_element()) == (parsed.type, "a.b_1", "+a.b_1")


@pytest.mark.parametrize("word", ["a=1e5,2", "a=01,2", "a=1_000,2", "a=+1,2", "a=.5,1", "a=1.,2", "A=1,2", "a/b=1,2"])
def test_the_short_way_leaves_the_rest_of_the_grammar_to_hydra(word):
    """Numbers written in other ways mean what Hydra says they mean."""
    (found,), _ = parsed_words([word])

    parsed = OverridesParser.create().parse_override(word)

    assert list(found.sweep_string_iterator()) == list(parsed.sweep_string_iterator())


@given(st.lists(LISTED, min_size=1, max_size=4, unique_by=repr))
def test_values_of_a_file_are_kept_as_they_are(values):
    """A text that looks like a number stays a text: what the override's text parses to is what the file says."""
    with composing(Configurations()) as composer:
        found = listed("signal.params.x", values, composer.loader)

    assert isinstance(found, Swept)
    assert list(found.values) == values
    assert [repr(value) for value in single(found)] == [repr(value) for value in values]


def test_a_file_may_write_the_words_of_the_command_line(loader):
    """A text under an axis is what would stand after -m."""
    assert listed("a.b", "range(1,4)", loader) == values_of("a.b=range(1,4)", loader)


def test_shuffled_values_have_the_same_order_in_every_process(loader):
    """All values, in an order that is written down here: another process finds its lanes where they were."""
    assert values_of("a=shuffle(range(5))", loader).values == (0, 1, 3, 4, 2)
    assert sorted(values_of("seed=shuffle(range(100))", loader).values) == list(range(100))
    assert values_of("seed=shuffle(range(100))", loader).values != tuple(range(100))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("slippage=interval(0,1)", "slippage: must be a list of values"),
        ("a=interval(1,0)", "a: must go from a number to a larger one"),
        ("a=range(5,0)", "a: must hold at least one number"),
        ("a=range(1,5,0)", "a: must go on by a step that isn't 0"),
        ("a=range(1,inf)", "a: must go from one number to another"),
        ("a=range(nan,5)", "a: must go from one number to another"),
        ("a=range(0,1,1e-9)", "a: must hold at most 1,000,000 values"),
        ("a=1,2,1", "a: must have each value once, was 1."),
        ("~a=1,2", "a: must not be taken out by an axis"),
        ("a=glob(*)", "a: must name a group whose files a pattern can choose"),
        ("slippage=glob(zz*)", "slippage: must match at least one file"),
        ("a=choice(nan,1)", "a: must be a finite number"),
        ("a=99999999999999999999,1", "a: must be a number that fits 64 bits"),
        ("a='${now:x}',1", "a: must not call now"),
    ],
)
def test_what_is_no_axis_is_said(word, message, loader):
    """Nothing to run, too much of it, the same twice, and values that a single override couldn't have."""
    found = values_of(word, loader)

    assert any(message in str(fault) for fault in found), found


@pytest.mark.parametrize(
    ("word", "interval", "values"),
    [
        ("a=interval(0,1)", Interval(0.0, 1.0), (0.0, 1.0)),
        ("a=int(interval(5,50))", Interval(5, 50, is_whole=True), (5, 50)),
        ("a=tag(log,interval(0.001,1))", Interval(0.001, 1.0, is_log=True), (0.001, 1.0)),
    ],
)
def test_an_interval_is_an_axis_of_its_ends_that_says_what_lies_between(word, interval, values, loader):
    """Hydra's grammar, with its casts and the tag log; as words they read back."""
    found = values_of(word, loader)

    assert (found.interval, found.values) == (interval, values)
    assert values_of(f"a={interval}", loader).interval == interval


@pytest.mark.parametrize("values", [[], {}, 3, None, "7", ""])
def test_what_lists_nothing_in_a_file_is_said(values, loader):
    """An empty list, a mapping, a single value."""
    assert isinstance(listed("a.b", values, loader), list)
