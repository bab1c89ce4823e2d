"""What booths send: stored, read back, opened, filed. The one way a shot comes into the office.

Order of things, so that no stop loses or halves a shot: the bytes first (durable and read back), then one
transaction with everything known of them. Stopping between the two leaves a file that nobody names; the booth, which
has no receipt, sends again and the same file is written over itself.

The envelope is opened before that transaction, which so files it as queued at once. Where it can't be opened now (its
key is not here, or opening fails in a way nobody thought of), the shot is filed as received all the same: its bytes
and receipt are safe, and it is opened again whenever the booth asks or the office starts.
"""

import hashlib
import json
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from center.domain.opening import Opened, Refusal, open_shot
from center.domain.person import lookup_text, receipt_text
from center.domain.rank import OfficeFlag, rank
from center.domain.retake import standing
from center.domain.shot import Stage
from center.store.clock import Clock
from center.store.database import Database
from center.store.people import earlier_shots, person_of
from center.store.photos import PhotoStore, photo_name
from center.store.seals import SealKeys
from center.store.tables import FindingRow, IdentityRow, ReportRow, ShotRow, table_of
from center.store.vault import Vault
from rules.profile import Profile
from wire.seal import NoKey, SealError

log = logging.getLogger(__name__)

# On tables, not on mapped classes: nothing of these rows is kept as an object, and it takes a third of the time.
_SHOTS = table_of(ShotRow)
_FILE_SHOT = insert(_SHOTS)
_FILE_IDENTITY = insert(table_of(IdentityRow))
_FILE_REPORT = insert(table_of(ReportRow))
_FILE_FINDINGS = insert(table_of(FindingRow))
_KNOWN = select(_SHOTS.c.booth_id, _SHOTS.c.sha256, _SHOTS.c.received_at, _SHOTS.c.verified_at, _SHOTS.c.refusal).where(
    _SHOTS.c.shot_id == bindparam("shot_id")
)


class ForeignShot(Exception):
    """The shot id belongs to another booth."""


class OtherDigest(Exception):
    """The shot id is known with other bytes."""


class WrongDigest(Exception):
    """The bytes are not those of the digest that came with them."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A shot as it is filed. `refusal`: why it is none for the queue, empty when it is or was not opened yet."""

    shot_id: str
    sha256: bytes
    received_at: datetime
    verified_at: datetime | None
    refusal: tuple[str, ...]
    new: bool = False


class Receiving:
    """Takes envelopes in. Threads may share it."""

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        keys: SealKeys,
        vault: Vault,
        profiles: Mapping[str, Profile],
        clock: Clock,
    ) -> None:
        self._database = database
        self._photos = photos
        self._keys = keys
        self._vault = vault
        self._profiles = profiles
        self._clock = clock

    def receive(self, booth_id: str, shot_id: str, sha256: bytes, data: bytes) -> Filed:
        """File the envelope `data`; the same bytes again give the same answer.

        Raises `WrongDigest`, `OtherDigest`, `ForeignShot`; `Unavailable` when nothing was filed, or it is not sure.
        """
        if hashlib.sha256(data).digest() != sha256:
            raise WrongDigest
        known = self._known(booth_id, shot_id, sha256)
        if known is not None:
            return self._again(known, booth_id, data)
        self._photos.put(photo_name(shot_id, sha256), data, sha256)
        opened = self._open(data, shot_id, booth_id)
        try:
            return self._file(booth_id, shot_id, sha256, len(data), opened)
        except IntegrityError:
            # Another request filed this shot meanwhile.
            known = self._known(booth_id, shot_id, sha256)
            if known is None:
                raise
            return known

    def status(self, booth_id: str, shot_id: str) -> Filed | None:
        """How far a shot is; None when it is not known. Raises `ForeignShot`, `Unavailable`."""
        known = self._known(booth_id, shot_id, None)
        if known is None or known.verified_at is not None or known.refusal:
            return known
        return self._again(known, booth_id, self._photos.get(photo_name(shot_id, known.sha256)))

    def catch_up(self, most: int = 1_000) -> int:
        """Open what was received and not opened; how many shots moved on. Raises `Unavailable`."""
        with self._database.read() as session:
            waiting = session.execute(
                select(ShotRow.shot_id, ShotRow.booth_id)
                .where(ShotRow.stage == Stage.RECEIVED.value)
                .order_by(ShotRow.received_at)
                .limit(most)
            ).all()
        moved = 0
        for shot_id, booth_id in waiting:
            filed = self.status(booth_id, shot_id)
            moved += filed is not None and (filed.verified_at is not None or bool(filed.refusal))
        return moved

    def _known(self, booth_id: str, shot_id: str, sha256: bytes | None) -> Filed | None:
        with self._database.read() as session:
            row = session.execute(_KNOWN, {"shot_id": shot_id}).one_or_none()
        if row is None:
            return None
        if row.booth_id != booth_id:
            raise ForeignShot
        if sha256 is not None and row.sha256 != sha256:
            raise OtherDigest
        return Filed(shot_id, row.sha256, row.received_at, row.verified_at, tuple(row.refusal or ()))

    def _again(self, known: Filed, booth_id: str, data: bytes) -> Filed:
        """Open what is filed but not queued: what was in its way may have been mended (a missing profile)."""
        if known.verified_at is not None:
            return known
        opened = self._open(data, known.shot_id, booth_id)
        if opened is None:
            return known
        with self._database.write() as session:
            stage = session.execute(
                select(ShotRow.stage).where(ShotRow.shot_id == known.shot_id).with_for_update()
            ).scalar_one()
            if stage in (Stage.RECEIVED.value, Stage.REFUSED.value):
                values = self._values(session, known.shot_id, opened)
                session.execute(update(ShotRow).where(ShotRow.shot_id == known.shot_id).values(**values))
                self._file_beside(session, known.shot_id, opened)
        return self._known(booth_id, known.shot_id, known.sha256) or known

    def _open(self, data: bytes, shot_id: str, booth_id: str) -> Opened | Refusal | None:
        try:
            return open_shot(self._keys.unseal(data), shot_id, booth_id, self._profiles)
        except NoKey:
            log.error("shot %s is sealed to a key that is not here; it stays received until the key is", shot_id)
            return None
        except SealError as fault:
            return Refusal((str(fault),))
        except Exception as fault:
            # Bytes from outside met a fault of ours. They must be kept and receipted whatever it is; of the fault we
            # log where it was, never its message, which could quote them.
            where = "".join(traceback.format_tb(fault.__traceback__))
            log.error("shot %s could not be opened, it stays received (%s)\n%s", shot_id, type(fault).__name__, where)
            return None

    def _file(self, booth_id: str, shot_id: str, sha256: bytes, size: int, opened: Opened | Refusal | None) -> Filed:
        received_at = self._clock()
        row: dict[str, Any] = {
            "shot_id": shot_id,
            "booth_id": booth_id,
            "sha256": sha256,
            "size": size,
            "received_at": received_at,
            "stage": Stage.RECEIVED.value,
            "version": 1,
            "told": False,
            "all_passed": False,
        }
        with self._database.write() as session:
            row |= self._values(session, shot_id, opened)
            session.execute(_FILE_SHOT, row)
            self._file_beside(session, shot_id, opened)
        return Filed(shot_id, sha256, received_at, row.get("verified_at"), tuple(row.get("refusal") or ()), new=True)

    def _values(self, session: Session, shot_id: str, opened: Opened | Refusal | None) -> dict[str, Any]:
        """The columns of `shots` that opening fills."""
        if opened is None:
            return {}
        if isinstance(opened, Refusal):
            return {"stage": Stage.REFUSED.value, "refusal": list(opened.reasons)}
        manifest = opened.manifest
        person_id, new = person_of(session, self._vault, lookup_text(manifest.person))
        flags = opened.flags
        if not new and standing(earlier_shots(session, person_id, shot_id), opened.year) is not None:
            flags = (*flags, OfficeFlag.APPROVED_ALREADY.value)
        now = self._clock()
        return {
            "stage": Stage.QUEUED.value,
            "refusal": None,
            "verified_at": now,
            "queued_at": now,
            "rank": int(rank(flags)),
            "profile": manifest.profile,
            "school": opened.school,
            "year": opened.year,
            "identified_by": manifest.identified_by,
            "person_id": person_id,
            "receipt_lookup": self._vault.lookup("receipt", receipt_text(manifest.receipt)),
            "flags": list(flags),
            "all_passed": opened.all_passed and not flags,
            "shot_at": manifest.times.shot,
            "clock_synced": manifest.times.clock_synced,
        }

    def _file_beside(self, session: Session, shot_id: str, opened: Opened | Refusal | None) -> None:
        """Identity, report and findings, which stand in tables of their own."""
        if not isinstance(opened, Opened):
            return
        person = json.dumps(opened.manifest.person.model_dump(mode="json"), ensure_ascii=False).encode()
        sealed = self._vault.seal("identity", shot_id, person)
        session.execute(_FILE_IDENTITY, {"shot_id": shot_id, "sealed": sealed})
        checks = [[result.check.value, result.verdict.value, result.value] for result in opened.results]
        session.execute(_FILE_REPORT, {"shot_id": shot_id, "checks": checks})
        if opened.findings:
            session.execute(
                _FILE_FINDINGS,
                [
                    {
                        "shot_id": shot_id,
                        "check_id": finding.check.value,
                        "verdict": finding.verdict.value,
                        "value": finding.value,
                    }
                    for finding in opened.findings
                ],
            )
