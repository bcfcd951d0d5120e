"""The strict reader and writer: what is written comes back, what is ambiguous is refused, nothing explodes."""

import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from runner.strict_yaml import MAX_DEPTH, MAX_VALUES, read, write
from runner.strict_yaml.document import Mark
from runner.strict_yaml.reader import MAX_PROBLEMS

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
TRICKY = st.sampled_from(
    [
        "NO",
        "on",
        "y",
        "9:30",
        "16:00",
        "0700",
        "012",
        "1_000",
        "0x1F",
        "1e5",
        ".5",
        "-.5",
        "null",
        "~",
        "",
        "=",
        "<<",
        "2020-01-01",
        ".nan",
        ".inf",
        "true",
        "TRUE",
        " a",
        "a ",
        "a: b",
        "#",
        "a #b",
        "- a",
        "? a",
        "!x",
        "&x",
        "*x",
        "\t",
        "é",
        "%x",
        "@x",
        "`",
        "'",
        '"',
        "[",
        "{",
        ",",
        "\\",
        "---",
        "...",
        "1:2:3",
        "0o17",
        "+1",
        "0.",
        "1.e5",
        "\ufeff",
        "\x85",
        "\u2028",
        "😀",
    ],
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | TRICKY
)
KEYS = TEXT | TRICKY
VALUES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
    ),
    max_size=5,
)


def messages(text):
    return [str(fault) for fault in read(text, "f.yaml").faults]


@given(VALUES)
def test_what_is_written_is_read_back(value):
    """Writing and reading is the identity, types included, whatever the texts look like."""
    document = read(write(value), "f.yaml")

    assert repr(value) == repr(document.value)
    assert document.is_readable


@given(VALUES)
def test_what_is_written_means_the_same_to_a_yaml_1_1_reader(value):
    """PyYAML's own loader agrees on every text and key, so other tools can't misread a run directory."""
    loaded = yaml.safe_load(write(value))

    assert repr(texts(value)) == repr(texts(loaded))


def texts(value):
    """Return the value with numbers left out: PyYAML calls 1e-05 text, which this test isn't about."""
    if isinstance(value, dict):
        return {key: texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    is_number = isinstance(value, float) or (isinstance(value, str) and any(map(str.isdigit, value)) and "e" in value)
    return 0.0 if is_number else value


@given(st.text() | st.binary())
def test_no_text_raises(text):
    """Whatever the bytes are, the answer is a document, with a fault if it isn't readable."""
    document = read(text, "f.yaml")

    assert document.is_readable or document.faults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e5", 100_000.0),
        ("5e-6", 5e-6),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+3", 3),
        ("-0", 0),
        ("9223372036854775807", 2**63 - 1),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01 10:00:00", "2020-01-01 10:00:00"),
        ("09:30", "09:30"),
        ("nan", "nan"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("'9:30'", "9:30"),
        ('"ON"', "ON"),
        ("=", "="),
        ("y", "y"),
        ("N", "N"),
        ("a b", "a b"),
    ],
)
def test_a_plain_scalar_is_what_it_looks_like(text, value):
    """Numbers are numbers, `1e5` too; dates and words are text."""
    document = read(f"key: {text}\n", "f.yaml")

    assert document.faults == ()
    assert repr(value) == repr(document.value["key"])


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("ON", "true"),
        ("No", "false"),
        ("TRUE", "true"),
        ("NULL", "nothing"),
        ("9:30", "the number 570"),
        ("16:00", "the number 960"),
        ("1:30:00", "the number 5400"),
        ("0700", "the number 448 (octal)"),
        ("0900", "text"),
        ("1_000", "the number 1000"),
        ("0x1F", "the number 31"),
        ("0b11", "the number 3"),
    ],
)
def test_a_scalar_yaml_would_mangle_is_refused_and_kept_as_text(text, reads):
    """The fault says what YAML makes of it and how to quote it; the value stays what was written."""
    document = read(f"key: {text}\n", "f.yaml")

    assert len(document.faults) == 1
    assert document.faults[0].must == f"must be quoted, because YAML reads it as {reads}"
    assert "Quote it" in document.faults[0].write
    assert document.faults[0].source == "f.yaml:1:6"
    assert document.value == {"key": text}


@pytest.mark.parametrize("text", [".nan", ".inf", "-.INF", "1e999", "9223372036854775808", "1" * 5_000])
def test_a_number_no_run_can_use_is_refused(text):
    """NaN, infinity and what overflows never become values."""
    document = read(f"key: {text}\n", "f.yaml")

    assert len(document.faults) == 1
    assert document.value == {"key": text}


def test_the_names_n_and_y_are_text_as_the_readers_beside_this_one_have_it():
    """A parameter is often called n. PyYAML and OmegaConf read the four letters as text; written they are quoted for others."""
    text = "{n: y, y: N, N: Y}"
    there = {"n": "y", "y": "N", "N": "Y"}

    assert yaml.safe_load(text) == there
    assert OmegaConf.create(text) == there
    assert read(text, "f.yaml").value == there
    assert read(text, "f.yaml").faults == ()
    assert write({"n": "y"}) == '"n": "y"\n'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: f(x, 1), b: f(x, 1) > 2}", {"a": "f(x, 1)", "b": "f(x, 1) > 2"}),
        ("{a: {b: f(g(x, -1), h(y, k))}, c: 1}", {"a": {"b": "f(g(x, -1), h(y, k))"}, "c": 1}),
        ("{a: [{b: f(x, 1)}]}", {"a": [{"b": "f(x, 1)"}]}),
    ],
)
def test_a_value_that_commas_cut_in_braces_is_one_fault_and_kept_whole(text, value):
    """YAML ends a plain value at a comma, within parentheses too; the pieces are no keys to complain about."""
    document = read(text, "f.yaml")

    assert document.value == value
    assert {fault.must for fault in document.faults} == {"must be quoted, because in braces a comma ends the value"}
    assert len(document.faults) == text.count("f(")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: f(x, b: 1)}", {"a": "f(x", "b": "1)"}),
        ("{a: f(x, b, c: 1)}", {"a": "f(x", "b": None, "c": "1)"}),
        ("{a: f(x}", {"a": "f(x"}),
        ("{a: 'f(x', b}", {"a": "f(x", "b": None}),
        ("a: f(x, 1)", {"a": "f(x, 1)"}),
    ],
)
def test_what_no_comma_cut_is_left_alone(text, value):
    """Pieces are joined only where they close the parentheses and are nothing else: not keys of their own, not quoted."""
    document = read(text, "f.yaml")

    assert document.value == value
    assert document.faults == ()


def test_every_fault_is_found_at_once_in_the_order_of_the_text():
    """A file with several faults of different kinds reports all of them, each with its line and column."""
    text = "a: 9:30\nb: &x 1\nc: *x\nd: !!str 1\na: 2\n1: x\n_partial_: true\n<<: {}\nf: ${oc.env:HOME}\n"

    found = [(fault.where, fault.source) for fault in read(text, "f.yaml").faults]

    assert found == [
        ("a", "f.yaml:1:4"),
        ("b", "f.yaml:2:4"),
        ("c", "f.yaml:3:4"),
        ("d", "f.yaml:4:4"),
        ("a", "f.yaml:5:1"),
        ("1", "f.yaml:6:1"),
        ("_partial_", "f.yaml:7:1"),
        ("<<", "f.yaml:8:1"),
        ("f", "f.yaml:9:4"),
    ]


def test_a_duplicate_key_names_both_lines():
    """Two values for one limit is never a choice the reader makes."""
    assert messages("max: 1\nx: 2\nmax: 1000\n") == [
        "max: must stand only once, was in line 1 and again in line 3. Keep one of the two.  [f.yaml:3:1]",
    ]


@pytest.mark.parametrize(
    "value",
    ["${oc.env:KEY}", "'${ oc.env : KEY }'", "'x ${a.${oc.env:KEY}}'", "${env:KEY}", "|\n  ${oc.env:\n  KEY}"],
)
def test_environment_variables_are_never_read(value):
    """However it is spaced, nested or quoted, a value that asks for the environment is refused."""
    document = read(f"key: {value}\n", "f.yaml")

    assert [fault.must.split(",")[0] for fault in document.faults] == ["must not read environment variables"]


def test_marks_point_at_values_and_at_the_keys_of_containers():
    """An editor can jump to a value's first character, or to the key above a mapping."""
    document = read("a:\n  b:\n    - x\n    - 'y'\n  c:   5\n", "f.yaml")

    assert document.marks == {
        ("a",): Mark(1, 1),
        ("a", "b"): Mark(2, 3),
        ("a", "b", 0): Mark(3, 7),
        ("a", "b", 1): Mark(4, 7),
        ("a", "c"): Mark(5, 8),
    }


@pytest.mark.parametrize("text", ["\ufeffa: 1\r\nb: 2\r\n", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n"])
def test_a_byte_order_mark_and_windows_lines_are_nobodys_fault(text):
    """Editors add them; they mean nothing."""
    document = read(text, "f.yaml")

    assert document.faults == ()
    assert document.value == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "must"),
    [
        ("", "must hold at least one key"),
        ("# only a comment\n", "must hold at least one key"),
        ("- a\n", "must be a mapping at the top"),
        ("word\n", "must be a mapping at the top"),
        ("a: 1\n---\nb: 2\n", "must hold one document"),
        ("a:\n\t- x\n", "must be indented with spaces, and has a tab here"),
        ("a: b: c\n", "must have one `key: value` on a line"),
        ("a: [1,\n", "must close the bracket it opens here"),
        ("a: 'x\n", "must close the quote it opens here"),
        ("a: {b: 1\nc: 2\n", "must close the bracket it opens"),
        ("a:\n  b: 1\n c: 2\n", "must be indented like the lines above it"),
        ("a: 'it' s\n", "must end after its value"),
        ("a: |\n x\ny\n", "must be `key: value`"),
        ("a: @x\n", "must not begin a value with @"),
        ("a: |x\n", "must not begin a value with | or >"),
        ("a: *:\n", "must not begin a value with & or *"),
        ("a: ,x\n", "must have a value before the ,"),
        ("a: \x01\n", "must be printable text"),
        (b"a: \xff\n", "must be UTF-8 text"),
        ("a: 1\n".encode("utf-16"), "must be UTF-8 text"),
    ],
)
def test_a_text_that_is_no_mapping_is_one_fault(text, must):
    """What can't be read is said once, in words that name the mistake, and the document says it couldn't be read."""
    document = read(text, "f.yaml")

    assert [fault.must for fault in document.faults] == [must]
    assert not document.is_readable


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 200 + "]" * 200,
        "a: " + "{a: " * 200 + "1" + "}" * 200,
        "".join(f"{'  ' * depth}a:\n" for depth in range(200)),
        "a: x\n" * (10_000_000 // 5),
        b"a: " + b"x" * 10_000_000,
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)),
        "a: [" + "1, " * 300_000 + "]",
        "[" * 1_000_000,
    ],
)
def test_a_bomb_costs_no_more_than_any_other_text(text):
    """Deep, huge and self-multiplying texts are refused with bounded work: function calls, not seconds, are counted."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        document = read(text, "f.yaml")
    finally:
        sys.setprofile(None)

    assert document.faults
    assert calls < 3_000_000  # about what 20,000 values cost


def test_the_limits_themselves_are_allowed():
    """What is exactly as deep and as long as allowed is read."""
    deep = "a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    long = "a: [" + "1, " * (MAX_VALUES - 2) + "]"

    assert read(deep, "f.yaml").faults == ()
    assert read(long, "f.yaml").faults == ()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**63, {1: 2}, "\ud800", object()])
def test_what_yaml_cannot_hold_is_not_written(value):
    """A value that would come back different is refused by the writer."""
    with pytest.raises(ValueError, match=r"must be|can't hold"):
        write({"key": value} if not isinstance(value, dict) else value)


def test_half_a_character_is_refused():
    """An escape that leaves half of a surrogate pair would make a run directory nobody can write."""
    document = read('a: "\\ud800"\n', "f.yaml")

    assert [fault.must for fault in document.faults] == ["must be made of whole characters"]
    assert document.value == {"a": "?"}


def test_a_text_with_very_many_faults_is_given_up():
    """Hundreds of faults would hide the first; the last one says that more may follow."""
    document = read("".join(f"k{n}: ON\n" for n in range(100)), "f.yaml")

    assert len(document.faults) == MAX_PROBLEMS + 1
    assert document.faults[-1].must == "must be mended so far before the rest is read"
    assert not document.is_readable
