"""Fill kinds that a run may be tried under beside its own."""

from runner.kinds import FolderKinds
from runner.trading.fill import Fill

__all__ = ["known_fills"]


def known_fills() -> list[Fill]:
    """Return every fill kind that can be had without parameters."""
    kinds = FolderKinds()
    found = (kinds.find("fill", name) for name in kinds.names("fill"))
    bare = [kind for kind in found if kind and not any(field.is_required() for field in kind.model_fields.values())]
    return [fill for kind in bare if isinstance(fill := kind.model_validate({}), Fill)]
