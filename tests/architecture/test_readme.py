"""The README's commands are run as a reader would run them, in order, in one empty folder.

A fenced block opened with ```` ```bash ```` is run; one opened with ```` ```bash no-run ```` is shown only. Of a block that
is run, each command that begins with `runner`, `python` or `make` counts (a line ending in a backslash goes on in the next).
`make` builds a whole environment and runs these very tests, so its commands are checked with `--dry-run` in the checkout.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

README = ROOT / "README.md"

FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)[ ]*$", re.MULTILINE | re.DOTALL)

COMMAND = re.compile(r"(?:[A-Z_]+=\S+ +)*(?P<program>runner|python3?|make)(?= |$)")
"""One of the programs that are run, perhaps after settings of the environment."""

FEWEST = 5
"""A README with fewer commands than this doesn't show what Runner does, or the search no longer finds them."""


def commands(text):
    """Return the commands a reader is told to run, in order."""
    blocks = [match["body"] for match in FENCE.finditer(text) if match["info"].split() == ["bash"]]
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if COMMAND.match(line)]


IN_README = commands(README.read_text("utf-8")) if README.is_file() else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One empty folder for all commands: a later one may use what an earlier one wrote."""
    return tmp_path_factory.mktemp("reader")


@pytest.fixture(scope="module")
def environment():
    """The reader's shell: the programs of this environment come first."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}


def test_there_are_commands_to_run():
    """A README without commands would make the test below pass by doing nothing."""
    assert len(IN_README) >= FEWEST, IN_README


@pytest.mark.parametrize("command", IN_README)
def test_every_command_works_as_written(command, folder, environment):
    """Each command ends well, without a traceback."""
    is_make = COMMAND.match(command)["program"] == "make"
    line, place = (f"{command.split('#')[0]} --dry-run", ROOT) if is_make else (command, folder)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        check=False,
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert "Traceback" not in done.stderr


EXAMPLE = r"""
```bash
make run
runner -m \
  slippage.bps=0,2.5   # two lanes
cd elsewhere
PYTHON=python3.12 make test
```

```bash no-run
runner mode=live
```

```yaml
runner: x
```

````bash
python -c 'print(1)'
````
"""


def test_the_search_reads_what_it_should():
    """Blocks of other languages, blocks marked no-run and other programs are left out; continued lines are joined."""
    assert commands(EXAMPLE) == [
        "make run",
        "runner -m    slippage.bps=0,2.5   # two lanes",
        "PYTHON=python3.12 make test",
        "python -c 'print(1)'",
    ]
