"""The rules of a signal, from conditions to what the decision kernel reads.

Per row two numbers: `enter` is the side to open (1 long, -1 short, 0 neither, CONFLICT if both rules hold at once, which
opens neither), `leave` the sides to close (CLOSE_LONG, CLOSE_SHORT, CLOSE_BOTH, 0 neither). With a target, `enter` is the
target and `leave` is 0.
Rows at which any rule isn't ready yet decide nothing, so that nothing is opened before it is known when to close it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.signal.graph import Graph

__all__ = ["ENTERS", "EXITS", "Rules"]

# The decision kernel's machine code holds these numbers and is kept on disk as long as that file is the same: who changes
# one here has to touch `trading.kernel` as well, or the old number stays in use.
ENTERS = ("long.enter", "short.enter")
EXITS = ("long.exit", "short.exit")


@dataclass(frozen=True, slots=True)
class Rules:
    """Nodes of the rules that a signal has."""

    nodes: Mapping[str, int]
    """Rule → node: `long.enter`, `long.exit`, `short.enter`, `short.exit`, or `target` alone."""

    @classmethod
    def of(cls, graph: Graph) -> "Rules":
        """Return a graph's rules."""
        known = (*ENTERS, *EXITS, "target")
        return cls({rule: graph.names[rule] for rule in known if rule in graph.names})

    @property
    def roots(self) -> tuple[int, ...]:
        """The nodes, each once, in order."""
        return tuple(sorted(set(self.nodes.values())))

    @property
    def has_target(self) -> bool:
        """Whether a target decides instead of conditions."""
        return "target" in self.nodes
