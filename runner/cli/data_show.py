"""`runner data show [OVERRIDES]`: draw the data on a page of their own and print its path."""

from datetime import UTC, datetime

from rich.text import Text

from runner.archive.directory import new_folder
from runner.archive.files import write_text
from runner.cli.data_spec import data_spec
from runner.report.data_page import DataPage, render_data
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Write `<runs>/data/<UTC stamp>/data.html`, in a folder no one else writes to, and print its path last."""
    with Bar(SafeConsole(stderr=True)) as bar:
        found = data_spec(words)
        bar.stage("reading data")
        market = found.load()
        bar.stage("drawing")
        page = render_data(DataPage(found.spec, market))
        folder = new_folder(found.runs / "data", f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        write_text(folder / "data.html", page)
    SafeConsole().print(Text(str(folder / "data.html")), soft_wrap=True)
    return 0
