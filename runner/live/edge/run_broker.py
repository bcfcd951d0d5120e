"""The account that a run directory's own `spec.yaml` names, for whoever comes when the session is gone."""

from pathlib import Path

from runner.errors import Fault, RunError
from runner.kinds import FolderKinds
from runner.live.accounts import Broker
from runner.strict_yaml import read

__all__ = ["broker_of"]


def broker_of(folder: Path) -> Broker:
    """Return the broker of a run.

    Raises:
        RunError: there is no spec, or it doesn't name a broker that this version knows.
    """
    path = folder / "spec.yaml"
    try:
        document = read(path.read_bytes(), str(path))
    except OSError as problem:
        raise RunError(Fault(str(path), "must be readable: it names the broker", problem.strerror or "")) from None
    if document.faults:
        raise RunError(document.faults)
    found = document.value.get("broker")
    kind = found.get("kind") if isinstance(found, dict) else None
    made = FolderKinds().find("broker", kind) if isinstance(kind, str) else None
    if made is None:
        raise RunError(Fault(f"{path}: broker", "must name a broker that this version knows", str(kind)))
    try:
        broker = made.model_validate(found)
    except ValueError as problem:
        raise RunError(Fault(f"{path}: broker", "must be as this version writes it", str(kind), f"{problem}")) from None
    if not isinstance(broker, Broker):
        raise TypeError(f"{kind} is no kind of broker")
    return broker
