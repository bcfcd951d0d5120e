"""What machine code is made by, and for: two processes of which all this is the same compile the same code."""

import hashlib

import llvmlite  # type: ignore[import-untyped]
import numba
from numba.core.registry import cpu_target

__all__ = ["target"]


def target() -> dict[str, str]:
    """Return the compiler's versions, the processor it compiles for, and a SHA-256 over the latter's features."""
    triple, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    return {
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "triple": triple,
        "cpu": cpu,
        "features": hashlib.sha256(features.encode()).hexdigest(),
    }
