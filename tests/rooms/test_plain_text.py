"""I17: text from outside is shown, and never obeyed."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from runner.plain_text import plain_text
from runner.report.safe_console import SafeConsole
from tests.command import runner

OBEYED = {*map(chr, range(32)), "\x7f", *map(chr, range(0x80, 0xA0)), "\u202e", "\u2066", "\u200b", "\u2028"} - {"\n", "\t"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("clear \x1b[2Jscreen", "clear screen"),
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]52;c;cm0gLXJm\x1b\\after", "after"),
        ("\x1bPdevice\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("back\x08\x08space", "backspace"),
        ("over\rwritten", "overwritten"),
        ("\u202eevil\u202c", "evil"),
        ("un\x1bended", "unended"),
        ("line\n\tkept", "line\n\tkept"),
        ("§ äöü 漢字 −37 %", "§ äöü 漢字 −37 %"),
    ],
)
def test_i17_orders_are_taken_out_and_words_stay(text, shown):
    """Sequences go whole, single signs by themselves."""
    assert plain_text(text) == shown


@given(text=st.text(st.one_of(st.sampled_from(sorted(OBEYED)), st.characters())))
def test_i17_nothing_that_is_obeyed_is_ever_left(text):
    """Whatever it is put together from, also from what is left when something is taken out."""
    assert not OBEYED.intersection(plain_text(text))


@given(text=st.text(st.one_of(st.sampled_from(sorted(OBEYED)), st.characters(codec="utf-8")), max_size=40))
def test_i17_a_console_prints_no_orders_in_tables_either(text):
    """Wrapped, in cells and in titles."""
    out = io.StringIO()
    console = SafeConsole(file=out, width=30, no_color=True, force_terminal=False)
    table = Table(title=Text(text))
    table.add_column(Text(text))
    table.add_row(Text(text))

    console.print(table)
    console.print(Text(text))

    assert not OBEYED.intersection(out.getvalue())


def test_i17_a_console_keeps_its_own_colours():
    """Styles are no text."""
    out = io.StringIO()

    SafeConsole(file=out, force_terminal=True, color_system="standard").print(Text("red\x1b[2J", style="red"))

    assert out.getvalue() == "\x1b[31mred\x1b[0m\n"


def test_i17_an_error_repeats_no_orders(tmp_path):
    """What somebody else wrote into a command or a file comes back harmless."""
    done = runner("name=\x1b]0;owned\x07x\x1b[2J", cwd=tmp_path)

    assert done.returncode == 2
    assert "\x1b" not in done.stderr
