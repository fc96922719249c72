"""A value that cannot be printed by accident."""

import hmac
from typing import NoReturn

HIDDEN = "[secret]"


class Secret:
    """A password, key or token. Printing, formatting or logging it shows `[secret]`.

    `reveal` is the only way to the value, so a search for `.reveal(` finds every use. It cannot be
    pickled or copied into a log by its attributes; comparing takes the same time for every guess.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Return the value itself, for the one place that needs it."""
        return self.__value

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, specification: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(self.__value)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied; pass the object itself")
