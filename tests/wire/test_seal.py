"""The seal: every key opens it, nobody else does, and nothing that goes wrong shows a key."""

import pytest

from wire.envelope import MAX_ENVELOPE_BYTES
from wire.seal import (
    MAX_SEALED_BYTES,
    NoKey,
    SealError,
    check_recipient,
    is_sealed,
    new_identity,
    open_sealed,
    recipient_of,
    seal,
)

OFFICE, ESCROW, STRANGER = new_identity(), new_identity(), new_identity()
SEALED = seal(b"an envelope", [recipient_of(OFFICE), recipient_of(ESCROW)])


@pytest.mark.parametrize("identity", [OFFICE, ESCROW], ids=["office", "escrow"])
def test_each_key_alone_opens_it(identity: str) -> None:
    assert open_sealed(SEALED, [identity]) == b"an envelope"
    assert open_sealed(SEALED, [STRANGER, identity]) == b"an envelope"


@pytest.mark.parametrize("identities", [[], [STRANGER]], ids=["none", "another"])
def test_without_a_key_it_stays_shut_and_is_not_called_damaged(identities: list[str]) -> None:
    with pytest.raises(NoKey):
        open_sealed(SEALED, identities)


@pytest.mark.parametrize("at", [-1, -30, 200])
def test_a_changed_byte_is_found(at: int) -> None:
    damaged = bytearray(SEALED)
    damaged[at] ^= 1
    with pytest.raises(SealError):
        open_sealed(bytes(damaged), [OFFICE, ESCROW])


@pytest.mark.parametrize("length", [0, 10, 30, 200, -1])
def test_a_cut_file_is_found(length: int) -> None:
    with pytest.raises(SealError):
        open_sealed(SEALED[:length], [OFFICE])


def test_sealing_again_gives_other_bytes() -> None:
    assert seal(b"an envelope", [recipient_of(OFFICE)]) != seal(b"an envelope", [recipient_of(OFFICE)])


def test_the_largest_envelope_fits_its_limit() -> None:
    sealed = seal(bytes(MAX_ENVELOPE_BYTES), [recipient_of(OFFICE)] * 20)
    assert len(sealed) <= MAX_SEALED_BYTES
    with pytest.raises(SealError, match="at most"):
        open_sealed(sealed + bytes(MAX_SEALED_BYTES), [OFFICE])


def test_a_sealed_file_is_distinguished_from_a_plain_one() -> None:
    assert is_sealed(SEALED)
    assert not is_sealed(b"PK\x03\x04")


def test_nothing_is_sealed_to_nobody() -> None:
    with pytest.raises(SealError, match="no key to seal to"):
        seal(b"an envelope", [])


@pytest.mark.parametrize(
    "text", ["", "age1qqq", recipient_of(OFFICE)[:-2], OFFICE], ids=["empty", "short", "cut", "identity"]
)
def test_what_is_no_public_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SealError) as caught:
        check_recipient(text)
    assert caught.value.__suppress_context__
    assert not text or text not in str(caught.value)


def test_what_is_no_identity_is_refused_without_being_shown() -> None:
    with pytest.raises(SealError) as caught:
        open_sealed(SEALED, [OFFICE[:-2]])
    assert OFFICE[:-2] not in str(caught.value)
