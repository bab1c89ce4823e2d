"""The booth's seal for envelopes: made for the keys of its configuration; with too few keys there is none."""

from collections.abc import Callable, Sequence

from wire.seal import seal

Seal = Callable[[bytes], bytes]
"""Wraps an envelope's bytes for the office only. Called once for each shot: the digest covers what it returns."""

LEAST_KEYS = 2
"""The office's key and the escrow key. If there were only one and it got lost, every photo on its way would be lost."""


def sealing_to(recipients: Sequence[str]) -> Seal | None:
    """The seal to these public keys; None if they are too few to save photos."""
    if len(set(recipients)) < LEAST_KEYS:
        return None
    return lambda envelope: seal(envelope, recipients)
