"""The trial store: what goes in comes out, whatever becomes of the process or of the files."""

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RunError
from runner.sweeps.kept_specs import base_of
from runner.sweeps.store import TrialStore, Tried
from tests.tried_trials import BASE, SESSIONS, figures, returns_of, strategy, trial, tried

DATA = "00112233445566ff"
NUMBERS = st.integers(0, 30)


def segments_of(store):
    """Return the files of a store."""
    return sorted((store.folder / "segments").iterdir())


def is_as_tried(known, names):
    """Return whether what is known of trials is what `tried` made them."""
    results = known.results
    rows = [figures(name) for name in results.trial]
    return (
        [names[place] for place in results.number] == list(results.trial)
        and [results.metrics[name] for name in ("sharpe", "trades", "start")]
        == [list(cells) for cells in zip(*rows, strict=True)]
        and list(results.digest) == list(results.trial)
        and results.returns.tolist() == [returns_of(name) for name in results.trial]
    )


@given(
    appends=st.lists(st.lists(NUMBERS, max_size=8), max_size=6), asked=st.lists(NUMBERS, max_size=20), cut=st.integers(0, 6)
)
def test_what_was_stored_is_known_to_whoever_asks(tmp_path_factory, appends, asked, cut):
    """Any trials in any appends by two writers: every one that was stored is found once per place it is asked for."""
    runs = tmp_path_factory.mktemp("runs")
    one, other = TrialStore.open(runs, DATA), TrialStore.open(runs, DATA)
    for place, numbers in enumerate(appends):
        (one if place < cut else other).append(tried([trial(number) for number in numbers]))
    one.refresh()
    names = [trial(number) for number in asked]
    stored = {trial(number) for numbers in appends for number in numbers}

    for store in (one, TrialStore.open(runs, DATA)):
        known = store.known(names)
        assert [names[place] for place in known.results.number] == [name for name in names if name in stored]
        assert not known.results.number.size or is_as_tried(known, names)
        assert store.is_known(names).tolist() == [name in stored for name in names]
        assert (store.trials_counted, store.specs_counted, store.told) == (len(stored), len(stored), ())


def test_cells_keep_their_types_and_bits_across_segments(tmp_path):
    """Whole numbers stay whole, floats keep every bit, texts and None stay what they are, whatever another segment holds."""
    store = TrialStore.open(tmp_path, DATA)
    first, second = trial(1), trial(2)
    for name, metrics in (
        (first, {"a": [None], "n": [7], "x": [0.1 + 0.2], "start": ["2020-01-01"]}),
        (second, {"a": [1.5], "n": [None], "x": [5e-324], "end": ["2021-01-01"]}),
    ):
        one = tried([name])
        results = type(one.results)(**{**fields_of(one.results), "metrics": metrics})
        store.append(Tried(**{**fields_of(one), "results": results}))

    metrics = store.known([second, first]).results.metrics
    assert {name: list(cells) for name, cells in metrics.items()} == {
        "a": [1.5, None],
        "n": [None, 7],
        "x": [5e-324, 0.1 + 0.2],
        "start": [None, "2020-01-01"],
        "end": ["2021-01-01", None],
    }
    assert [type(cell) for cell in metrics["n"]] == [type(None), int]


def fields_of(value):
    """Return the fields of a dataclass."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_returns_are_kept_of_those_that_were_chosen(tmp_path):
    """The others are known without them, and say so; who doesn't ask for returns isn't given any."""
    store, names = TrialStore.open(tmp_path, DATA), [trial(number) for number in range(4)]
    kept = np.array([True, False, True, True])
    store.append(Tried(**{**fields_of(tried(names, failed=names[3:])), "keeps_returns": kept}))

    known = store.known(names)

    assert known.has_returns.tolist() == [True, False, True, False]
    assert known.results.returns[known.has_returns].tolist() == [returns_of(names[0]), returns_of(names[2])]
    assert np.isnan(known.results.returns[~known.has_returns]).all()
    assert store.known(names, with_returns=False).results.returns.shape == (4, 0)
    places, returns = store.returns(names[::-1])
    assert (places.tolist(), returns.tolist()) == ([1, 3], [returns_of(names[2]), returns_of(names[0])])
    assert store.returns(names[1:2])[1].size == 0
    assert known.results.returns.shape[1] == SESSIONS


def test_a_failed_trial_is_known_while_the_store_is_open_and_tried_again_after(tmp_path):
    """So a lasting fault isn't run in circles, and one that was mended isn't kept; both count as one trial."""
    name = trial(1)
    store, early = TrialStore.open(tmp_path, DATA), TrialStore.open(tmp_path, DATA)
    store.append(tried([name], failed=[name]))
    early.refresh()
    later = TrialStore.open(tmp_path, DATA)

    assert [each.is_known([name]).tolist() for each in (store, early, later)] == [[True], [True], [False]]
    assert list(store.known([name]).results.error) == [f"broke {name}"]
    later.append(tried([name]))
    store.refresh()
    assert [list(each.known([name]).results.status) for each in (store, later)] == [["DONE"], ["DONE"]]
    assert (later.trials_counted, store.trials_counted) == (1, 1)


def test_lanes_without_a_trial_are_passed_over(tmp_path):
    """A lane that couldn't be made is nobody's trial; a segment of nothing isn't written."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried(["", trial(3), ""]))
    store.append(tried(["", ""]))

    assert is_as_tried(store.known([trial(3)]), [trial(3)])
    assert (len(segments_of(store)), store.trials_counted) == (1, 1)


def test_the_same_strategy_under_a_new_name_is_a_new_trial_of_a_known_one(tmp_path):
    """Newer code makes a new trial; the strategies that were ever tried stay what they are, whatever hash their specs have."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried([trial(1), trial(2)]))
    again = tried([trial(3)])
    store.append(Tried(**{**fields_of(again), "strategy": [strategy(trial(1))]}))

    assert (store.trials_counted, store.specs_counted) == (3, 2)


def test_two_results_of_one_trial_are_told_and_the_first_counts(tmp_path):
    """Equal ones are nothing to speak of."""
    store, name = TrialStore.open(tmp_path, DATA), trial(1)
    store.append(tried([name]))
    store.append(tried([name], start=6))
    assert store.told == ()

    store.append(tried([name], digest="ab" * 8))

    assert [fault.where for fault in store.told] == [f"trial {name}"]
    assert list(store.known([name]).results.digest) == [name]
    assert [fault.where for fault in TrialStore.open(tmp_path, DATA).told] == [f"trial {name}"]


@given(length=st.floats(0, 1, exclude_max=True), listed=st.booleans(), flip=st.booleans())
def test_a_torn_segment_is_told_and_its_trials_are_not_known(tmp_path_factory, length, listed, flip):
    """Cut at any length or changed in one byte, with a line in the ledger or without: never trusted, never touched."""
    runs = tmp_path_factory.mktemp("runs")
    store = TrialStore.open(runs, DATA)
    store.append(tried([trial(1)]))
    store.append(tried([trial(2)]))
    second = store._segments[1]
    path = store.folder / "segments" / second
    content = path.read_bytes()
    at = int(length * len(content))
    torn = content[:at] + (bytes([content[at] ^ 1]) + content[at + 1 :] if flip else b"")
    path.write_bytes(torn)
    if not listed:
        ledger = store.folder / "ledger.jsonl"
        ledger.write_bytes(ledger.read_bytes().splitlines(keepends=True)[0])
        (runs / ".anchors" / DATA).unlink()  # its writer died before it had its line

    later = TrialStore.open(runs, DATA)

    assert later.is_known([trial(1), trial(2)]).tolist() == [True, False]
    assert [fault.where for fault in later.told] == [str(path)]
    assert later.trials_counted == (2 if listed else 1)
    later.append(tried([trial(3)]))
    assert path.read_bytes() == torn
    assert [fault.where for fault in TrialStore.open(runs, DATA).told] == [str(path)]


@pytest.mark.parametrize("name", ["notes.txt", "0" * 32 + ".parquet", ".DS_Store"])
def test_foreign_files_are_told_and_left(tmp_path, name):
    """They are no segments, whatever they are called."""
    store = TrialStore.open(tmp_path, DATA)
    (store.folder / "segments" / name).write_text("mine")

    store.append(tried([trial(1)]))

    assert [fault.where for fault in store.told] == [str(store.folder / "segments" / name)]
    assert TrialStore.open(tmp_path, DATA).trials_counted == 1
    assert (store.folder / "segments" / name).read_text() == "mine"


def test_a_missing_segment_is_told_and_its_trials_stay_counted(tmp_path):
    """The ledger remembers that they were tried."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried([trial(1), trial(2)]))
    segments_of(store)[0].unlink()

    later = TrialStore.open(tmp_path, DATA)

    assert (later.trials_counted, later.is_known([trial(1)]).tolist()) == (2, [False])
    assert "was missing" in str(later.told[0])


def test_a_segment_without_a_line_gets_one(tmp_path):
    """Whether its writer died before or after others wrote theirs, it is known and counted once."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried([trial(1), trial(2)]))
    aside = tmp_path / "aside"
    aside.mkdir()
    other = TrialStore.open(aside, DATA)
    other.append(tried([trial(2), trial(3)]))
    shutil.copy(segments_of(other)[0], store.folder / "segments")

    reader, opened = TrialStore(store.folder), TrialStore.open(tmp_path, DATA)

    assert (reader.trials_counted, opened.trials_counted) == (2, 3)
    assert is_as_tried(opened.known([trial(3)]), [trial(3)])
    store.append(tried([trial(4)]))
    assert store.is_known([trial(3)]).all()
    assert TrialStore.open(tmp_path, DATA).trials_counted == 4


def test_a_segment_without_a_line_is_found_in_a_long_ledger_too(tmp_path):
    """By whoever has the store open, after one more line for each sixteen that there are."""
    store = TrialStore.open(tmp_path, DATA)
    for number in range(40):
        store.append(tried([trial(number)]))
    (tmp_path / "aside").mkdir()
    other = TrialStore.open(tmp_path / "aside", DATA)
    other.append(tried([trial(100)]))
    shutil.copy(segments_of(other)[0], store.folder / "segments")

    for number in range(40, 43):
        store.append(tried([trial(number)]))

    assert store.trials_counted == 44
    assert store.is_known([trial(100)]).all()


def test_what_killed_writers_left_unfinished_is_swept_out(tmp_path):
    """Unless somebody is writing, whose file it may be."""
    store = TrialStore.open(tmp_path, DATA)
    left = store.folder / "segments" / ".x.parquet.77.tmp"
    left.write_bytes(b"half")

    TrialStore.open(tmp_path, DATA)

    assert not left.exists()


def test_a_broken_ledger_stops_whoever_opens_it(tmp_path):
    """What can't be verified isn't counted on."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried([trial(1)]))
    path = store.folder / "ledger.jsonl"
    path.write_text(path.read_text().replace('"trials":1', '"trials":2'))

    with pytest.raises(RunError, match=r"ledger\.jsonl:1: must be as it was written"):
        TrialStore.open(tmp_path, DATA)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """In the words of all run folders."""
    (tmp_path / "runs").write_text("a file")

    with pytest.raises(RunError, match="must be a folder that can be written"):
        TrialStore.open(tmp_path / "runs", DATA)


def test_threads_share_a_store(tmp_path):
    """Eight of them add to one, and nothing is lost or counted twice."""
    store, names = TrialStore.open(tmp_path, DATA), [trial(number) for number in range(64)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda place: store.append(tried(names[place : place + 6])), range(0, 64, 4)))

    assert is_as_tried(store.known(names), names)
    assert store.trials_counted == 64
    assert TrialStore.open(tmp_path, DATA).trials_counted == 64


def test_one_trial_is_found_with_its_spec(tmp_path):
    """By its first digits; the spec is the base's with the sections of its own, held against its hash."""
    base = base_of(['"fees":{"bps":1.0}', '"seed":0'])
    hashed = hashlib.sha256(b'{"fees":{"bps":1.0},"seed":3}').hexdigest()
    one = Tried(
        **{
            **fields_of(tried([trial(8)])),
            "spec_hash": [hashed],
            "changes": [base.changes(['"fees":{"bps":1.0}', '"seed":3'])],
            "base": base,
        }
    )
    store = TrialStore.open(tmp_path, DATA)
    store.append(one)
    store.append(tried([trial(9)]))

    found = TrialStore(store.folder).found(trial(8))

    assert found.spec == {"fees": {"bps": 1.0}, "seed": 3}
    assert (found.start, found.status, found.data_digest) == (5, "DONE", DATA)
    assert tuple(found.metrics[name] for name in ("sharpe", "trades", "start")) == figures(trial(8))
    assert one.changes == ['{"seed":3}']


@given(numbers=st.lists(st.integers(0, 2**64 - 1), max_size=8), prefix=st.text("0123456789abcdef", min_size=1, max_size=16))
def test_prefixes_find_all_that_begin_so(tmp_path_factory, numbers, prefix):
    """As comparing texts does."""
    names = [f"{number:016x}" for number in numbers]
    names += [prefix.ljust(16, "0"), prefix.ljust(16, "f")]
    store = TrialStore.open(tmp_path_factory.mktemp("runs"), DATA)
    store.append(tried(names))

    assert store.matching(prefix) == sorted({name for name in names if name.startswith(prefix)})
    assert len(store.matching("")) == len(set(names))


def test_a_spec_that_does_not_come_to_its_hash_is_refused(tmp_path):
    """A base or changes of another spec would make another run."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried([trial(1)]))

    with pytest.raises(RunError, match="must come to the spec"):
        store.found(trial(1))
    (store.folder / "bases" / f"{BASE.name}.json").write_text("{}")
    with pytest.raises(RunError, match="must have the SHA-256 it is named by"):
        store.found(trial(1))
