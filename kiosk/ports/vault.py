"""Tokens for personal data, as adapters use them."""

from typing import Protocol, TypeVar

from kiosk.core.events import Token

T = TypeVar("T")


class Vault(Protocol):
    """The same value SHALL have the same token until everything is deleted; no token SHALL be valid after that.

    Values are anything hashable: a `CardHolder`, a scanned code's bytes, a `RosterRow`, a school's name.
    """

    def token(self, value: object) -> Token:
        """The token of `value`, made when it is new. To be called on the main thread, which also deletes."""
        ...

    def session(self) -> int:
        """The number of the present session; each deletion begins another one."""
        ...

    def token_in(self, session: int, value: object) -> Token | None:
        """As `token`, for other threads: None if `session` is over, because data of its person must not be stored any
        more."""
        ...

    def get(self, token: Token, kind: type[T]) -> T | None:
        """The value behind `token` if it is a `kind`, else None (forgotten, or of another kind)."""
        ...
