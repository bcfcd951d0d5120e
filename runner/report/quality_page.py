"""What the quality gate saw and did, stream by stream: a row per check, a row per symbol, and what was left out."""

import re
from collections.abc import Mapping
from typing import Any

from runner.report.markup import facts, section, table, worded
from runner.report.wording import count, plain
from runner.spec.quality import Quality

__all__ = ["quality_section", "stream_quality"]

MOST_SYMBOLS = 30
MOST_NAMED = 5
"""Symbols that a check names."""


def quality_section(quality: Mapping[str, Any]) -> str:
    """Return the section as finished HTML; what isn't a stream's report is shown as it is."""
    streams = {name: report for name, report in quality.items() if _is_stream(report)}
    rest = {name: report for name, report in quality.items() if name not in streams}
    parts = [part for name, report in streams.items() for part in stream_quality(name, report)]
    parts += facts("Data quality", rest, write=plain) if rest else []
    return section("Data quality", *(parts or ["<p>No data-quality report was given.</p>"]))


def _is_stream(report: object) -> bool:
    if not isinstance(report, Mapping) or not {"rows_read", "rows_kept", "checks"} <= report.keys():
        return False
    checks = report["checks"]
    return isinstance(checks, Mapping) and all(
        isinstance(check, Mapping) and {"policy", "count"} <= check.keys() for check in checks.values()
    )


def stream_quality(name: str, report: Mapping[str, Any]) -> list[str]:
    """Return tables of what the gate saw in a stream: by check, by symbol, and the rest of what it says."""
    kept, read = count(report["rows_kept"]), count(report["rows_read"])
    known = {"rows_read", "rows_kept", "checks", "symbols", "left_out"}
    rest = {key: value for key, value in report.items() if key not in known and value}
    return [
        _checks(f"Checks of the {name}: {kept} of {read} rows kept", report["checks"]),
        *_symbols(name, report.get("symbols")),
        *_left_out(name, report.get("left_out")),
        *(facts(f"Beside the checks, {name}", rest, write=plain) if rest else []),
    ]


def _checks(caption: str, checks: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (worded(name), _sought(name), str(check["policy"]), count(check["count"]), _found(check))
        for name, check in checks.items()
    ]
    return table(caption, ("Check", "What it looks for", "Policy", "Rows", "Where"), rows, numeric=[3])


def _sought(name: str) -> str:
    """Return what a check looks for: the first sentence on its policy; nothing of a check that this version doesn't know."""
    field = Quality.model_fields.get(name)
    told = (field.description or "") if field is not None else ""
    return re.split(r"[.;]\s", f"{' '.join(told.split())} ")[0].replace("`", "").strip()


def _left_out(name: str, rows: object) -> list[str]:
    """Return the rows that were left out, by what left them out; nothing where there are none."""
    if not isinstance(rows, Mapping) or not any(rows.values()):
        return []
    told = [(worded(str(what)), plain(number)) for what, number in rows.items()]
    return [table(f"Rows of the {name} that were left out", ("By", "Rows"), told, numeric=[1])]


def _found(check: Mapping[str, Any]) -> str:
    """Return the symbols that a check found something in, and the first thing it found."""
    if not check["count"]:
        return "nothing found"
    symbols = check.get("symbols")
    named = [f"{symbol}: {plain(rows)}" for symbol, rows in symbols.items()] if isinstance(symbols, Mapping) else []
    more = len(named) - MOST_NAMED
    told = ", ".join(named[:MOST_NAMED]) + (f" and {count(more)} more" if more > 0 else "")
    first = next(iter(check.get("first") or ()), None)
    example = ", ".join(f"{key} {plain(value)}" for key, value in first.items()) if isinstance(first, Mapping) else ""
    return "\n".join(filter(None, (told, f"first: {example}" if example else "")))


def _symbols(name: str, symbols: object) -> list[str]:
    if not isinstance(symbols, Mapping) or not symbols or not all(isinstance(each, Mapping) for each in symbols.values()):
        return []
    rows = [
        (str(symbol), plain(each.get("rows")), plain(each.get("first")), plain(each.get("last")))
        for symbol, each in list(symbols.items())[:MOST_SYMBOLS]
    ]
    more = len(symbols) - MOST_SYMBOLS
    caption = f"Symbols of the {name}" + (f", and {count(more)} more" if more > 0 else "")
    return [table(caption, ("Symbol", "Rows", "First", "Last"), rows, numeric=[1])]
