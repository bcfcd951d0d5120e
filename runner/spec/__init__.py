"""What a run is: frozen pydantic values, one file per `conf/` group, no behaviour."""

from runner.spec.kind import Kind, Kinds, Spec
from runner.spec.run import RunSpec, canonical_json

__all__ = ["Kind", "Kinds", "RunSpec", "Spec", "canonical_json"]
