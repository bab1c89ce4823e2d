"""The seal that the booth puts on envelopes, for the keys of its configuration; with too few keys there is no seal."""

from collections.abc import Callable, Sequence

from wire.seal import seal

Seal = Callable[[bytes], bytes]
"""Encrypts an envelope's bytes, so that only the office and whoever has the escrow key can read them. It is called once
for each shot, because the shot's digest is that of the encrypted bytes, which differ from call to call."""

LEAST_KEYS = 2
"""The office's key and the escrow key. If there were only one key and it got lost, every unsent photo would be lost."""


def sealing_to(recipients: Sequence[str]) -> Seal | None:
    """The seal for these public keys; None if there are too few keys to save photos."""
    if len(set(recipients)) < LEAST_KEYS:
        return None
    return lambda envelope: seal(envelope, recipients)
