"""Release files for tests: two of three keys from fixed bytes, archives of nobody."""

from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wire.digest import content_digest
from wire.release import KeySet, NamedKey, ReleaseHeader, Signed, Statement, header_line, public_of, sign, signed

ANNA, BERT, CARL, DORA = (Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in range(1, 5))


def key_set(version: int = 1, *holders: Ed25519PrivateKey, by: tuple[Ed25519PrivateKey, ...] = (ANNA, BERT)) -> Signed:
    """A set of keys, signed."""
    named = tuple(
        NamedKey(holder=f"holder {number}", public=public_of(key))
        for number, key in enumerate(holders or (ANNA, BERT, CARL))
    )
    paper = signed(KeySet(version=version, threshold=2, keys=named))
    for key in by:
        paper = sign(KeySet, paper, key)
    return paper


def release_file(
    path: Path,
    version: str = "0.3.0",
    archive: bytes = b"archive",
    *,
    by: tuple[Ed25519PrivateKey, ...] = (ANNA, CARL),
    sets: tuple[Signed, ...] | None = None,
    **changes: object,
) -> Path:
    """A release file at `path`."""
    values: dict[str, object] = {
        "version": version,
        "architecture": "arm64",
        "minimum_version": "0.2.0",
        "not_after": date(2027, 3, 31),
        "archive": content_digest(archive),
        "archive_bytes": len(archive),
        "installed_bytes": 1_000,
    }
    paper = signed(Statement(**(values | changes)))  # type: ignore[arg-type]
    for key in by:
        paper = sign(Statement, paper, key)
    header = ReleaseHeader(key_sets=(key_set(),) if sets is None else sets, statement=paper)
    path.write_bytes(header_line(header) + archive)
    return path
