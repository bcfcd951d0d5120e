"""Suggestions and lengths of time: the words of the market's messages."""

import pytest

from runner.duration import duration_text, nanoseconds
from runner.market.suggestions import suggest


def test_the_nearest_name_is_found_whatever_its_case():
    """Lower-case tickers are the commonest slip."""
    assert suggest("msft", ["AAPL", "MSFT"]) == "Did you mean MSFT? Known: AAPL, MSFT."


def test_nothing_near_gives_the_list_alone():
    """No suggestion is better than a wild one."""
    assert suggest("XYZ", ["AAPL", "MSFT"]) == "Known: AAPL, MSFT."
    assert suggest("XYZ", []) == "None are known."


def test_long_lists_are_cut():
    """Forty names are listed, forty-one are counted."""
    names = [f"S{n:03}" for n in range(41)]

    assert suggest("S0071", names) == "Did you mean S007? 41 are known, from S000 to S040."
    assert suggest("Q", names) == "41 are known, from S000 to S040."
    assert suggest("Q", names[1:]) == f"Known: {', '.join(names[1:])}."


@pytest.mark.parametrize(
    ("text", "ns"),
    [("250ms", 250_000_000), ("10s", 10**10), ("1min", 6 * 10**10), ("4h", 144 * 10**11), ("1d", 864 * 10**11)],
)
def test_lengths_of_time_read_and_write_back(text, ns):
    """A length is written in the largest unit that divides it."""
    assert nanoseconds(text) == ns
    assert duration_text(ns) == text


@pytest.mark.parametrize("text", ["1", "1w", "-1s", "1 min", ""])
def test_what_is_no_length_is_refused(text):
    """The configuration's type lets none of these through; a caller of our own can't either."""
    with pytest.raises(ValueError, match=f"^{text}$"):
        nanoseconds(text)


def test_a_length_below_a_millisecond_is_written_in_nanoseconds():
    """Messages can name distances no interval can."""
    assert duration_text(1_500) == "1500ns"
