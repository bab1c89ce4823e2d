"""Hashes random secrets, so that the database holds none of them."""

import hashlib


def hash_of(token: str) -> bytes:
    """The hash under which a code or token is stored. One fast hash is enough, because each has 100 random bits or
    more.
    """
    return hashlib.sha256(token.encode()).digest()
