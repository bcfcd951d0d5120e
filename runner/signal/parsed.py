"""Expressions by themselves: parsed, and in an order where each comes after those it uses; circles are found here.

All of it depends on the texts alone, so that signals which differ in parameters only share it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from runner.errors import ConfigError, Fault
from runner.signal.expression import Call, Name, Tree, parse, pointing_at

__all__ = ["Parsed", "names_in", "parsed_of"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What expressions come to before anybody asks what their names mean."""

    trees: Mapping[str, Tree]
    """Those that could be parsed, by `nodes.NAME`, rule, or the key path of another section."""
    uses: Mapping[str, frozenset[str]]
    """The nodes that each of them names."""
    order: tuple[str, ...]
    """Each after those it uses; those in a circle are left out."""
    faults: tuple[Fault, ...]


def parsed_of(texts: Mapping[str, str], beside: Collection[str] = ()) -> Parsed:
    """Parse expressions and order them.

    Args:
        texts: Expressions by `nodes.NAME`, rule, or the key path of another section.
        beside: Which of these are key paths of other sections.
    """
    trees: dict[str, Tree] = {}
    faults: list[Fault] = []
    for name, text in texts.items():
        try:
            trees[name] = parse(text, name if name in beside else f"signal.{name}")
        except ConfigError as error:
            faults += error.faults
    uses = {name: frozenset(f"nodes.{used}" for used in names_in(tree)) & trees.keys() for name, tree in trees.items()}
    left = uses
    while True:
        try:
            order = tuple(TopologicalSorter(left).static_order())
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            faults.append(_circle_fault([name.removeprefix("nodes.") for name in circle[:-1]], texts, trees))
            left = {name: used - set(circle) for name, used in left.items() if name not in circle}
        else:
            return Parsed(trees, uses, order, tuple(faults))


def names_in(tree: Tree) -> Iterator[str]:
    """Yield every name an expression uses."""
    yield from (each.name for each in _names_within(tree))


def _names_within(tree: Tree) -> Iterator[Name]:
    if isinstance(tree, Name):
        yield tree
    if isinstance(tree, Call):
        for argument in (*tree.arguments, *(value for _, value in tree.named)):
            yield from _names_within(argument)


def _circle_fault(circle: list[str], texts: Mapping[str, str], trees: Mapping[str, Tree]) -> Fault:
    """Return the fault of a circle, told from its first name in the alphabet, with a caret at the next one."""
    start = circle.index(min(circle))
    turned = [*circle[start:], *circle[:start], circle[start]]
    first = f"nodes.{turned[0]}"
    column = next(each.column for each in _names_within(trees[first]) if each.name == turned[1])
    fix = "Break the circle: use a column or another node in one of them."
    excerpt = pointing_at(texts[first], column)
    return Fault(f"signal.{first}", "must not depend on itself", " -> ".join(turned), fix, excerpt=excerpt)
