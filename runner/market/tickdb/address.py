"""Which addresses a key may be sent to: TLS anywhere, plain text only to this machine."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

__all__ = ["address_fault", "is_loopback"]

DEFAULT = "https://api.tickdb.ai"


def address_fault(base_url: str) -> tuple[str, str] | None:
    """Return what must hold and what to write if the address can't be used; None if it can."""
    write = f"Write scheme, host and port only, e.g. {DEFAULT}."
    parts = _split(base_url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return ("must be an address that begins with https://", write)
    if parts.username is not None or parts.password is not None:
        return ("must not hold a user or password", f"{write} The key comes from the variable data.key_env names.")
    if parts.query or parts.fragment or parts.path.strip("/"):
        return ("must be an address without path or query", write)
    if parts.scheme == "http" and not _is_this_machine(parts):
        return ("must begin with https://, because the key is sent to it", "Plain http is for 127.0.0.1 and localhost only.")
    return None


def is_loopback(base_url: str) -> bool:
    """Return whether an address is this machine."""
    return _is_this_machine(urlsplit(base_url))


def _split(base_url: str) -> SplitResult | None:
    """Take an address apart; None if it can't be one. A port that is no port shows only when it is asked for."""
    try:
        parts = urlsplit(base_url)
        is_usable = parts.port != 0 and base_url.isascii() and base_url.isprintable() and " " not in base_url
    except ValueError:
        return None
    return parts if is_usable else None


def _is_this_machine(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
