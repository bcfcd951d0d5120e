"""Keys that a run may have and no chosen file lists: set without `+`, misspelt ones still met."""

import pytest

from runner.compose import compose, packaged_conf
from runner.kinds import FAMILIES, FolderKinds
from runner.spec.run import RunSpec
from runner.strict_yaml import read
from runner.strict_yaml import write as yaml_text

KINDS = FolderKinds()


def unlisted():
    """Yield each shipped option with the keys that its kind or section has a default for and its file doesn't list."""
    for file in sorted(packaged_conf().glob("*/*.yaml")):
        group, given = file.parent.name, read(file.read_text("utf-8"), str(file)).value
        if group in FAMILIES and group not in {"risk", "data"}:
            fields = KINDS.find(group, given["kind"]).model_fields
        elif group in {"exits", "order", "financing", "scenario", "engine", "report", "quality", "timezone"}:
            fields = RunSpec.model_fields[group].annotation.model_fields
        else:
            continue
        missing = {key: field.get_default() for key, field in fields.items() if key not in given and not field.is_required()}
        if missing:
            yield group, file.stem, missing


@pytest.mark.parametrize(
    ("group", "option", "missing"), list(unlisted()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_key_with_a_default_can_be_set_without_a_plus(group, option, missing):
    """What an option file leaves out for its default is a key like the others."""
    plain = {key: value.model_dump(mode="json") if hasattr(value, "model_dump") else value for key, value in missing.items()}
    words = [f"{group}.{key}={written(value)}" for key, value in plain.items()]

    composed = compose([f"{group}={option}", *words], kinds=KINDS)

    assert composed.faults == ()
    assert set(plain) <= set(composed.values[group])


def written(value):
    """Return a value as an override has it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list | tuple):
        return "[]" if isinstance(value, list | tuple) else "{}"
    return yaml_text({"": value}).removeprefix('"":').strip()


def test_some_options_leave_keys_out():
    """Without any the test above would try nothing."""
    assert len(list(unlisted())) >= 5


def test_exits_add_up():
    """Options of exits say nothing of what they don't decide, so that two of them together decide both."""
    composed = compose(["exits=[bracket,timed]", "exits.trailing_stop=0.2"], kinds=KINDS)

    assert composed.faults == ()
    assert composed.values["exits"] == {
        "stop_loss": 0.05,
        "take_profit": 0.1,
        "max_holding": "10d",
        "trailing_stop": 0.2,
    }


def test_the_order_of_the_words_does_not_matter():
    """A key belongs to the kind that is named in the end, also where the kind is named behind it."""
    words = ["slippage.base.fallback=3", "slippage.base.kind=half_spread", "~slippage.base.bps"]

    composed = compose(["slippage=regime", *words], kinds=KINDS)

    assert composed.faults == ()
    assert composed.values["slippage"]["base"] == {"kind": "half_spread", "fallback": 3}


def test_what_was_typed_is_recorded_as_hydra_takes_it():
    """The overrides on record compose again with Hydra alone, which knows no key that no file lists."""
    composed = compose(["exits=timed", "exits.stop_loss=0.02"], kinds=KINDS)

    assert composed.overrides == ("exits=timed", "++exits.stop_loss=0.02")
    assert str(composed.origins["exits.stop_loss"]) == "command line"


def test_without_kinds_only_listed_keys_are_known():
    """Who gives no kinds is told as Hydra would."""
    (fault,) = compose(["exits=timed", "exits.stop_loss=0.02"]).faults

    assert (fault.where, fault.must) == ("exits.stop_loss", "must be a key of exits")
