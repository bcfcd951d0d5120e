"""What of a signal changes nothing."""

from runner.report.unread import unread_params, unread_text
from runner.signal.compile import compile_signal
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

SECTION = {
    "params": {"used": 2, "named": 3, "by_dead": 4, "unused": 5},
    "nodes": {"m": "mean(close, used)", "dead": "mean(close, by_dead)"},
    "long": {"enter": "m > 0", "exit": "mean(x=close, lookback=named) < 1"},
}


def signal_and_graph(section):
    signal = Signal.model_validate(section)
    return signal, compile_signal(signal, Vocabulary({"bars": ("close",)}, operators()))


def test_a_parameter_counts_only_where_a_rule_depends_on_it():
    """One behind a node that no rule reads is as idle as one that stands nowhere; named arguments are read as well."""
    assert unread_params(*signal_and_graph(SECTION)) == ["by_dead", "unused"]


def test_nothing_is_said_of_a_signal_all_of_which_is_read():
    """Nodes and parameters each have their sentence, where there are some."""
    idle = {**SECTION, "nodes": {"m": "mean(close, used)"}, "params": {"used": 2, "named": 3, "more": 1}}
    read = {**idle, "params": {"used": 2, "named": 3}}

    assert unread_text(*signal_and_graph(read)) == ""
    assert unread_text(*signal_and_graph(idle)) == "Parameters that no rule reads, nor anything that a rule reads: more."
    assert unread_text(*signal_and_graph(SECTION)).startswith("Not computed by a run,")
