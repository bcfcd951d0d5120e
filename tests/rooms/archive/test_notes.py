"""Notes and tags: beside what was computed, whole, and harmless."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from runner.archive.notes import Note, Notes, noted, notes_of, tag_faults, tagged
from runner.errors import ConfigError, RunError
from runner.units import Name

AT = "2026-01-01T00:00:00+00:00"
NASTY = [
    "../up",
    "a/b",
    "a\nb",
    "%s",
    "\u202eevil",
    "x" * 300,
    "",
    ".",
    "..",
    "-rf",
    "a b",
    "tag\x1b[2J",
    "ä",
    "a\0b",
    "a\n",
]


def test_what_was_said_is_read_back(tmp_path):
    """Tags are sorted and known once, notes stand in their order."""
    tagged(tmp_path, ["b", "a", "b"])
    noted(tmp_path, " first ", at=AT)
    tagged(tmp_path, ["c"], ["a"])
    found = noted(tmp_path, "second", at=AT)

    assert found == notes_of(tmp_path) == Notes(("b", "c"), (Note(AT, "first"), Note(AT, "second")))


def test_nobody_has_said_anything_yet(tmp_path):
    """Reading makes no file."""
    assert (notes_of(tmp_path), list(tmp_path.iterdir())) == (Notes(), [])


def test_all_that_many_say_at_once_is_kept(tmp_path):
    """Each reads what is there and adds to it, one after another."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: tagged(tmp_path, [f"t{number}"]), range(32)))

    assert notes_of(tmp_path).tags == tuple(sorted(f"t{number}" for number in range(32)))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 1, "tags": [], "notes": [], "digest": ""}\n'])
def test_notes_that_were_written_otherwise_are_refused(tmp_path, content):
    """They are told, never read as none."""
    (tmp_path / "notes.json").write_text(content)

    with pytest.raises(RunError, match=r"notes\.json: must be as it was written"):
        notes_of(tmp_path)


@given(word=st.text(max_size=80))
@example("../up")
@example("x" * 65)
@example("ok\n")
def test_i10_a_tag_is_a_few_plain_signs_or_refused(word):
    """Nothing that leads elsewhere, breaks a line or turns the direction of reading is ever a tag."""
    is_plain = re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", word) is not None

    assert (tag_faults([word]) == []) is is_plain


@pytest.mark.parametrize("word", NASTY)
def test_i10_a_nasty_tag_is_refused_in_harmless_words(tmp_path, word):
    """The fault shows it without a sign that a terminal obeys, and nothing is written."""
    with pytest.raises(ConfigError) as caught:
        tagged(tmp_path, [word])

    assert str(caught.value).isascii()
    assert list(tmp_path.iterdir()) == []


@given(word=st.one_of(st.text(max_size=80), st.sampled_from(NASTY)))
def test_i10_a_run_name_is_one_folder_or_refused(tmp_path_factory, word):
    """A name that passes is a single new folder right below the runs."""
    try:
        name = TypeAdapter(Name).validate_python(word)
    except ValidationError:
        return
    runs = tmp_path_factory.mktemp("runs")

    (runs / name).mkdir()

    assert (runs / name).resolve().parent == runs.resolve()
    assert name.isascii()
    assert name.isprintable()
    assert len(name) <= 64


@pytest.mark.parametrize("word", NASTY)
def test_i10_a_nasty_run_name_is_refused(word):
    """Ways up, line breaks, formats, signs that turn text around, and what is too long."""
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(word)


def test_i17_a_note_holds_no_orders_for_a_terminal(tmp_path):
    """They are taken out before it is written."""
    found = noted(tmp_path, "red \x1b[31malert\x1b]0;title\x07 \u202eevil", at=AT)

    assert found.notes[0].text == "red alert evil"


@pytest.mark.parametrize("text", ["", "  ", "\x1b[2J", "x" * 10_001])
def test_a_note_says_something_and_not_too_much(tmp_path, text):
    """Nothing is written otherwise."""
    with pytest.raises(ConfigError, match="must have 1 to 10,000 signs"):
        noted(tmp_path, text, at=AT)
    assert list(tmp_path.iterdir()) == []
