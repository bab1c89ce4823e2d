"""Random secrets: drawn, and hashed, so that the database holds none of them."""

import hashlib
import secrets

_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"


def drawn_password() -> str:
    """A random password for people: 20 of 31 characters that nobody confuses, 99 bits."""
    return "".join(secrets.choice(_SIGNS) for _ in range(20))


def hash_of(token: str) -> bytes:
    """The hash under which a code or token is stored. One fast hash is enough, because each has 100 random bits or
    more.
    """
    return hashlib.sha256(token.encode()).digest()
