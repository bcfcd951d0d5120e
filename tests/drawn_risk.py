"""Risk rules of every registered kind, drawn from what their fields may be, for the laws."""

from importlib import import_module

from hypothesis import strategies as st
from pydantic import ValidationError

from runner.kinds import FolderKinds
from runner.trading.risk import RiskRule

FAMILY = FolderKinds().names("risk")
DURATIONS = ("1ms", "1min", "7min", "1h", "999999d")


def kind_of(name: str) -> type[RiskRule]:
    """Return the class of a kind."""
    found = FolderKinds().find("risk", name)
    assert found is not None
    assert issubclass(found, RiskRule)
    return found


def declared(name: str, which: str) -> RiskRule | None:
    """Return the rule that a kind's own test names as one that never speaks (NEVER) or refuses everything (ALWAYS)."""
    return getattr(import_module(f"tests.rooms.trading.risk.test_{name}"), which)


def values(schema):
    """Draw a value that a field's JSON schema allows, small ones more often than they are."""
    if "anyOf" in schema:
        return st.one_of(*map(values, schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    plain = {"null": st.none(), "boolean": st.booleans(), "string": st.sampled_from(DURATIONS)}
    if schema["type"] in plain:
        return plain[schema["type"]]
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", 10_000)
    if schema["type"] == "integer":
        return st.one_of(st.integers(low, min(high, low + 6)), st.integers(low, high))
    is_open = "exclusiveMinimum" in schema
    return st.one_of(*(st.floats(low, min(high, top), exclude_min=is_open) for top in (low + 0.1, low + 1, high)))


@st.composite
def rules(draw, names=FAMILY):
    """Draw a rule of any kind; of fields that contradict each other, others are drawn."""
    kind = kind_of(draw(st.sampled_from(names)))
    fields = kind.model_json_schema()["properties"]
    for _ in range(20):
        try:
            return kind(**{name: draw(values(schema)) for name, schema in fields.items()})
        except ValidationError:
            continue
    return kind()


@st.composite
def rule_sets(draw, names=FAMILY, most=4):
    """Draw some named rules as a pipeline holds them."""
    drawn = draw(st.lists(rules(names), min_size=1, max_size=most))
    return tuple((f"r{place}", rule) for place, rule in enumerate(drawn))
