"""Releases of the booths' program: the office accepts signed ones, gives them to one booth, some or all, and withdraws
them. The office decides which booth should run which release, and until when; it can't make a release itself. A booth
checks the signatures with its own keys, whatever the office says (`wire.release`).
"""

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BufferedReader
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.booths.tables import BoothRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere, Unavailable, WrongRequest
from center.releases.tables import BoothReleaseRow, ReleaseRow
from common.disk import Disk, alone_in, pieces_of, write_durably
from rules.season import day_in_china
from wire.digest import format_digest, parse_digest
from wire.instructions import Release as ReleaseMessage
from wire.release import (
    KeySet,
    ReleaseError,
    Statement,
    Version,
    newest_keys,
    open_header,
    read_header,
    read_key_set,
    trusted_keys,
)

MOST_PIECE_BYTES = 256 << 10
"""The most bytes of a release that one answer contains."""

_KEYS = "release-keys.json"


@dataclass(frozen=True, slots=True)
class Release:
    """A release that this office has. `booths`: the ids of the booths that should run it."""

    version: str
    size_bytes: int
    architecture: str
    minimum_version: str
    not_after: date
    added_at: datetime
    added_by: str
    withdrawn_at: datetime | None
    booths: tuple[str, ...]


class Releases:
    """All releases. Threads may share it."""

    def __init__(self, database: Database, audit: Audit, folder: Path, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._folder = folder
        self._clock = clock
        self._disk = Disk()

    def trust(self, who: str, data: bytes) -> KeySet:
        """Trust a set of keys. The first set is trusted as it is; each further set must be signed with keys of the set
        before it.

        Raises `WrongRequest`, `Unavailable`.
        """
        try:
            keys = trusted_keys(data)
            if (known := self.keys()) is not None:
                keys = newest_keys(known, [read_key_set(data)[0]])
                if keys == known:
                    raise WrongRequest("set {version} of the release keys is in force already", version=known.version)
        except ReleaseError as fault:
            raise WrongRequest("the file of the release or of its keys is refused: {why}", why=fault) from fault
        self._write(self._folder / _KEYS, data)
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "release.keys", f"set {keys.version}")
        return keys

    def keys(self) -> KeySet | None:
        """The newest set of keys that this office trusts. Raises `Unavailable`."""
        try:
            return trusted_keys((self._folder / _KEYS).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ReleaseError) as fault:
            raise Unavailable(
                "{path} can't be read ({kind})", path=self._folder / _KEYS, kind=type(fault).__name__
            ) from fault

    def add(self, who: str, path: Path) -> Release:
        """Check a whole release file and store it. Adding the same file again changes nothing, except that a stored
        file is written again if it is missing or of another length: no backup contains release files.

        Raises `WrongRequest`, `Conflict` (another file of this version), `Unavailable`, `OSError` (the file).
        """
        keys = self.keys()
        if keys is None:
            raise WrongRequest("this office trusts no release keys yet: `center releases trust` the first set")
        with path.open("rb") as file:
            statement, digest, size = _check(file, keys)
            file.seek(0)
            self._store(who, file, statement, digest, size)
        return self.get(statement.version)

    def _store(self, who: str, file: BufferedReader, statement: Statement, digest: str, size: int) -> None:
        """Store a checked release file. Raises the same as `add`."""
        with alone_in(self._folder):  # else the file of one who is refused could overwrite the one that is recorded
            with self._database.read() as session:
                known = _is_known(session, statement.version, digest)
            if self._stored_bytes(statement.version) != size:
                self._write(self._file(statement.version), pieces_of(file))
            if not known:
                row = _row(statement, digest, size, who, self._clock())
                with self._database.write() as session:
                    # On another computer, somebody else may have added the file meanwhile.
                    adding = upsert(session, ReleaseRow).values(row).on_conflict_do_nothing()
                    if session.execute(adding.returning(ReleaseRow.version)).first() is not None:
                        self._audit.append(session, self._clock(), who, "release.added", statement.version)
                    else:
                        _is_known(session, statement.version, digest)

    def give(self, who: str, version: str, booths: Collection[str] | None) -> int:
        """Give booths a release (None: all enrolled ones); returns how many. Raises `NotThere`, `WrongRequest`."""
        now = self._clock()
        with self._database.write() as session:
            release = session.get(ReleaseRow, version, with_for_update=True)
            if release is None or release.withdrawn_at is not None:
                raise NotThere(
                    "there is no release {version!r}, or it is withdrawn: `center releases list`", version=version[:20]
                )
            if release.not_after < day_in_china(now):
                raise WrongRequest(
                    "release {version} was to be installed until {until}: sign a newer one",
                    version=version,
                    until=release.not_after,
                )
            known = set(session.scalars(select(BoothRow.booth_id).where(BoothRow.revoked_at.is_(None))))
            unknown = sorted(set(booths or ()) - known)
            if unknown:
                raise NotThere(
                    "there is no booth {booth_id!r}: `center booths list` names them", booth_id=unknown[0][:80]
                )
            chosen = sorted(known if booths is None else set(booths))
            for booth_id in chosen:
                values = {"version": version, "given_at": now, "given_by": who}
                session.execute(
                    upsert(session, BoothReleaseRow)
                    .values(booth_id=booth_id, **values)
                    .on_conflict_do_update(index_elements=[BoothReleaseRow.booth_id], set_=values)
                )
                self._audit.append(session, now, who, "release.given", f"{version} {booth_id}")
        return len(chosen)

    def withdraw(self, who: str, version: str) -> None:
        """Offer a release to no booth any more. Booths that run it keep running it. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            found = session.execute(
                update(ReleaseRow)
                .where(ReleaseRow.version == version, ReleaseRow.withdrawn_at.is_(None))
                .values(withdrawn_at=now)
                .returning(ReleaseRow.version)
            ).first()
            if found is None:
                raise NotThere("there is no release {version!r}, or it is withdrawn already", version=version[:20])
            self._audit.append(session, now, who, "release.withdrawn", version)

    def of_booth(self, booth_id: str) -> ReleaseMessage | None:
        """The release that the booth should run; None if it was given none, or if that release is withdrawn or has
        expired.
        """
        with self._database.read() as session:
            row = self._given(session, booth_id)
            if row is None:
                return None
            digest = format_digest(bytes.fromhex(row.digest))
            return ReleaseMessage(version=row.version, digest=digest, size_bytes=row.size_bytes)

    def piece(self, booth_id: str, version: str, begin: int) -> bytes:
        """At most `MOST_PIECE_BYTES` of the release that the booth was given. Raises `NotThere`, `Unavailable`."""
        with self._database.read() as session:
            row = self._given(session, booth_id)
        if row is None or row.version != version or not 0 <= begin < row.size_bytes:
            raise NotThere("this booth was given no such release, or it has no such place")
        try:
            with self._file(version).open("rb") as file:
                file.seek(begin)
                return file.read(MOST_PIECE_BYTES)
        except OSError as fault:
            raise Unavailable("release {version} can't be read: {why}", version=version, why=fault.strerror) from fault

    def get(self, version: str) -> Release:
        """One release. Raises `NotThere`."""
        found = [one for one in self.all() if one.version == version]
        if not found:
            raise NotThere("there is no release {version!r}: `center releases list` names them", version=version[:20])
        return found[0]

    def all(self) -> list[Release]:
        """Every release, the newest first."""
        with self._database.read() as session:
            rows = session.scalars(select(ReleaseRow)).all()
            given = session.execute(
                select(BoothReleaseRow.version, BoothReleaseRow.booth_id).order_by(BoothReleaseRow.booth_id)
            ).all()
        releases = [
            Release(
                row.version,
                row.size_bytes,
                row.architecture,
                row.minimum_version,
                row.not_after,
                row.added_at,
                row.added_by,
                row.withdrawn_at,
                tuple(booth for version, booth in given if version == row.version),
            )
            for row in rows
        ]
        return sorted(releases, key=lambda one: Version(one.version), reverse=True)

    def over(self, release: Release) -> bool:
        """Whether the last day of a release (`not_after`) has passed."""
        return release.not_after < day_in_china(self._clock())

    def _given(self, session: Session, booth_id: str) -> ReleaseRow | None:
        return session.scalars(
            select(ReleaseRow)
            .join(BoothReleaseRow, BoothReleaseRow.version == ReleaseRow.version)
            .where(
                BoothReleaseRow.booth_id == booth_id,
                ReleaseRow.withdrawn_at.is_(None),
                ReleaseRow.not_after >= day_in_china(self._clock()),
            )
        ).first()

    def _stored_bytes(self, version: str) -> int | None:
        try:
            return self._file(version).stat().st_size
        except OSError:
            return None

    def _file(self, version: str) -> Path:
        return self._folder / f"{Version(version)}.release"

    def _write(self, path: Path, data: bytes | Iterator[bytes]) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            write_durably(self._disk, path, data, part)
        except OSError as fault:
            raise Unavailable("{path} can't be written: {why}", path=path, why=fault.strerror) from fault


def _is_known(session: Session, version: str, digest: str) -> bool:
    """Whether the office has this release. Raises `Conflict` if it has another file of this version."""
    known = session.get(ReleaseRow, version)
    if known is not None and known.digest != digest:
        raise Conflict("another file of release {version} is here: a version is given once", version=version)
    return known is not None


def _check(file: BufferedReader, keys: KeySet) -> tuple[Statement, str, int]:
    """Check that a release file's statement is signed by keys in force and is about exactly the archive in the file.
    Returns the statement, and digest and length of the whole file. Raises `WrongRequest`."""
    try:
        header = read_header(file)
        statement = open_header(header, keys).statement
    except ReleaseError as fault:
        raise WrongRequest("the file of the release or of its keys is refused: {why}", why=fault) from fault
    begin = file.tell()
    archive = hashlib.file_digest(file, "sha256").digest()
    size = file.tell()
    if archive != parse_digest(statement.archive) or size - begin != statement.archive_bytes:
        raise WrongRequest(
            "the archive is not the one that was signed as {version}: damaged, or cut short", version=statement.version
        )
    file.seek(0)
    return statement, hashlib.file_digest(file, "sha256").hexdigest(), size


def _row(statement: Statement, digest: str, size: int, who: str, now: datetime) -> dict[str, object]:
    return {
        "version": statement.version,
        "digest": digest,
        "size_bytes": size,
        "architecture": statement.architecture,
        "minimum_version": statement.minimum_version,
        "not_after": statement.not_after,
        "added_at": now,
        "added_by": who,
    }
