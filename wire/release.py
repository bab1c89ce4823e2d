"""A release file: the version that a booth installs next, signed by several people.

Theory of operation. The file begins with the header, which is one line of JSON. The archive follows (a tar compressed
with xz). The header contains the signed statement about the archive (its version, its digest, which machines may
install it, and until when), and all sets of release keys, the oldest first. So a booth that was off while keys were
exchanged can still verify the newest set. The rules come from The Update Framework:

- A signature covers a line that says whether a statement or a set of keys is signed, and then exactly the bytes that
  are read. So a statement can't be used as a set of keys, and no canonical form is needed.
- A threshold counts different keys: two signatures by one key count once.
- A set of keys follows another set if its version is the next number, and if enough keys of the former set *and* enough
  of its own keys have signed it. A machine never goes back to an older set.

A release file can't prove that its release should still be installed. So its statement names the last day for
installing, which is compared with the office's date.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from functools import total_ordering
from typing import Annotated, BinaryIO, ClassVar, Literal, NamedTuple, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, StringConstraints, model_validator

from wire.faults import MessageError, WireError
from wire.model import ContentDigest, Count, Day, WireModel

MOST_HEADER_BYTES = 256 << 10
MOST_ARCHIVE_BYTES = 2 << 30
MOST_KEYS = 16
MOST_SETS = 100
VERSION_FORM = r"^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){2}$"

M = TypeVar("M", bound="SignedModel")


class ReleaseError(WireError):
    """A release file, a set of keys or a key is wrong. No error message contains a secret key."""


@total_ordering
class Version:
    """A version of three numbers. Versions are compared number by number: 0.10.0 comes after 0.9.9."""

    def __init__(self, text: str) -> None:
        """`text`: three numbers with points between them. Raises `ReleaseError`."""
        if not re.fullmatch(VERSION_FORM, text, re.ASCII):
            raise ReleaseError(f"a version has three numbers, like 0.3.0, not {text[:40]!r}")
        self.numbers = tuple(int(part) for part in text.split("."))

    def __str__(self) -> str:
        """The version as text, for example `0.10.0`."""
        return ".".join(map(str, self.numbers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.numbers == other.numbers

    def __lt__(self, other: "Version") -> bool:
        return self.numbers < other.numbers

    def __hash__(self) -> int:
        return hash(self.numbers)


VersionText = Annotated[str, Field(pattern=VERSION_FORM)]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""A public key of Ed25519 (32 bytes) in base64."""


class SignedModel(WireModel):
    """A model that can be signed. The signature covers `SIGNED_AS` and then the model's bytes, so that one kind of
    model can't be used as another."""

    SIGNED_AS: ClassVar[bytes]


class NamedKey(WireModel):
    """A public key, and the person who has the secret key that belongs to it."""

    holder: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    public: PublicKey


class KeySet(SignedModel):
    """The keys that are in force, and how many of them must sign."""

    SIGNED_AS: ClassVar[bytes] = b"makeup-booth: set of release keys, form 1\n"

    form: Literal[1] = 1
    version: Annotated[Count, Field(ge=1, le=10_000)]
    threshold: Annotated[Count, Field(ge=1, le=MOST_KEYS)]
    keys: Annotated[tuple[NamedKey, ...], Field(min_length=1, max_length=MOST_KEYS)]

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if len({one.public for one in self.keys}) != len(self.keys):
            raise ValueError("each key is there once")
        if self.threshold > len(self.keys):
            raise ValueError("no more keys must sign than there are")
        return self


class Statement(SignedModel):
    """The statement of the key holders about an archive."""

    SIGNED_AS: ClassVar[bytes] = b"makeup-booth: release, form 1\n"

    form: Literal[1] = 1
    version: VersionText
    architecture: Literal["amd64", "arm64"]
    minimum_version: VersionText  # the oldest version that this version may replace directly
    not_after: Day  # the last day on which the release may be installed, by the office's date
    archive: ContentDigest
    archive_bytes: Annotated[Count, Field(ge=1, le=MOST_ARCHIVE_BYTES)]
    installed_bytes: Annotated[Count, Field(ge=1, le=4 * MOST_ARCHIVE_BYTES)]


class Signature(WireModel):
    """The signature of one key, in base64."""

    public: PublicKey
    signature: str = Field(pattern=r"^[A-Za-z0-9+/]{86}==$")


class Signed(WireModel):
    """The exact text that was signed, and its signatures."""

    text: Annotated[str, StringConstraints(max_length=65_536)]
    signatures: Annotated[tuple[Signature, ...], Field(max_length=4 * MOST_KEYS)] = ()


class ReleaseHeader(WireModel):
    """The first line of a release file."""

    key_sets: Annotated[tuple[Signed, ...], Field(max_length=MOST_SETS)]
    statement: Signed


class Opened(NamedTuple):
    """The content of a verified header: the statement, and the keys that are in force now."""

    statement: Statement
    keys: KeySet


def signed(what: SignedModel) -> Signed:
    """`what` as a text that can be signed, without any signature yet."""
    return Signed(text=what.encode().decode())


def sign(kind: type[SignedModel], paper: Signed, key: Ed25519PrivateKey) -> Signed:
    """Add the signature of `key` to `paper`, or replace an earlier signature of the same key. Returns the signed paper.
    Raises `MessageError`."""
    kind.decode(paper.text.encode())
    public = public_of(key)
    made = base64.b64encode(key.sign(kind.SIGNED_AS + paper.text.encode())).decode()
    others = tuple(one for one in paper.signatures if one.public != public)
    return Signed(text=paper.text, signatures=(*others, Signature(public=public, signature=made)))


def signers(kind: type[SignedModel], paper: Signed, keys: KeySet) -> list[str]:
    """The holders of the keys in `keys` that signed `paper` validly, each key once."""
    data = kind.SIGNED_AS + paper.text.encode()
    good = {one.public for one in paper.signatures if _is_by(one, data)}
    return [one.holder for one in keys.keys if one.public in good]


def newest_keys(trusted: KeySet, chain: Iterable[Signed]) -> KeySet:
    """Follow the sets of keys in `chain` (oldest first) from the set `trusted`; returns the newest set. Raises
    `ReleaseError`."""
    for paper in chain:
        following = _decoded(KeySet, paper)
        if following.version <= trusted.version:
            continue
        if following.version != trusted.version + 1:
            raise ReleaseError(
                f"set {following.version} of the release keys does not follow {trusted.version} directly"
            )
        for keys in (trusted, following):
            _check_signed(KeySet, paper, keys, f"set {following.version} of the release keys")
        trusted = following
    return trusted


def open_header(header: ReleaseHeader, trusted: KeySet) -> Opened:
    """Verify a header. Enough keys of the newest set that follows from `trusted` must have signed the statement. Raises
    `ReleaseError`."""
    keys = newest_keys(trusted, header.key_sets)
    statement = _decoded(Statement, header.statement)
    _check_signed(Statement, header.statement, keys, f"release {statement.version}")
    return Opened(statement, keys)


def read_header(file: BinaryIO) -> ReleaseHeader:
    """Read the header of a release file; afterwards `file` is at the archive's first byte. Raises `ReleaseError`,
    `OSError`."""
    line = file.readline(MOST_HEADER_BYTES + 1)
    if not line.endswith(b"\n"):
        raise ReleaseError("this is no release file: it does not begin with one line that says what it holds")
    try:
        return ReleaseHeader.decode(line[:-1])
    except MessageError as fault:
        raise ReleaseError(f"this is no release file that this program reads: {fault}") from fault


def header_line(header: ReleaseHeader) -> bytes:
    """The first line of a release file. Raises `ReleaseError` if the line is longer than programs read."""
    line = header.encode() + b"\n"
    if len(line) > MOST_HEADER_BYTES:
        raise ReleaseError(f"the header has {len(line)} bytes, at most {MOST_HEADER_BYTES} are read")
    return line


def read_key_set(data: bytes) -> tuple[Signed, KeySet]:
    """Read a file with one set of keys, which need not be signed yet. Raises `ReleaseError`."""
    try:
        paper = Signed.decode(data)
    except MessageError as fault:
        raise ReleaseError(f"this is no set of release keys: {fault}") from fault
    return paper, _decoded(KeySet, paper)


def trusted_keys(data: bytes) -> KeySet:
    """The first set that a machine trusts, from its file. Enough of the set's own keys must have signed it, which shows
    that the holders have their keys. Raises `ReleaseError`."""
    paper, keys = read_key_set(data)
    _check_signed(KeySet, paper, keys, f"set {keys.version} of the release keys")
    return keys


def public_of(key: Ed25519PrivateKey) -> str:
    """The public key that belongs to the secret key `key`, in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _is_by(one: Signature, data: bytes) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(one.public, validate=True))
        key.verify(base64.b64decode(one.signature, validate=True), data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _decoded(kind: type[M], paper: Signed) -> M:
    try:
        return kind.decode(paper.text.encode())
    except (MessageError, UnicodeEncodeError) as fault:
        raise ReleaseError(f"what was signed is not right: {fault}") from None


def _check_signed(kind: type[SignedModel], paper: Signed, keys: KeySet, what: str) -> None:
    found: Sequence[str] = signers(kind, paper, keys)
    if len(found) < keys.threshold:
        by = ", ".join(found) or "none"
        raise ReleaseError(
            f"{what} is signed by {len(found)} of the keys of set {keys.version} ({by}), {keys.threshold} must sign it"
        )
