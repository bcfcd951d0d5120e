"""A value that must not be shown."""

__all__ = ["Secret"]


class Secret:
    """Holds a key so that printing, formatting or comparing what holds it can't show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Take the value; the caller should forget its own copy."""
        self._value = value

    def __repr__(self) -> str:
        return "Secret('…')"

    def __reduce__(self) -> str:
        raise TypeError("a secret isn't written anywhere")

    def reveal(self) -> str:
        """Return the value, for the one header it belongs in."""
        return self._value

    @property
    def is_sendable(self) -> bool:
        """Whether the value can stand in a header: printable ASCII without spaces."""
        return self._value.isascii() and self._value.isprintable() and " " not in self._value

    def hidden_in(self, text: str) -> str:
        """Return the text without the value: a service may repeat the key it refuses."""
        return text.replace(self._value, "…") if self._value else text
