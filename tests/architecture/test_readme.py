"""The README is true: its commands and programs are run as a reader would run them, in order, in one empty folder.

A fenced block opened with ```` ```bash ```` or ```` ```python ```` is run as a whole; with ```` ```bash no-run ```` it is shown
only. `make` builds a whole environment and runs these very tests, so its commands are asked with `--dry-run`, in the checkout,
whether they know what to do. Blocks and tables that quote shipped configuration are compared with it.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.architecture.shipped import CROSS_CUTTING, groups, options
from tests.architecture.source_tree import ROOT
from tests.command import shell_command

FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)[ ]*$", re.MULTILINE | re.DOTALL)

COMMAND = re.compile(r"^(?P<settings>(?:[A-Z_]+=\S+ +)*)(?P<program>runner|python3?|make)(?= |$)", re.MULTILINE)
"""A line that begins with one of these programs, perhaps after settings of the environment."""

FEWEST = 5
"""A README with fewer commands than this doesn't show what Runner does, or the search no longer finds them."""


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    body: str

    def __str__(self):
        return f"{self.language}: {self.body.strip().splitlines()[0]}"

    def program(self):
        """Return the words that run the block."""
        if self.language == "python":
            return [sys.executable, "-W", "error", "-c", self.body]
        return ["bash", "-euxo", "pipefail", "-c", COMMAND.sub(_without_making, self.body)]


def blocks(text, *languages):
    """Return the fenced blocks whose opening says one of these languages and nothing more."""
    found = ((match["info"].split(), match["body"]) for match in FENCE.finditer(text))
    return [Block(info[0], body) for info, body in found if len(info) == 1 and info[0] in languages]


def _without_making(match):
    dry = f"make --directory '{ROOT}' --dry-run" if match["program"] == "make" else match["program"]
    return f"{match['settings']}{dry}"


README = (ROOT / "README.md").read_text("utf-8")
RUNNABLE = blocks(README, "bash", "python")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One empty folder for all blocks: a later one may use what an earlier one wrote."""
    return tmp_path_factory.mktemp("reader")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The reader's shell: the programs of this environment come first, and before them a `runner` that is imported already."""
    programs = tmp_path_factory.mktemp("programs")
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    usual = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return usual | shell_command(programs) | {"PATH": path}


def test_there_are_commands_to_run():
    """A README without commands would make the test below pass by doing nothing."""
    commands = [match[0] for block in RUNNABLE if block.language == "bash" for match in COMMAND.finditer(block.body)]

    assert len(commands) >= FEWEST, commands


@pytest.mark.parametrize("block", RUNNABLE, ids=str)
def test_every_block_works_as_written(block, folder, environment):
    """Each command of the block ends well, without a traceback."""
    done = subprocess.run(
        block.program(), check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )

    assert done.returncode == 0, f"{block.body}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("block", [each for each in blocks(README, "yaml") if each.body.startswith("# conf/")], ids=str)
def test_quoted_files_say_what_the_shipped_ones_say(block):
    """A YAML block that begins with the path of a shipped file holds the same values."""
    path = block.body.splitlines()[0].removeprefix("#").strip()

    assert yaml.safe_load((ROOT / path).read_text("utf-8")) == yaml.safe_load(block.body)


@pytest.mark.parametrize("group", sorted(set(groups()) - CROSS_CUTTING))
def test_the_table_of_groups_lists_the_options(group):
    """The row of a group names its options, all of them and no other."""
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{group}` |")]

    assert sorted(re.findall(r"`(\w+)`", row.split("|")[2])) == options(group)


def chapter(heading):
    """Return what stands under a second-level heading."""
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("group", ["order", "exits", "fill", "slippage", "fees", "financing", "sizing", "risk", "scenario"])
def test_the_chapter_on_trading_speaks_of_every_option(group):
    """Whoever reads it has heard of each order, exit, clock, cost, size, limit and mishap there is."""
    said = set(re.findall(r"`(\w+)`", chapter("Orders, fills, costs, risk")))

    assert f"`{group}`" in chapter("Orders, fills, costs, risk")
    assert [option for option in options(group) if option not in said] == []


EXAMPLE = r"""
```bash
make run   # first
runner -m \
  slippage.bps=0,2.5
cat > runner.yaml <<'END'
x: 1
END
PYTHON=python3.12 make test
```

```bash no-run
runner mode=live
```

````python
print(1)
````
"""


def test_the_search_reads_what_it_should():
    """Blocks marked no-run are left out, and `make` does nothing but say what it would do."""
    found = blocks(EXAMPLE, "bash", "python")

    assert [block.language for block in found] == ["bash", "python"]
    assert [match["program"] for match in COMMAND.finditer(found[0].body)] == ["make", "runner", "make"]
    assert f"\nPYTHON=python3.12 make --directory '{ROOT}' --dry-run test\n" in found[0].program()[-1]
