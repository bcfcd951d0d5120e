"""How the service spells symbols: with the suffix of their market or without, Hong Kong's with or without leading zeros."""

__all__ = ["bare", "is_same", "suffix"]

SUFFIXES = ("US", "HK", "SH", "SZ")


def suffix(symbol: str) -> str:
    """Return the market's suffix, upper case; empty if the symbol carries none."""
    ending = symbol.upper().rpartition(".")[2]
    return ending if "." in symbol and ending in SUFFIXES else ""


def bare(symbol: str) -> str:
    """Return the symbol without its suffix, upper case, a number without the zeros in front: `00700.HK` is `700`."""
    name = symbol[: -len(suffix(symbol)) - 1] if suffix(symbol) else symbol
    stripped = name.upper()
    is_hongkong = suffix(symbol) in {"HK", ""} and stripped.isdecimal() and len(stripped) <= 5
    return (stripped.lstrip("0") or "0") if is_hongkong else stripped


def is_same(one: str, other: str) -> bool:
    """Return whether two spellings can name one instrument: one may lack the suffix, but two suffixes must be equal."""
    alike = bare(one) == bare(other)
    return alike and (suffix(one) == suffix(other) or not suffix(one) or not suffix(other))
