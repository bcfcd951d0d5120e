"""The section on risk: which rules there were, what each stopped or made smaller, and when one closed everything."""

from html import escape

import numpy as np

from runner.report.columns import numbers, stamps, words
from runner.report.markup import section, table
from runner.report.trips import refused, trips
from runner.report.wording import UNDEFINED, count
from runner.spec.run import RunSpec
from runner.tables import Tables

__all__ = ["risk_section"]

MOST = 20
"""Rules and symbols listed by name."""


def risk_section(spec: RunSpec, tables: Tables) -> str:
    """Return the section as finished HTML; of the whole run, warm-up included."""
    rules = ", ".join(f"{name} ({rule.kind})" for name, rule in sorted(spec.risk.rules.items()))
    about = f"Rules every order passes: {rules}." if rules else "No risk rule was set: risk=none."
    found = [_by_rule(tables), _by_symbol(tables), _trips(tables)]
    nothing = "<p>No order was stopped or made smaller, and no rule closed everything.</p>"
    return section("Risk refusals", f"<p>{escape(about)}</p>", *(filter(None, found) if any(found) else [nothing]))


def _by_rule(tables: Tables) -> str:
    lines = refused(tables.refusals)
    rule, ts = words(tables.refusals, "rule")[lines], stamps(tables.refusals, "ts")[lines]
    allowed = numbers(tables.refusals, "allowed")[lines]
    rows = []
    for each in np.unique(rule).tolist():
        own = rule == each
        stopped = int(np.sum(own & (allowed == 0)))
        rows.append((each, count(stopped), count(int(own.sum()) - stopped), _day(ts[own].min()), _day(ts[own].max())))
    head = ("Rule", "Stopped", "Made smaller", "First", "Last")
    return table("Orders refused, by rule", head, rows[:MOST], numeric=(1, 2)) if rows else ""


def _by_symbol(tables: Tables) -> str:
    names, times = np.unique(words(tables.refusals, "symbol")[refused(tables.refusals)], return_counts=True)
    order = np.argsort(-times, kind="stable")
    rows = [(str(names[place]) or UNDEFINED, count(int(times[place]))) for place in order[:MOST].tolist()]
    if order.size > MOST:
        rows.append((f"{count(order.size - MOST)} others", count(int(times[order[MOST:]].sum()))))
    return table("Orders refused, by symbol", ("Symbol", "Times"), rows, numeric=[1]) if rows else ""


def _trips(tables: Tables) -> str:
    found = trips(tables.refusals)
    rows = [(_day(np.int64(trip.ts)), trip.rule, "for good" if trip.is_for_good else "for a time") for trip in found[:MOST]]
    caption = "When a rule closed everything" + (f", the first {MOST} of {count(len(found))}" if len(found) > MOST else "")
    return table(caption, ("When", "Rule", "How long"), rows) if rows else ""


def _day(ts: np.int64) -> str:
    return f"{np.datetime64(int(ts), 'ns').astype('datetime64[m]')}Z".replace("T", " ")
