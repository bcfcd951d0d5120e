"""docs/operators.md is what `runner explain --operators --markdown` writes: no operator is added or changed without it."""

import re

from runner.report.manual_page import manual_markdown
from runner.signal.built_in import BUILT_IN
from runner.signal.manual import manual
from runner.signal.registry import operators
from tests.architecture.source_tree import ROOT

DOCUMENT = (ROOT / "docs" / "operators.md").read_text("utf-8")


def test_the_document_is_up_to_date():
    """Write it anew after a change of an operator: runner explain --operators --markdown > docs/operators.md."""
    assert manual_markdown(manual(operators())) == DOCUMENT


def test_every_row_of_its_tables_has_all_their_cells():
    """A sign that ends a cell early would shift the rest."""
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and not line.startswith("| write")]

    assert len(rows) == len(operators()) + len(BUILT_IN)
    assert [row for row in rows if len(re.split(r"(?<!\\)\|", row)) != 7] == []
