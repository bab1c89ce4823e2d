"""How this booth seals an envelope: to the keys of its configuration, or not at all."""

from collections.abc import Callable, Sequence

from wire.seal import seal

Seal = Callable[[bytes], bytes]
"""Wraps an envelope's bytes for the office only. Called once a shot: the digest is over what it returns."""

LEAST_KEYS = 2
"""The office's and the escrow's: with one key alone, losing it would lose every photo on its way."""


def sealing_to(recipients: Sequence[str]) -> Seal | None:
    """The seal to these public keys; None when they are too few to keep photos by."""
    if len(set(recipients)) < LEAST_KEYS:
        return None
    return lambda envelope: seal(envelope, recipients)
