import math

import pytest

from runner.report.wording import (
    UNDEFINED,
    age_text,
    amount,
    change,
    changes,
    count,
    grouped,
    money_text,
    number_text,
    percent,
    plain,
    price_text,
    ratio,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(0.123), "12.3\N{NO-BREAK SPACE}%"),
        (percent(-0.041), "−4.1\N{NO-BREAK SPACE}%"),
        (percent(-0.0001), "0.0\N{NO-BREAK SPACE}%"),
        (percent(0.0), "0.0\N{NO-BREAK SPACE}%"),
        (amount(1234.56), "1,234.56"),
        (amount(-1234567.891), "−1,234,567.89"),
        (amount(0.00123456), "0.00123"),
        (amount(-0.0000071), "−0.00000710"),
        (amount(0.0), "0.00"),
        (change(0.123), "12.3\N{NO-BREAK SPACE}%"),
        (change(-0.001), "−0.1\N{NO-BREAK SPACE}%"),
        (change(0.00032), "3.2\N{NO-BREAK SPACE}bps"),
        (change(-0.0000021), "−0.0210\N{NO-BREAK SPACE}bps"),
        (change(0.0), "0.0\N{NO-BREAK SPACE}%"),
        (ratio(-0.004), "0.00"),
        (count(12345), "12,345"),
        (grouped(0.0005, digits=4), "0.0005"),
        (plain(9000), "9,000"),
        (plain(-9000), "−9,000"),
        (plain(0.1), "0.1"),
        (plain(1e-7), "1e−07"),
        (plain(value=True), "yes"),
        (plain(value=False), "no"),
        (plain("text-with-hyphen"), "text-with-hyphen"),
    ],
)
def test_numbers_read_as_people_write_them(written, expected):
    """Grouped thousands, a true minus sign, percent with a space, and no minus on what rounds to zero."""
    assert written == expected


def test_changes_beside_one_another_have_one_unit():
    """A table that is read down a column mixes no units but where percent would be zero; what is undefined stays so."""
    assert changes([0.0004, 0.00001, None]) == ["4.0\N{NO-BREAK SPACE}bps", "0.1\N{NO-BREAK SPACE}bps", UNDEFINED]
    assert changes([-0.00573, 0.004, 0.0]) == [f"{each}\N{NO-BREAK SPACE}%" for each in ("−0.57", "0.40", "0.00")]
    assert changes([-0.004, 0.00001]) == ["−0.40\N{NO-BREAK SPACE}%", "0.1\N{NO-BREAK SPACE}bps"]
    assert changes([0.2, 0.002, 0.0]) == [f"{each}\N{NO-BREAK SPACE}%" for each in ("20.0", "0.2", "0.0")]
    assert changes([0.2, -0.00001]) == ["20.0\N{NO-BREAK SPACE}%", "−0.1\N{NO-BREAK SPACE}bps"]
    assert changes([]) == []


@pytest.mark.parametrize("write", [amount, ratio, change, percent, count, plain])
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_the_undefined_has_a_word(write, value):
    """No reader ever sees None, nan or inf."""
    assert write(value) == UNDEFINED


@pytest.mark.parametrize(
    ("text", "money", "number"),
    [
        ("100099.90761000001", "100,099.91", "100,099.90761"),
        ("-4.499440000000401", "−4.50", "−4.49944"),
        ("176.0", "176.00", "176"),
        ("0.00000001", "0.0000000100", "0.00000001"),
        ("12000000000", "12,000,000,000.00", "12,000,000,000"),
        ("0.0", "0.00", "0"),
        ("-0", "0.00", "0"),
        (None, UNDEFINED, UNDEFINED),
        ("", UNDEFINED, UNDEFINED),
        ("1e999", "1e999", "1e999"),
        ("<b>", "<b>", "<b>"),
        ("NaN", "NaN", "NaN"),
    ],
)
def test_decimal_texts_are_written_as_numbers_are(text, money, number):
    """Without the noise of binary fractions; what is no number is shown as it is."""
    assert (money_text(text), number_text(text)) == (money, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("365.890636844", "365.89064"), ("58.8757281082", "58.875728"), ("0.0000123456789", "0.000012345679"),
     ("61612.35", "61,612.35"), ("99.0", "99"), (None, UNDEFINED), ("<b>", "<b>")],
)  # fmt: skip
def test_prices_have_the_digits_that_a_market_quotes(text, expected):
    """What an adjustment or an average left beyond eight is noise."""
    assert price_text(text) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.4, "0.4 s"),
        (119.9, "119.9 s"),
        (120.0, "2.0 min"),
        (7_199.0, "120.0 min"),
        (7_200.0, "2.0 h"),
        (432_000.0, "5.0 days"),
    ],
)
def test_ages_are_in_a_unit_that_can_be_imagined(seconds, expected):
    """A price that is as old as a weekend is some days old, not some hundred thousand seconds."""
    assert age_text(seconds) == expected
