"""Sizes that can't be had, and the keys that mend it."""

import pytest

from runner.kinds import FolderKinds
from runner.report.sizes import size_remarks


def test_a_run_whose_sizes_were_had_has_nothing_to_say(ledger):
    """Orders that filled, or were rejected by the venue, and refusals of risk rules are no matter of sizes."""
    ledger.order(1, "A", "buy", 5.0)
    ledger.order(2, "A", "buy", 5.0, status="rejected", refusal="rejected by the venue")
    ledger.refuse(3, "A", "risk.rules.gross", 5.0, 0.0)

    assert list(size_remarks(ledger.tables(), "kelly")) == []


def test_sizes_beyond_the_cash_are_said_to_be_rejected_whole(ledger):
    """Neither the formula of Kelly nor that of the volatility target looks at the cash; the keys that do are named."""
    ledger.order(1, "A", "buy", 5.0, status="rejected", refusal="not enough cash")

    (told,) = size_remarks(ledger.tables(), "kelly")

    assert told == (
        "An order that costs more than the cash is rejected whole, not cut down, and sizing=kelly doesn't look at the cash."
        " Write a smaller sizing.fraction or sizing.cap, or risk=gross_exposure risk.rules.gross.action=reduce to have orders"
        " cut down."
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("equity_share", "less than one lot. Write a smaller sizing.lot if less can be traded, more sizing.share, or more"),
        ("kelly", "less than one lot, as it does wherever sizing.mean isn't above zero. Write a smaller sizing.lot"),
        ("mine", "more of what it asks for, or more capital."),
    ],
)
def test_sizes_below_a_lot_are_counted(ledger, kind, said):
    """Two orders came to nothing; what to write depends on the sizing."""
    for ts in (1, 2):
        ledger.refuse(ts, "A", "sizing", 0.0, 0.0)

    (told,) = size_remarks(ledger.tables(), kind)

    assert told.startswith("sizing stopped 2 orders before they were sent: the size came to ")
    assert said in told


def test_the_keys_that_are_named_are_keys_of_the_kind(ledger):
    """Of every sizing that Runner brings, what the remark says to write can be written."""
    ledger.refuse(1, "A", "sizing", 0.0, 0.0)
    kinds = FolderKinds()

    for name in kinds.names("sizing"):
        (told,) = size_remarks(ledger.tables(), name)
        keys = {word.strip(",.").removeprefix("sizing.") for word in told.split() if word.startswith("sizing.")}
        assert keys - {"lot"}
        assert keys <= set(kinds.find("sizing", name).model_fields)
