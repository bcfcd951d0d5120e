"""The risk overlay: named rules that every order passes before it leaves."""

from typing import Annotated

from pydantic import Field, SerializeAsAny

from runner.spec.kind import Kind, OfFamily, Spec
from runner.spec.signal import NodeName

__all__ = ["Risk"]


class Risk(Spec):
    """A mapping name → rule, so that one rule can be overridden or removed by its name."""

    rules: dict[NodeName, Annotated[SerializeAsAny[Kind], OfFamily("risk")]] = Field(default={})
    """Rules, checked in the order of their names; an order goes out with the smallest size any of them allows."""
