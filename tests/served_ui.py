"""The page of this machine, served for a test from a folder of runs, and folders of runs that were never run."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner.archive.segments import write_typed_table
from runner.ui.edited import Editor
from runner.ui.entries import Entries
from runner.ui.guard import Guard
from runner.ui.keys import Keys, draw_keys
from runner.ui.launching import Launcher
from runner.ui.server import Server
from runner.ui.site import Site

METRICS = {"total_return": 0.25, "sharpe": 1.5, "max_drawdown": -0.1, "trades": 12, "years": 3.0, "sessions": 756}


@dataclass(frozen=True)
class Served:
    """A page that is being served."""

    port: int
    keys: Keys
    runs: Path
    launcher: Launcher

    @property
    def base(self):
        """The address without the token."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self):
        """The address that lets a browser in."""
        return f"{self.base}/#{self.keys.token}"

    @property
    def cookie(self):
        """The header of a browser that was let in."""
        return {"Cookie": f"runner-{self.port}={self.keys.cookie}"}


@contextmanager
def served(runs, working_directory=None):
    """Serve a folder of runs on a free port."""
    here, keys = Path(working_directory or runs), draw_keys()
    launcher = Launcher(Path(runs), here)
    with Server(0) as server:
        server.answer = Site(Guard(keys, server.port), Entries(Path(runs)), launcher, Editor(here), here).answer
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Served(server.port, keys, Path(runs), launcher)
        finally:
            server.shutdown()
            thread.join()


def made_run(runs, name="pressure", stamp="20260105T143000Z-0123abcd", *, metrics=None, spec="", **manifest):
    """Write the folder of a run that was never run, and return it."""
    folder = Path(runs) / name / stamp
    folder.mkdir(parents=True)
    told = {
        "format": 1,
        "status": "DONE",
        "name": name,
        "created": "2026-01-05T14:30:00.000+00:00",
        "finished": None,
        "mode": "backtest",
        "engine": "native",
        "spec_hash": "0" * 64,
        "result_digest": None,
        "remarks": [],
        "error": None,
    }
    (folder / "manifest.json").write_text(json.dumps({**told, **manifest}))
    (folder / "metrics.json").write_text(json.dumps(METRICS if metrics is None else metrics))
    (folder / "spec.yaml").write_text(spec or f"name: {json.dumps(name)}\nseed: 0\n")
    return folder


def made_sweep(runs, columns, name="pressure", stamp="20260105T150000Z-sweep-0123abcd", **facts):
    """Write the folder of a sweep that was never run, with a table of its lanes, and return it."""
    folder = Path(runs) / name / stamp
    folder.mkdir(parents=True)
    told = {"format": 1, "status": "DONE", "started": "2026-01-05T15:00:00+00:00", "lanes": len(columns["lane"])}
    (folder / "sweep.json").write_text(json.dumps({**told, **facts}))
    write_typed_table(folder / "trials.parquet", columns)
    return folder


def lanes(axes, *, status=None, error=None, **metrics):
    """Return the columns of a table of lanes."""
    count = len(next(iter(axes.values())))
    return {
        "lane": list(range(1, count + 1)),
        **axes,
        "trial": [f"{number:016x}" for number in range(count)],
        "status": status or ["DONE"] * count,
        "error": error or [""] * count,
        "digest": ["d" * 16] * count,
        **metrics,
    }
