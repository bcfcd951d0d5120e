"""The ledger: a chain that tells what was changed, and that any death of a process leaves readable."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RunError
from runner.sweeps.ledger import Entry, Ledger

DATA = "00112233445566ff"


def entry(number):
    """Return an entry told by its number."""
    return Entry(f"{number:032x}.parquet", f"{number:064x}", number + 1, number)


def written(folder, count):
    """Return the ledger of a folder with so many lines, as its writer has it."""
    ledger = Ledger(Path(folder) / "ledger.jsonl", DATA)
    ledger.append(lambda _: [entry(number) for number in range(count)])
    return ledger


def reread(ledger):
    """Return the segments that somebody else reads."""
    other = Ledger(ledger.path, DATA)
    other.read()
    return [line.segment for line in other.lines]


def names(count):
    """Return the segments of the first entries."""
    return [entry(number).segment for number in range(count)]


def test_a_line_is_what_the_docstring_says(tmp_path):
    """Hashed by hand: canonical JSON of what the line says and of the hash before, the first one's of the data digest."""
    lines = written(tmp_path, 2).path.read_text().splitlines()

    previous = hashlib.sha256(DATA.encode()).hexdigest()
    for number, line in enumerate(lines):
        said = {
            "previous": previous,
            "segment": f"{number:032x}.parquet",
            "sha256": f"{number:064x}",
            "specs": number,
            "trials": number + 1,
        }
        previous = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        assert json.loads(line) == {**said, "hash": previous}


def test_what_was_counted_is_the_sum_over_the_lines(tmp_path):
    """Trials and specs."""
    ledger = written(tmp_path, 4)

    assert (ledger.trials, ledger.specs) == (1 + 2 + 3 + 4, 0 + 1 + 2 + 3)


def test_nobody_has_written_anything_yet(tmp_path):
    """A ledger that isn't there is an empty one, and reading doesn't make it."""
    ledger = Ledger(tmp_path / "ledger.jsonl", DATA)

    assert list(ledger.read()) == []
    assert list(tmp_path.iterdir()) == []


@given(count=st.integers(1, 4), data=st.data())
def test_a_changed_byte_is_found_at_its_line(tmp_path_factory, count, data):
    """Whichever byte it is: the first line that is wrong is named, and those before it count."""
    ledger = written(tmp_path_factory.mktemp("ledger"), count)
    content = bytearray(ledger.path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 2), "place")  # without its last line's end a ledger is only unfinished
    content[at] = data.draw(st.integers(0, 255).filter(lambda value: value != content[at]), "byte")
    ledger.path.write_bytes(content)
    number = ledger_line_of(count, at, ledger)

    other = Ledger(ledger.path, DATA)
    with pytest.raises(RunError, match=rf"ledger\.jsonl:{number}: must"):
        other.read()
    assert [line.segment for line in other.lines] == names(number - 1)


def ledger_line_of(count, at, ledger):
    """Return the line, from 1, that a byte of a ledger belongs to, by the lengths its writer knows."""
    ends = [
        len(
            json.dumps(
                {
                    "hash": line.hash,
                    "previous": line.previous,
                    "segment": line.segment,
                    "sha256": line.sha256,
                    "specs": line.specs,
                    "trials": line.trials,
                },
                separators=(",", ":"),
            )
        )
        + 1
        for line in ledger.lines
    ]
    return next(number for number in range(1, count + 1) if at < sum(ends[:number]))


@pytest.mark.parametrize("change", ["drop", "swap", "double"])
def test_lines_that_are_sound_by_themselves_must_follow_each_other(tmp_path, change):
    """Leaving one out, exchanging two or repeating one breaks the chain at the next."""
    ledger = written(tmp_path, 4)
    a, b, c, d = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(b"".join({"drop": [a, c, d], "swap": [a, c, b, d], "double": [a, a, b, c, d]}[change]))

    with pytest.raises(RunError, match=r"ledger\.jsonl:2: must follow from the line before it"):
        Ledger(ledger.path, DATA).read()


def test_a_ledger_of_other_data_is_refused(tmp_path):
    """Its first line follows from the data it is about."""
    ledger = written(tmp_path, 1)

    with pytest.raises(RunError, match=r"ledger\.jsonl:1: must follow"):
        Ledger(ledger.path, "ff" * 8).read()


@given(count=st.integers(0, 3), more=st.integers(0, 3), data=st.data())
def test_wherever_writing_stops_the_chain_reads_and_goes_on(tmp_path_factory, count, more, data):
    """Cut after any byte: whole lines count, the rest is no line, and the next line takes its place."""
    ledger = written(tmp_path_factory.mktemp("ledger"), count)
    content = ledger.path.read_bytes()
    cut = content[: data.draw(st.integers(0, len(content)), "length")] + b"\0" * data.draw(
        st.sampled_from([0, 1, 5_000]), "zeros"
    )
    ledger.path.write_bytes(cut)
    whole = cut.count(b"\n")

    assert reread(ledger) == names(whole)
    Ledger(ledger.path, DATA).append(lambda _: [entry(whole + place) for place in range(more)])
    assert reread(ledger) == names(whole + more)
    rest = ledger.path.read_bytes().split(b"\n")
    assert (len(rest) - 1, rest[-1]) == (whole + more, b"")


def test_a_writer_sees_what_others_added_since(tmp_path):
    """Both write, each after the other's lines, and each is handed those it hasn't seen."""
    one, seen = written(tmp_path, 1), []
    Ledger(one.path, DATA).append(lambda _: [entry(1)])

    one.append(lambda fresh: seen.extend(line.segment for line in fresh) or [entry(2)])

    assert seen == [entry(1).segment]
    assert reread(one) == names(3)


def test_a_ledger_that_lost_lines_while_it_was_open_is_refused(tmp_path):
    """Writing on would leave a hole."""
    ledger = written(tmp_path, 2)
    ledger.path.write_bytes(b"")

    with pytest.raises(RunError, match="must not lose lines"):
        ledger.append(lambda _: [entry(2)])
    assert ledger.path.read_bytes() == b""


def test_a_writer_that_breaks_off_keeps_the_lines_it_made(tmp_path):
    """What makes the entries may fail: the lines before stand, and another may write."""
    ledger = written(tmp_path, 0)

    def broken(_):
        yield entry(0)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        ledger.append(broken)
    Ledger(ledger.path, DATA).append(lambda _: [entry(1)])

    assert reread(ledger) == names(2)


def test_eight_threads_write_one_chain(tmp_path):
    """Each with a ledger of its own, as processes have: no line is lost, and the chain is sound."""

    def write(number):
        Ledger(tmp_path / "ledger.jsonl", DATA).append(lambda _: [entry(number)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(64)))

    assert sorted(reread(Ledger(tmp_path / "ledger.jsonl", DATA))) == names(64)
