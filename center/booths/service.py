"""Booths: enrolled by a one-time code, authenticated by a credential, revoked at once.

A credential does not expire: a booth that was switched off for months must reconnect by itself. Codes and credentials
are random enough to be stored as a plain hash; neither can be read back.
"""

import re
import secrets
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.booths.model import BoothState
from center.booths.tables import BoothRow, CredentialRow, EnrolmentRow, HeartbeatRow
from center.platform.batch import Batcher
from center.platform.clock import Clock
from center.platform.configuration import EnrolmentConfig
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.tables import table_of
from center.platform.tokens import hash_of
from wire.faults import MessageError
from wire.heartbeat import Heartbeat

_BOOTHS, _CREDENTIALS = table_of(BoothRow), table_of(CredentialRow)
_BOOTH_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 20  # characters of 5 bits each
_GROUP = 5

# This statement is built once, because it is used at every request.
_BOOTH_OF_CREDENTIAL = (
    select(_CREDENTIALS.c.token_hash, _BOOTHS.c.booth_id, _BOOTHS.c.schools)
    .join(_CREDENTIALS, _CREDENTIALS.c.booth_id == _BOOTHS.c.booth_id)
    .where(
        _CREDENTIALS.c.token_hash.in_(bindparam("hashes", expanding=True)),
        _CREDENTIALS.c.revoked_at.is_(None),
        _BOOTHS.c.revoked_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Booth:
    """An enrolled booth. `schools` None: it may read every school's roster."""

    booth_id: str
    schools: tuple[str, ...] | None


class Booths:
    """All booths. Threads may share it."""

    def __init__(self, database: Database, audit: Audit, config: EnrolmentConfig, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._code_life = timedelta(hours=config.code_hours)
        self._clock = clock
        self._credential_batches = Batcher(self._look_up_credentials)

    def close(self) -> None:
        """End the thread that looks credentials up; idempotent."""
        self._credential_batches.close()

    def enrol(self, who: str, booth_id: str, schools: Sequence[str] = ()) -> str:
        """Make a one-time code for the booth, new or known; earlier codes become invalid.

        `schools`: the schools whose roster a new booth may read; empty: all. A working booth keeps its credential until
        the code is used. Raises `WrongRequest`, `Conflict` (the booth is enrolled for other schools, so its copy of the
        roster would be wrong).
        """
        if not _BOOTH_ID.fullmatch(booth_id):
            raise WrongRequest(
                "{booth_id!r} is no booth's name: lower-case letters, digits and hyphens, at most 63, like hall-1",
                booth_id=booth_id[:80],
            )
        code = "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH))
        now = self._clock()
        with self._database.write() as session:
            fresh = {"schools": list(schools) or None, "created_at": now, "verdict_sequence": 0}
            adding = upsert(session, BoothRow).values(booth_id=booth_id, **fresh)
            session.execute(adding.on_conflict_do_nothing())
            booth = session.get_one(BoothRow, booth_id, with_for_update=True)
            if schools and list(schools) != booth.schools:
                raise Conflict(
                    "booth {booth_id} is enrolled for other schools: enrol it under another name", booth_id=booth_id
                )
            session.execute(
                update(EnrolmentRow)
                .where(EnrolmentRow.booth_id == booth_id, EnrolmentRow.used_at.is_(None))
                .values(used_at=now)
            )
            session.execute(
                insert(EnrolmentRow).values(
                    code_hash=hash_of(code), booth_id=booth_id, expires_at=now + self._code_life
                )
            )
            self._audit.append(session, now, who, "booth.code", booth_id)
        return "-".join(code[at : at + _GROUP] for at in range(0, _CODE_LENGTH, _GROUP))

    def remember(self, booth_id: str) -> None:
        """If the office knows no booth of this name, add one that is revoked. It is called for a booth whose shots
        exist, but whose row and credential are lost.
        """
        now = self._clock()
        with self._database.write() as session:
            session.execute(
                upsert(session, BoothRow)
                .values(booth_id=booth_id, schools=None, created_at=now, revoked_at=now, verdict_sequence=0)
                .on_conflict_do_nothing()
            )

    def exchange(self, booth_id: str, code: str) -> str | None:
        """The booth's new credential for its one-time code; None if the code is wrong, used, expired or another
        booth's. The previous credential becomes invalid.
        """
        plain = code.replace("-", "").replace(" ", "").upper()
        now = self._clock()
        token = secrets.token_urlsafe(32)
        with self._database.write() as session:
            used = session.execute(
                update(EnrolmentRow)
                .where(
                    EnrolmentRow.code_hash == hash_of(plain),
                    EnrolmentRow.booth_id == booth_id,
                    EnrolmentRow.used_at.is_(None),
                    EnrolmentRow.expires_at > now,
                )
                .values(used_at=now)
                .returning(EnrolmentRow.booth_id)
                .execution_options(synchronize_session=False)
            ).first()
            if used is None:
                return None
            self._end_credentials(session, booth_id, now)
            session.execute(insert(CredentialRow).values(token_hash=hash_of(token), booth_id=booth_id, issued_at=now))
            session.execute(update(BoothRow).where(BoothRow.booth_id == booth_id).values(revoked_at=None))
            self._audit.append(session, now, f"booth:{booth_id}", "booth.enrolled", booth_id)
        return token

    def authenticating(self, token: str) -> Future[Booth | None]:
        """A future whose result is the booth with this credential, or None if the credential is wrong or revoked. The
        future raises `Unavailable`.
        """
        return self._credential_batches.submit(hash_of(token))

    def _look_up_credentials(self, hashes: Sequence[bytes]) -> list[Booth | None]:
        with self._database.look_up() as connection:
            rows = connection.execute(_BOOTH_OF_CREDENTIAL, {"hashes": hashes})
            booths = {
                row.token_hash: Booth(row.booth_id, None if row.schools is None else tuple(row.schools)) for row in rows
            }
        return [booths.get(token_hash) for token_hash in hashes]

    def revoke(self, who: str, booth_id: str) -> None:
        """Revoke the booth's credential and codes at once. Its shots stay. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            booth = session.get(BoothRow, booth_id, with_for_update=True)
            if booth is None:
                raise NotThere(
                    "there is no booth {booth_id!r}: `center booths list` names them", booth_id=booth_id[:80]
                )
            session.execute(update(BoothRow).where(BoothRow.booth_id == booth_id).values(revoked_at=now))
            self._end_credentials(session, booth_id, now)
            session.execute(
                update(EnrolmentRow)
                .where(EnrolmentRow.booth_id == booth_id, EnrolmentRow.used_at.is_(None))
                .values(used_at=now)
            )
            self._audit.append(session, now, who, "booth.revoked", booth_id)

    def store_heartbeat(self, booth_id: str, heartbeat: Heartbeat) -> datetime:
        """Store a booth's heartbeat; returns the office's time. Raises `Unavailable`."""
        now = self._clock()
        with self._database.write() as session:
            values = {"at": now, "message": heartbeat.encode().decode()}
            session.execute(
                upsert(session, HeartbeatRow)
                .values(booth_id=booth_id, **values)
                .on_conflict_do_update(index_elements=[HeartbeatRow.booth_id], set_=values)
            )
        return now

    def names(self) -> list[str]:
        """Every booth's name, in order."""
        with self._database.read() as session:
            return list(session.scalars(select(BoothRow.booth_id).order_by(BoothRow.booth_id)))

    def all(self) -> list[BoothState]:
        """Every booth, by name."""
        live = select(CredentialRow.booth_id).where(CredentialRow.revoked_at.is_(None)).distinct().scalar_subquery()
        with self._database.read() as session:
            rows = session.execute(
                select(BoothRow, HeartbeatRow, BoothRow.booth_id.in_(live).label("enrolled"))
                .outerjoin(HeartbeatRow, HeartbeatRow.booth_id == BoothRow.booth_id)
                .order_by(BoothRow.booth_id)
            ).all()
        return [
            BoothState(
                booth.booth_id,
                None if booth.schools is None else tuple(booth.schools),
                booth.created_at,
                bool(enrolled),
                booth.revoked_at,
                None if beat is None else beat.at,
                None if beat is None else _stored_heartbeat(beat.message),
            )
            for booth, beat, enrolled in rows
        ]

    def serving(self) -> list[BoothState]:
        """The booths that can photograph graduates now, by name. Raises `Unavailable`."""
        now = self._clock()
        return [booth for booth in self.all() if booth.serves(now)]

    def _end_credentials(self, session: Session, booth_id: str, now: datetime) -> None:
        session.execute(
            update(CredentialRow)
            .where(CredentialRow.booth_id == booth_id, CredentialRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )


def _stored_heartbeat(message: str) -> Heartbeat | None:
    """The booth's heartbeat; None if another version of the office stored it (the next one arrives within a minute)."""
    try:
        return Heartbeat.decode(message.encode())
    except MessageError:
        return None


def write_feed_place(session: Session, booth_id: str, place: int) -> None:
    """Store up to which place the booth's feed of decisions is filled. The caller has locked the booth's row."""
    session.execute(update(BoothRow).where(BoothRow.booth_id == booth_id).values(verdict_sequence=place))
