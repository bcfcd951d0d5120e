"""How long a user waits: the command line, a composed configuration, a whole default run; each in a process of its own.

    python benchmarks/startup.py [--repeats 5]

Every command runs once to warm the disk and the compiler's cache, then `--repeats` times; the table shows the median of wall
seconds and its ratio to `python -c "import hydra"`, which any Hydra application pays, with `import backtrader` beside it.
Needs Runner installed with the extras `sample` and `backtrader`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNNER = str(Path(sys.executable).parent / "runner")
REFERENCE = "import hydra"

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import hydra": [sys.executable, "-c", "import hydra"],
    "import backtrader": [sys.executable, "-W", "ignore", "-c", "import backtrader"],
    "import runner": [sys.executable, "-c", "import runner"],
    "runner --help": [RUNNER, "--help"],
    "runner --cfg job": [RUNNER, "--cfg", "job"],
    "runner (default run)": [RUNNER],
}


def seconds(command: list[str], folder: str) -> float:
    """Return the wall seconds of one child process; fail with its own words if it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return took


def measure(repeats: int) -> dict[str, float]:
    """Return the median seconds of every command; rounds alternate, so that a busy moment hits all of them alike."""
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS.values():
            seconds(command, folder)
        rounds = [{name: seconds(command, folder) for name, command in COMMANDS.items()} for _ in range(repeats)]
    return {name: statistics.median(taken[name] for taken in rounds) for name in COMMANDS}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each command (default 5)")
    medians = measure(parser.parse_args().repeats)
    print(f"{'command':24}{'seconds':>9}{'x hydra':>9}")
    for name, median in medians.items():
        print(f"{name:24}{median:9.3f}{median / medians[REFERENCE]:9.2f}")


if __name__ == "__main__":
    main()
