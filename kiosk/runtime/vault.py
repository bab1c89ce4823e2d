"""Keeps personal data while a session is open. The data are only in this object; others get opaque tokens."""

import secrets
import threading
from typing import TypeVar

from kiosk.core.events import Token

T = TypeVar("T")


class SessionVault:
    """Gives tokens for values. The same value has the same token until `forget`, which invalidates all tokens.

    A value can be anything hashable: a `CardHolder`, the bytes of a scanned code, a `RosterRow`, the name of a school.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_token: dict[Token, object] = {}
        self._by_value: dict[object, Token] = {}
        self._session = 0

    def token(self, value: object) -> Token:
        """The token of `value`; it is made if the value is new. Call this on the main thread, which also deletes."""
        with self._lock:
            return self._token(value)

    def session(self) -> int:
        """The number of the present session. `forget` ends the session."""
        with self._lock:
            return self._session

    def token_in(self, session: int, value: object) -> Token | None:
        """The same as `token`, for other threads. If `session` is over, returns None and stores nothing."""
        with self._lock:
            return self._token(value) if session == self._session else None

    def _token(self, value: object) -> Token:
        known = self._by_value.get(value)
        if known is not None:
            return known
        token = secrets.token_hex(8)
        self._by_token[token] = value
        self._by_value[value] = token
        return token

    def get(self, token: Token, kind: type[T]) -> T | None:
        """The value of `token` if it is a `kind`. None if the value was deleted or is of another kind."""
        with self._lock:
            value = self._by_token.get(token)
        return value if isinstance(value, kind) else None

    def forget(self) -> None:
        """Delete every value and token. Threads that still work for this session can store no more values."""
        with self._lock:
            self._session += 1
            self._by_token.clear()
            self._by_value.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._by_token)
