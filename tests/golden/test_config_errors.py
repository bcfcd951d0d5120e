"""Every way we know to get a configuration wrong, and the whole message that follows.

Each file of `configs/cases` is one mistake: what it is (`#`), the words typed after `runner` (`$`, one a line), the files
in the working directory (`--- conf/…`; `--- escaped conf/…` for bytes that can't be typed, as Python writes them) and,
after `--- says`, the message in full. The rest of the configuration is `configs/conf`.

A message that is meant to change: run this file with Python, then read the difference as a quant would.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from runner.compose import Composed, compose
from runner.compose.validate import faults_of
from runner.errors import ConfigError, Fault
from tests.golden.toy_kinds import ToyKinds

HERE = Path(__file__).parent / "configs"
CASES = sorted((HERE / "cases").glob("*.txt"))

FURTHER_FAULTS: tuple[Callable[[Composed], Iterable[Fault]], ...] = ()
"""Checks of later stages, e.g. of expressions, whose faults are reported together with these."""


@dataclass(frozen=True)
class Case:
    comment: str
    words: tuple[str, ...]
    files: dict[str, bytes]
    says: str


def read_case(path):
    head, *sections = ("\n" + path.read_text("utf-8")).split("\n--- ")
    lines = head.strip().splitlines()
    parts = dict(section.partition("\n")[::2] for section in sections)
    says = parts.pop("says", "").rstrip("\n")
    files = {}
    for name, text in parts.items():
        is_escaped = name.startswith("escaped ")
        data = (
            text.rstrip("\n").encode("latin-1").decode("unicode_escape").encode("latin-1")
            if is_escaped
            else f"{text}\n".encode()
        )
        files[name.removeprefix("escaped ")] = data
    words = tuple(line[2:] for line in lines if line.startswith("$ "))
    return Case("\n".join(line for line in lines if not line.startswith("$ ")), words, files, says)


def message(case, folder, further=FURTHER_FAULTS):
    """Return what a user is told; the folder stands for the working directory."""
    for name, data in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    options = [word.partition("=")[::2] for word in case.words if word.startswith("--config-")]
    try:
        composed = compose(
            [word for word in case.words if not word.startswith("--config-")],
            config_name=next((value for name, value in options if name == "--config-name"), "config"),
            config_dirs=[Path(value) for name, value in options if name == "--config-dir"],
            working_directory=folder,
            packaged=HERE / "conf",
            kinds=ToyKinds(),
        )
    except ConfigError as error:
        return str(error)
    faults = [*composed.faults, *(fault for check in further for fault in check(composed))]
    faults += faults_of(composed.values, kinds=ToyKinds(), origins=composed.origins, said=composed.said, gaps=composed.gaps)
    return str(ConfigError(faults)) if faults else "no fault"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_message_tells_where_what_and_how(path, tmp_path):
    """A broken configuration is answered with exactly this text: every fault, its place, its remedy, no traceback."""
    case = read_case(path)

    assert case.says == message(case, tmp_path)


def test_the_configuration_the_corpus_breaks_is_sound(tmp_path):
    """Without a mistake there is no fault, so each message above comes from its mistake alone."""
    assert message(Case("", (), {}, ""), tmp_path) == "no fault"


def test_the_corpus_is_there():
    """A glob that finds nothing would pass every test."""
    assert len(CASES) >= 45


def test_faults_of_later_stages_are_reported_in_the_same_message(tmp_path):
    """What another check finds in the composed values is sorted in among the rest."""
    case = Case("", ("capital=-1",), {}, "")

    text = message(case, tmp_path, [lambda composed: [Fault(f"{composed.values['name']}.x", "must be checked too")]])

    assert text.splitlines()[0] == "The configuration is not valid (2 faults)"
    assert text.splitlines()[2] == "  corpus.x: must be checked too."


def rewrite():
    """Write every message anew, for review."""
    for path in CASES:
        case = read_case(path)
        with TemporaryDirectory() as folder:
            says = message(case, Path(folder))
        head = path.read_text("utf-8").partition("--- says")[0]
        path.write_text(f"{head}--- says\n{says}\n", "utf-8")


if __name__ == "__main__":
    rewrite()
