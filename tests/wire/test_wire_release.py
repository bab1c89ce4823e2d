"""Who may sign a release, and how keys follow each other."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from wire.digest import content_digest
from wire.release import (
    KeySet,
    NamedKey,
    ReleaseError,
    ReleaseHeader,
    Signature,
    Signed,
    SignedModel,
    Statement,
    Version,
    header_line,
    newest_keys,
    open_header,
    public_of,
    read_header,
    read_key_set,
    sign,
    signed,
    signers,
    trusted_keys,
)

ANNA, BERT, CARL, DORA, EVA = (Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in range(1, 6))


def keys(version: int, *holders: Ed25519PrivateKey, threshold: int = 2) -> KeySet:
    named = tuple(NamedKey(holder=f"holder {number}", public=public_of(key)) for number, key in enumerate(holders))
    return KeySet(version=version, threshold=threshold, keys=named)


def by(kind: type[SignedModel], what: SignedModel, *signing: Ed25519PrivateKey) -> Signed:
    paper = signed(what)
    for key in signing:
        paper = sign(kind, paper, key)
    return paper


STATEMENT = Statement(
    version="0.3.0",
    architecture="arm64",
    minimum_version="0.2.0",
    not_after=date(2027, 3, 31),
    archive=content_digest(b"archive"),
    archive_bytes=7,
    installed_bytes=100,
)
FIRST = keys(1, ANNA, BERT, CARL)


def opened(signing: Sequence[Ed25519PrivateKey], chain: Sequence[Signed] = (), trusted: KeySet = FIRST) -> Statement:
    header = ReleaseHeader(key_sets=tuple(chain), statement=by(Statement, STATEMENT, *signing))
    return open_header(header, trusted).statement


@pytest.mark.parametrize("two", [(ANNA, BERT), (BERT, CARL), (CARL, ANNA), (ANNA, BERT, CARL)])
def test_two_of_three_keys_are_enough(two: Sequence[Ed25519PrivateKey]) -> None:
    assert opened(two) == STATEMENT


@pytest.mark.parametrize("too_few", [(), (ANNA,), (ANNA, DORA), (DORA, EVA)])
def test_one_key_or_keys_of_others_are_not(too_few: Sequence[Ed25519PrivateKey]) -> None:
    with pytest.raises(ReleaseError, match="2 must sign it"):
        opened(too_few)


def test_one_key_that_signs_twice_counts_once() -> None:
    paper = by(Statement, STATEMENT, ANNA)
    twice = Signed(text=paper.text, signatures=paper.signatures * 2)
    assert signers(Statement, twice, FIRST) == ["holder 0"]
    with pytest.raises(ReleaseError):
        open_header(ReleaseHeader(key_sets=(), statement=twice), FIRST)


def test_a_signature_is_of_these_bytes_and_of_this_kind() -> None:
    paper = by(Statement, STATEMENT, ANNA, BERT)
    other = Signed(text=paper.text.replace("0.3.0", "0.4.0"), signatures=paper.signatures)
    assert signers(Statement, other, FIRST) == []
    assert signers(KeySet, paper, FIRST) == [], "a signature of a release is none of a set of keys"
    moved = tuple(
        Signature(public=public_of(key), signature=one.signature)
        for key, one in zip((BERT, ANNA), paper.signatures, strict=True)
    )
    assert signers(Statement, Signed(text=paper.text, signatures=moved), FIRST) == []


def test_a_rotation_needs_two_old_keys_and_two_new_ones() -> None:
    second = keys(2, BERT, CARL, DORA)
    good = by(KeySet, second, BERT, CARL)
    assert newest_keys(FIRST, [good]) == second
    assert opened((CARL, DORA), [good]) == STATEMENT
    with pytest.raises(ReleaseError):
        opened((ANNA, BERT), [good])  # Anna's key is out of force
    others = keys(2, DORA, EVA)
    for signing in ((DORA, EVA), (ANNA, BERT), (ANNA, DORA, EVA)):
        with pytest.raises(ReleaseError):
            newest_keys(FIRST, [by(KeySet, others, *signing)])
    assert newest_keys(FIRST, [by(KeySet, others, ANNA, BERT, DORA, EVA)]) == others


def test_a_machine_that_slept_through_rotations_walks_all_of_them_and_never_back() -> None:
    second, third = keys(2, BERT, CARL, DORA), keys(3, CARL, DORA, EVA)
    chain = [by(KeySet, FIRST, ANNA, BERT), by(KeySet, second, BERT, CARL), by(KeySet, third, CARL, DORA)]
    assert newest_keys(FIRST, chain) == third
    assert newest_keys(third, chain) == third, "older sets change nothing"
    with pytest.raises(ReleaseError, match="does not follow 1 directly"):
        newest_keys(FIRST, [chain[0], chain[2]])


def test_the_first_set_is_trusted_only_when_its_own_holders_signed_it() -> None:
    assert trusted_keys(by(KeySet, FIRST, ANNA, CARL).encode()) == FIRST
    with pytest.raises(ReleaseError):
        trusted_keys(by(KeySet, FIRST, ANNA).encode())
    for wrong in (b"", b"{}", b"not json", FIRST.encode()):
        with pytest.raises(ReleaseError):
            read_key_set(wrong)


def test_sets_that_nobody_could_use_are_refused() -> None:
    with pytest.raises(ValueError, match="each key is there once"):
        keys(1, ANNA, ANNA)
    with pytest.raises(ValueError, match="no more keys must sign than there are"):
        keys(1, ANNA, BERT, threshold=3)


def test_a_header_leaves_the_file_at_the_archive() -> None:
    header = ReleaseHeader(key_sets=(by(KeySet, FIRST, ANNA, BERT),), statement=by(Statement, STATEMENT, ANNA, CARL))
    file = io.BytesIO(header_line(header) + b"archive")
    assert read_header(file) == header
    assert file.read() == b"archive"


@given(st.binary(max_size=300))
def test_whatever_is_read_as_a_header_is_one_or_is_refused(data: bytes) -> None:
    with pytest.raises(ReleaseError):
        read_header(io.BytesIO(data))
    with pytest.raises(ReleaseError):
        read_header(io.BytesIO(data + b"\n"))


@given(cut=st.integers(0, 400), flip=st.integers(1, 255))
def test_no_damaged_header_passes(cut: int, flip: int) -> None:
    header = ReleaseHeader(key_sets=(), statement=by(Statement, STATEMENT, ANNA, BERT))
    line = bytearray(header_line(header))
    line[cut % (len(line) - 1)] ^= flip
    try:
        got = open_header(read_header(io.BytesIO(bytes(line))), FIRST)
    except ReleaseError:
        return
    assert got.statement == STATEMENT


def test_versions_are_compared_as_numbers() -> None:
    assert Version("0.9.9") < Version("0.10.0") < Version("1.0.0")
    assert Version("0.3.0") == Version("0.3.0")
    for wrong in ("", "0.3", "0.3.0.1", "0.03.0", "0.3.0rc1", "v0.3.0", "0.3.0\n", "٠.3.0"):
        with pytest.raises(ReleaseError):
            Version(wrong)
