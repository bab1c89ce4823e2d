"""Tokens for personal data, as adapters use them."""

from typing import Protocol, TypeVar

from kiosk.core.events import Token

T = TypeVar("T")


class Vault(Protocol):
    """The vault. The same value SHALL have the same token until everything is deleted. After that no token SHALL be
    valid.

    A value can be anything hashable: a `CardHolder`, the bytes of a scanned code, a `RosterRow`, the name of a school.
    """

    def token(self, value: object) -> Token:
        """The token of `value`; it is made if the value is new. Call this on the main thread, which also deletes."""
        ...

    def session(self) -> int:
        """The number of the present session. Each deletion begins another session."""
        ...

    def token_in(self, session: int, value: object) -> Token | None:
        """The same as `token`, for other threads. Returns None if `session` is over, because data about its person must
        not be stored any more."""
        ...

    def get(self, token: Token, kind: type[T]) -> T | None:
        """The value of `token` if it is a `kind`. None if the value was deleted or is of another kind."""
        ...
