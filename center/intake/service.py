"""What booths send: stored, read back, opened, filed. The one way a shot comes into the office.

Order of things, so that no stop loses or halves a shot: the bytes first (durable and read back), then one
transaction with everything known of them. Stopping between the two leaves a file that nobody names; the booth, which
has no receipt, sends again and the same file is written over itself.

The envelope is opened before that transaction, which so files it as queued at once. Where it can't be opened now (its
key is not here, or opening fails in a way nobody thought of), the shot is filed as received all the same: its bytes
and receipt are safe, and it is opened again whenever the booth asks or the office starts.

Shots that come at the same moment share one transaction (ADR 099).
"""

import hashlib
import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from center.intake.filing import Arrival, OpeningResult, file_arrivals, file_beside, found_values
from center.intake.model import Opened, Refusal, open_shot
from center.platform.batch import Batcher
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoGone, PhotoStore, photo_name
from center.platform.seal_keys import SealKeys
from center.platform.tables import table_of
from center.shots.model.shot import Stage
from center.shots.tables import IdentityRow, ShotRow
from rules.profile import Profile
from wire.seal import NoKey, SealError

log = logging.getLogger(__name__)

_SHOTS = table_of(ShotRow)
_KNOWN = select(
    _SHOTS.c.shot_id, _SHOTS.c.booth_id, _SHOTS.c.sha256, _SHOTS.c.received_at, _SHOTS.c.verified_at, _SHOTS.c.refusal
).where(_SHOTS.c.shot_id.in_(bindparam("shot_ids", expanding=True)))


class ForeignShot(Exception):
    """The shot id belongs to another booth."""


class OtherDigest(Exception):
    """The shot id is known with other bytes."""


class WrongDigest(Exception):
    """The bytes are not those of the digest that came with them."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """An envelope whose bytes are durable, to be opened and filed."""

    booth_id: str
    shot_id: str
    sha256: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Filed:
    """A shot as it is filed. `refusal`: why it is none for the queue, empty when it is or was not opened yet."""

    shot_id: str
    sha256: bytes
    received_at: datetime
    verified_at: datetime | None
    refusal: tuple[str, ...]
    new: bool = False


class Intake:
    """Takes envelopes in. Threads may share it."""

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        keys: SealKeys,
        office_keys: OfficeKeys,
        profiles: Mapping[str, Profile],
        clock: Clock,
    ) -> None:
        self._database = database
        self._photos = photos
        self._keys = keys
        self._office_keys = office_keys
        self._profiles = profiles
        self._clock = clock
        self._filing = Batcher(self._file)
        self._asking = Batcher(self._ask)

    def receive(self, booth_id: str, shot_id: str, sha256: bytes, data: bytes) -> Filed:
        """File the envelope `data`; the same bytes again give the same answer.

        Raises `WrongDigest`, `OtherDigest`, `ForeignShot`; `Unavailable` when nothing was filed, or it is not sure.
        """
        if hashlib.sha256(data).digest() != sha256:
            raise WrongDigest
        try:
            known = self._known(booth_id, shot_id, sha256)
        except ForeignShot:
            known = self._taken_over(booth_id, shot_id, sha256, data)
        if known is not None:
            if known.verified_at is None:
                # It may be here because its file was lost: the same bytes again put it back.
                self._photos.put(photo_name(shot_id, sha256), data, sha256)
            return self._again(known, booth_id, data)
        self._photos.put(photo_name(shot_id, sha256), data, sha256)
        stored = _Stored(booth_id, shot_id, sha256, data)
        try:
            return self._filing.submit(stored)
        except IntegrityError:
            # Another request filed this shot meanwhile, or one of those that were to be filed at the same stroke.
            return self._known(booth_id, shot_id, sha256) or self._file_alone(stored)

    def status(self, booth_id: str, shot_id: str) -> Filed | None:
        """How far a shot is; None when it is not known, or its bytes are gone and it must be sent again.

        Raises `ForeignShot`, `Unavailable`.
        """
        known = self._known(booth_id, shot_id, None)
        if known is None or known.verified_at is not None or known.refusal:
            return known
        try:
            return self._again(known, booth_id, self._photos.get(photo_name(shot_id, known.sha256)))
        except PhotoGone as fault:  # this one's matter; staff see it among what was set aside
            log.error("shot %s can't be opened: %s", shot_id, fault)
            return None

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
        row = self._asking.submit(shot_id)
        if row is None:
            return None
        if row.booth_id != booth_id:
            raise ForeignShot
        if sha256 is not None and row.sha256 != sha256:
            raise OtherDigest
        return Filed(shot_id, row.sha256, row.received_at, row.verified_at, tuple(row.refusal or ()))

    def _taken_over(self, booth_id: str, shot_id: str, sha256: bytes, data: bytes) -> Filed:
        """A shot that another credential brought and that was refused does not belong to it: its own booth may bring
        it. Raises `ForeignShot` when it was not refused, or when `data` is not this booth's shot either."""
        found = self._open(data, shot_id, booth_id)
        if not isinstance(found, Opened):
            raise ForeignShot
        self._photos.put(photo_name(shot_id, sha256), data, sha256)
        with self._database.write() as session:
            taken = session.execute(
                update(ShotRow)
                .where(ShotRow.shot_id == shot_id, ShotRow.stage == Stage.REFUSED.value)
                .values(booth_id=booth_id, sha256=sha256, size=len(data), received_at=self._clock())
                .returning(ShotRow.received_at)
                .execution_options(synchronize_session=False)
            ).one_or_none()
        if taken is None:
            raise ForeignShot
        return Filed(shot_id, sha256, taken.received_at, None, ("brought by another booth before",))

    def _ask(self, shot_ids: Sequence[str]) -> list[Any]:
        with self._database.read() as session:
            rows = {row.shot_id: row for row in session.execute(_KNOWN, {"shot_ids": shot_ids})}
        return [rows.get(shot_id) for shot_id in shot_ids]

    def _again(self, known: Filed, booth_id: str, data: bytes) -> Filed:
        """Open what is filed but not queued: what was in its way may have been mended (a missing profile)."""
        if known.verified_at is not None:
            return known
        found = self._open(data, known.shot_id, booth_id)
        if found is None:
            return known
        with self._database.write() as session:
            stage = session.execute(
                select(ShotRow.stage).where(ShotRow.shot_id == known.shot_id).with_for_update()
            ).scalar_one()
            if stage in (Stage.RECEIVED.value, Stage.REFUSED.value):
                shots = [(known.shot_id, found)]
                (values,) = found_values(session, self._office_keys, self._clock(), shots)
                session.execute(update(ShotRow).where(ShotRow.shot_id == known.shot_id).values(**values))
                if session.get(IdentityRow, known.shot_id) is None:  # else it was opened before its file was lost
                    file_beside(session, self._office_keys, shots)
            elif isinstance(found, Opened):
                # Its file was lost, and a restored office asked for it again: what was decided stays.
                lost = ShotRow.shot_id == known.shot_id, ShotRow.verified_at.is_(None)
                session.execute(update(ShotRow).where(*lost).values(verified_at=self._clock()))
        return self._known(booth_id, known.shot_id, known.sha256) or known

    def _open(self, data: bytes, shot_id: str, booth_id: str) -> OpeningResult:
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

    def _file(self, several: Sequence[_Stored]) -> list[Filed]:
        # Opened here and not in the threads that brought them: they would only take turns at it, and it takes longer
        # to pass the turn than to open.
        arrivals = [
            Arrival(
                one.shot_id, one.booth_id, one.sha256, len(one.data), self._open(one.data, one.shot_id, one.booth_id)
            )
            for one in several
        ]
        now = self._clock()
        with self._database.write() as session:
            rows = file_arrivals(session, self._office_keys, now, arrivals)
        return [
            Filed(row["shot_id"], row["sha256"], now, row.get("verified_at"), tuple(row.get("refusal") or ()), new=True)
            for row in rows
        ]

    def _file_alone(self, stored: _Stored) -> Filed:
        try:
            return self._file([stored])[0]
        except IntegrityError:
            known = self._known(stored.booth_id, stored.shot_id, stored.sha256)
            if known is None:
                raise
            return known
