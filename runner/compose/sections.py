"""The sections of a configuration, validated one at a time, each to what it is as a part of the whole.

A run has no rule that compares one section with another while it is validated: what pydantic makes of a section depends on
that section alone. So runs that differ in one section share all others, and a section is validated once for all runs that
have it.
"""

from typing import Any

from pydantic import ValidationError, create_model
from pydantic_core import ErrorDetails

from runner.compose.composed import Composed
from runner.compose.validate import errors_of, faults_of_errors
from runner.errors import Fault
from runner.spec.kind import Kinds, Spec
from runner.spec.run import RunSpec
from runner.spec.sweep import BesideRun, Sweep

__all__ = ["Sections", "stray_faults", "sweep_of"]


class Sections:
    """Validates sections; a section is a field of `RunSpec`."""

    def __init__(self, kinds: Kinds) -> None:
        """Keep the lookup of kinds."""
        self._kinds = kinds
        self._models: dict[str, type[Spec]] = {}

    def validated(self, name: str, value: Any, composed: Composed) -> Any:
        """Return what a run has for a section, or a list of faults.

        Args:
            name: The section.
            value: What the configuration says of it.
            composed: The configuration, with this value in its place: faults are worded by it.
        """
        if name not in self._models:
            field = RunSpec.model_fields[name]
            fields: dict[str, Any] = {name: (field.annotation, field)}
            self._models[name] = create_model(name, __base__=Spec, **fields)
        try:
            return getattr(self._models[name].model_validate({name: value}, context=self._kinds), name)
        except ValidationError as error:
            return _worded(errors_of(error), composed, self._kinds)


def stray_faults(composed: Composed, kinds: Kinds) -> list[Fault]:
    """Return the faults of sections that are missing, and of keys at the top that are none."""
    names = composed.values.keys()
    errors: list[ErrorDetails] = []
    try:
        RunSpec.of({name: composed.values[name] for name in names}, kinds)
    except ValidationError as error:
        found = [each for each in errors_of(error) if len(each["loc"]) == 1]
        errors = [each for each in found if each["type"] in {"missing", "extra_forbidden"}]
    return _worded(errors, composed, kinds)


def sweep_of(composed: Composed, kinds: Kinds) -> Sweep | list[Fault]:
    """Return what a configuration says of sweeps, or what is wrong with it."""
    values = {"sweep": composed.sweep}
    try:
        return BesideRun.model_validate(values).sweep
    except ValidationError as error:
        return faults_of_errors(errors_of(error), values, kinds, composed.origins, composed.said, composed.gaps)


def _worded(errors: list[ErrorDetails], composed: Composed, kinds: Kinds) -> list[Fault]:
    return faults_of_errors(errors, composed.values, kinds, composed.origins, composed.said, composed.gaps)
