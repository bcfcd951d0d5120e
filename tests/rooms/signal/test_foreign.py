"""Words and signs of other languages: what is said of them can be read, and means what they meant."""

import pytest

from runner.errors import ConfigError
from runner.signal.built_in import BUILT_IN
from runner.signal.expression import parse
from runner.signal.foreign import OPERATORS, hint, is_near
from runner.signal.registry import operators

KNOWN = {*operators(), *BUILT_IN} - {"and", "or", "not"}


def fault_of(text):
    with pytest.raises(ConfigError) as caught:
        parse(text, "here")
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize("ours", OPERATORS)
def test_words_of_others_are_called_what_there_is(ours):
    """Every word of ours is an operator, and none of theirs is one."""
    assert ours in KNOWN
    assert KNOWN.isdisjoint(OPERATORS[ours])


def test_no_word_of_others_means_two_things():
    """Each is listed once."""
    words = [word for theirs in OPERATORS.values() for word in theirs]

    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("sma", "Did you mean mean?"),
        ("SMA", "Did you mean mean?"),
        ("shift", "Did you mean lag?"),
        ("delay", "Did you mean lag?"),
        ("stdev", "Did you mean std?"),
        ("crossover", "Did you mean cross_above?"),
        ("Mean", "Did you mean mean?"),
        ("maen", "Did you mean mean?"),
        ("And", "Write a and b."),
        ("NOT", "Write not a."),
    ],
)
def test_a_suggestion_stands_alone(word, said):
    """Without the list of all that is known, which follows only where nobody knows."""
    assert hint(word, KNOWN) == said
    assert is_near(word, KNOWN)


def test_a_word_nobody_knows_is_told_with_the_known_ones():
    """There is nothing better to say."""
    assert hint("qqqq", {"mean", "lag"}) == "Known: lag, mean."
    assert not is_near("qqqq", {"mean", "lag"})


def test_a_word_of_others_that_is_not_known_here_is_no_suggestion():
    """In a formula's file a name may mean what the operators don't."""
    assert hint("sma", {"close"}) == "Known: close."


@pytest.mark.parametrize(
    ("text", "column", "write"),
    [
        ("close > 1 & high < 2", 10, "Write and."),
        ("(close > 1) & (high < 2)", 12, "Write and."),
        ("close > 1 && high < 2", 10, "Write and."),
        ("close > 1 | high < 2", 10, "Write or."),
        ("close > 1 || high < 2", 10, "Write or."),
        ("close > 1 AND high < 2", 10, "Write and, in small letters."),
        ("close > 1 Or high < 2", 10, "Write or, in small letters."),
        ("NOT close > 1", 0, "Write not, in small letters."),
        ("!crossed", 0, "Write not."),
        ("~crossed", 0, "Write not."),
        ("close <> 1", 6, "Write !=."),
        ("close = 1", 6, "Write == to compare."),
        ("  close ^ 2", 8, "Write **."),
        ("mean(close, 30min) > 1", 12, 'Write it in quotes: "30min".'),
        ("if close > 1 then 2", 0, "Write where(condition, a, b)."),
        ("1 if close > 2 else 3", 0, "Write where(close > 2, 1, 3)."),
        ("close[1] > 2", 0, "Write lag(close, 1)."),
        ("close[-2] > 2", 0, "Write lag(close, 2)."),
        ("close[0] > 2", 0, "Write close."),
        ("close.shift(1) > 2", 0, "Write lag(close, 1)."),
        ("close.rolling(20).mean() > 2", 0, "Write mean(close, 20)."),
        ("close.rolling(window=20).std() > 2", 0, "Write std(close, 20)."),
        ("close.ewm(span=20).mean() > 2", 0, "Write ema(close, 20)."),
        ("2 > np.log(close)", 4, "Write log(close)."),
        ("ta.sma(close, 20) > 2", 0, "Write mean(close, 20)."),
    ],
)
def test_signs_and_shapes_of_others_are_told_as_ours(text, column, write):
    """With the caret at the sign, or where the shape begins."""
    fault = fault_of(text)

    assert fault.write == write
    assert fault.excerpt.splitlines()[1].index("^") == column


@pytest.mark.parametrize("text", ["mean(close, 'AND') >", 'event("a || b", "2d") and', 'event("30min", "2d") and'])
def test_what_stands_in_quotes_is_no_sign(text):
    """A text may hold anything; what is wrong is the open end."""
    assert fault_of(text).must.startswith("must go on after")


@pytest.mark.parametrize(
    ("text", "sign"), [("close > average and", "and"), ("close >", ">"), ("a or not ", "not"), ("close + ", "+")]
)
def test_an_end_that_is_open_is_pointed_at(text, sign):
    """There something is missing, not where the last word began."""
    fault = fault_of(text)

    assert fault.must == f"must go on after {sign}"
    assert fault.excerpt.splitlines()[1].index("^") == len(text.rstrip())


@pytest.mark.parametrize("text", ["close[a]", "close[1:2]", "close % 2", "a @ b", "close is open", "[close]", "close[1.5]"])
def test_what_nobody_knows_how_to_write_is_told_what_there_is(text):
    """The signs of the language, instead of a guess."""
    assert fault_of(text).write.startswith("Use names, numbers, calls")
