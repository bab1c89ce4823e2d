"""Intake: stores what booths send, reads it back, opens it and files it. A shot enters the office only this way.

The order prevents a crash from losing a shot or filing half of one: first the bytes are stored (durable and read back),
then one transaction writes everything known about the shot. A crash between the two leaves a file that no row names.
The booth has no receipt, so it sends the shot again, and the same file is overwritten with the same bytes.

The envelope is opened before that transaction, so that the transaction can file the shot as queued. If it can't be
opened now (its key is not here, or opening fails in an unforeseen way), the shot is filed as received: its bytes are
stored and it has a receipt. The office tries to open it again whenever the booth asks about it and when the office
starts.

Shots that arrive at the same moment are processed as one batch (ADR 105): one look-up, one sync, one transaction.
"""

import hashlib
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from center.intake.filing import Arrival, OpeningResult, file_arrivals, file_details, found_values
from center.intake.model import Opened, Refusal, open_shot
from center.platform.batch import Batcher
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Unavailable
from center.platform.keeping import begin_keeping
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoGone, PhotoStore, ToPut, photo_name, read_photo
from center.platform.seal_keys import SealKeys
from center.platform.tables import table_of
from center.shots.model.shot import Stage
from center.shots.tables import IdentityRow, ShotRow
from rules.profile import Profile
from wire.seal import NoKey, SealError

log = logging.getLogger(__name__)

_CAUGHT_UP = 1_000
"""How many shots one `catch_up` opens; a booth that asks about one of the others has it opened then."""

_SHOTS = table_of(ShotRow)
_KNOWN = select(
    _SHOTS.c.shot_id,
    _SHOTS.c.booth_id,
    _SHOTS.c.sha256,
    _SHOTS.c.received_at,
    _SHOTS.c.verified_at,
    _SHOTS.c.refusal,
    _SHOTS.c.stage,
    _SHOTS.c.queued_at,
    _SHOTS.c.photo_purged_at,
).where(_SHOTS.c.shot_id.in_(bindparam("shot_ids", expanding=True)))


OnFlag = Callable[[Session, str, str], None]
"""A function that the office calls when a shot has a certain flag, in the transaction that files the shot, which has
called `begin_keeping`. Its arguments: session, booth id, shot id. Whatever it finds, it must not raise, because the
shot must be filed anyway.
"""


class ForeignShot(Exception):
    """Another booth brought the shot, and this one did not name the digest of its bytes."""


class OtherDigest(Exception):
    """The shot id is already filed with other bytes."""


class WrongDigest(Exception):
    """The bytes do not match the digest that came with them."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a booth sent."""

    booth_id: str
    shot_id: str
    sha256: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed shot. `refusal`: why the shot can't be queued; empty if it was queued (even if its file was lost later),
    or was not opened yet. `deleted`: the office deleted the shot's bytes on purpose, and never accepts them again.
    """

    shot_id: str
    sha256: bytes
    received_at: datetime
    verified_at: datetime | None
    refusal: tuple[str, ...]
    new: bool = False
    deleted: bool = False


class Intake:
    """Stores and files envelopes. Threads may share it."""

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        keys: SealKeys,
        office_keys: OfficeKeys,
        profiles: Mapping[str, Profile],
        clock: Clock,
    ) -> None:
        """`on_flag` is empty at first: tasks of higher layers add, under the name of a flag, the function to be called
        when a shot with this flag is filed.
        """
        self.on_flag: dict[str, OnFlag] = {}
        self._database = database
        self._photos = photos
        self._keys = keys
        self._office_keys = office_keys
        self._profiles = profiles
        self._clock = clock
        self._receiving = Batcher(self._receive, photos.batches)

    def close(self) -> None:
        """File what was submitted, and end the threads that file; idempotent."""
        self._receiving.close()

    def receive(self, booth_id: str, shot_id: str, sha256: bytes, data: bytes) -> Filed:
        """File the envelope `data`; sending the same bytes again gives the same answer.

        Raises `WrongDigest`, `OtherDigest`, `ForeignShot`; `Unavailable` if the envelope was not filed, or if nobody
        can tell whether it was.
        """
        return self.submit(booth_id, shot_id, sha256, data).result()

    def submit(self, booth_id: str, shot_id: str, sha256: bytes, data: bytes) -> Future[Filed]:
        """Submit the envelope without waiting; the future has what `receive` would return or raise."""
        return self._receiving.submit(_Sent(booth_id, shot_id, sha256, data))

    def status(self, booth_id: str, shot_id: str, sha256: bytes | None = None) -> Filed | None:
        """The state of a shot; None when the shot is not known, or its bytes are lost and the booth must send it again.

        The booth asks before it deletes its copy, so the office notices a lost file while the booth still has the copy.
        `sha256`: the digest of the booth's copy; a booth that gives it may also ask about a shot that another booth
        brought.
        Raises `ForeignShot`, `Unavailable`.
        """
        row = self._rows([shot_id]).get(shot_id)
        if row is None:
            return None
        if not _may_see(row, booth_id, sha256):
            if row.sha256 == sha256:
                return None  # another booth sent the shot, and it was refused: this booth must send it itself
            raise ForeignShot
        known = _filed(row)
        if known.refusal or known.deleted:
            return known
        name = photo_name(shot_id, known.sha256)
        try:
            if known.verified_at is not None and self._photos.has(name):
                return known
            data = read_photo(self._photos, shot_id, known.sha256)
            return self._again(known, row.booth_id, data)
        except PhotoGone as fault:  # only this shot's file is lost: the store itself answers
            log.error("shot %s is asked for again: %s", shot_id, fault)
            return None

    def catch_up(self) -> int:
        """Open shots that were received but not opened, and shots that were set aside and whose file is back; returns
        how many were queued or refused. Raises `Unavailable`."""
        with self._database.read() as session:
            waiting = session.execute(
                select(ShotRow.shot_id, ShotRow.booth_id)
                .where(
                    or_(
                        ShotRow.stage == Stage.RECEIVED.value,
                        and_(ShotRow.stage == Stage.REFUSED.value, ShotRow.queued_at.is_not(None)),
                    ),
                    ShotRow.photo_purged_at.is_(None),
                )
                .order_by(ShotRow.received_at)
                .limit(_CAUGHT_UP)
            ).all()
        moved = 0
        for shot_id, booth_id in waiting:
            filed = self.status(booth_id, shot_id)
            moved += filed is not None and (filed.verified_at is not None or bool(filed.refusal))
        return moved

    def _receive(self, several: Sequence[_Sent]) -> list[Filed | Exception]:
        """One batch: the new shots are written to the photo store together, then to the database together."""
        rows = self._rows([one.shot_id for one in several])
        answers: dict[int, Filed | Exception] = {}
        new: list[int] = []
        for at, one in enumerate(several):
            if hashlib.sha256(one.data).digest() != one.sha256:
                answers[at] = WrongDigest()
            elif one.shot_id in rows:
                answers[at] = _outcome(partial(self._receive_known, one, rows[one.shot_id]))
            else:
                new.append(at)
        faults = self._photos.put_all([_to_put(several[at]) for at in new]) if new else []
        answers |= {at: fault for at, fault in zip(new, faults, strict=True) if fault is not None}
        stored = [at for at in new if at not in answers]
        answers |= zip(stored, self._file_stored([several[at] for at in stored]), strict=True)
        return [answers[at] for at in range(len(several))]

    def _receive_known(self, sent: _Sent, row: Any) -> Filed:
        """A shot that has a row already: this booth or another one sends it again."""
        brought_by = row.booth_id
        try:
            known = _known(row, sent.booth_id, sent.sha256)
        except ForeignShot:
            known, brought_by = self._taken_over(sent), sent.booth_id
        to_put = _to_put(sent)
        if not known.deleted and (known.verified_at is None or not self._photos.has(to_put.name)):
            # The booth may send it because the office lost its file: storing the same bytes again replaces the file.
            self._photos.put(*to_put)
            known = replace(known, verified_at=None)  # `_again` verifies it anew, so the booth keeps its copy a while
        return self._again(known, brought_by, sent.data)

    def _taken_over(self, sent: _Sent) -> Filed:
        """Give a refused shot to the booth that its envelope names. Another booth that sent it before keeps no right to
        it. Raises `ForeignShot` when the shot was not refused, or is not this booth's.
        """
        found = self._open(sent)
        if not isinstance(found, Opened):
            raise ForeignShot
        self._photos.put(*_to_put(sent))
        with self._database.write() as session:
            taken = session.execute(
                update(ShotRow)
                .where(ShotRow.shot_id == sent.shot_id, ShotRow.stage == Stage.REFUSED.value)
                .values(booth_id=sent.booth_id, sha256=sent.sha256, size=len(sent.data), received_at=self._clock())
                .returning(ShotRow.received_at)
                .execution_options(synchronize_session=False)
            ).one_or_none()
        if taken is None:
            raise ForeignShot
        return Filed(sent.shot_id, sent.sha256, taken.received_at, None, ("brought by another booth before",))

    def _rows(self, shot_ids: Sequence[str]) -> dict[str, Any]:
        with self._database.look_up() as connection:
            return {row.shot_id: row for row in connection.execute(_KNOWN, {"shot_ids": shot_ids})}

    def _again(self, known: Filed, booth_id: str, data: bytes) -> Filed:
        """Open a shot that is filed but not queued: the obstacle may be gone by now (a missing
        profile, for example)."""
        if known.verified_at is not None:
            return known
        found = self._open(_Sent(booth_id, known.shot_id, known.sha256, data))
        if found is None:
            return known
        with self._database.write() as session:
            if self._followed(found):
                begin_keeping(session)
            stage = session.execute(
                select(ShotRow.stage).where(ShotRow.shot_id == known.shot_id).with_for_update()
            ).scalar_one()
            if stage in (Stage.RECEIVED.value, Stage.REFUSED.value):
                shots = [(known.shot_id, found)]
                (values,) = found_values(session, self._office_keys, self._clock(), shots)
                session.execute(update(ShotRow).where(ShotRow.shot_id == known.shot_id).values(**values))
                # If the shot has an identity, it was opened and filed before its file was lost.
                if session.get(IdentityRow, known.shot_id) is None:
                    file_details(session, self._office_keys, shots)
                    self._follow_flags(session, booth_id, known.shot_id, found)
            elif isinstance(found, Opened):
                # Its file was lost and came from the booth again: the decision stays.
                lost = ShotRow.shot_id == known.shot_id
                session.execute(update(ShotRow).where(lost).values(verified_at=self._clock()))
        row = self._rows([known.shot_id]).get(known.shot_id)
        return known if row is None else _filed(row)

    def _open(self, sent: _Sent) -> OpeningResult:
        try:
            return open_shot(self._keys.unseal(sent.data), sent.shot_id, sent.booth_id, self._profiles)
        except NoKey:
            log.error("shot %s is sealed to a key that is not here; it stays received until the key is", sent.shot_id)
            return None
        except SealError as fault:
            return Refusal((str(fault),))
        except Exception as fault:
            # Our own code failed on bytes from outside. Whatever the fault is, the bytes must be stored, and the booth
            # must get a receipt. We log where the fault happened, never its message, which could quote the bytes.
            where = "".join(traceback.format_tb(fault.__traceback__))
            kind = type(fault).__name__
            log.error("shot %s could not be opened, it stays received (%s)\n%s", sent.shot_id, kind, where)
            return None

    def _file_stored(self, several: Sequence[_Sent]) -> list[Filed | Exception]:
        """Open and file shots whose bytes are durable."""
        arrivals = [Arrival(one.shot_id, one.booth_id, one.sha256, len(one.data), self._open(one)) for one in several]
        if len(arrivals) > 1:
            try:
                return [*self._file(arrivals)]
            except Unavailable as fault:
                return [fault] * len(arrivals)
            except Exception as fault:  # a shot was filed meanwhile, or can't be filed; the others must still be filed
                log.info("%d shots are filed one by one (%s)", len(arrivals), type(fault).__name__)
        return [_outcome(partial(self._file_alone, arrival)) for arrival in arrivals]

    def _file(self, arrivals: Sequence[Arrival]) -> list[Filed]:
        now = self._clock()
        with self._database.write() as session:
            if any(self._followed(one.found) for one in arrivals):
                begin_keeping(session)
            rows = file_arrivals(session, self._office_keys, now, arrivals)
            for one in arrivals:
                self._follow_flags(session, one.booth_id, one.shot_id, one.found)
        return [
            Filed(row["shot_id"], row["sha256"], now, row.get("verified_at"), tuple(row.get("refusal") or ()), new=True)
            for row in rows
        ]

    def _follow_flags(self, session: Session, booth_id: str, shot_id: str, found: OpeningResult) -> None:
        for flag in self._followed(found):
            self.on_flag[flag](session, booth_id, shot_id)

    def _followed(self, found: OpeningResult) -> list[str]:
        """The flags of an opened shot for which `on_flag` has a function. If there are any, the transaction must first
        of all call `begin_keeping`, because what a function does may keep data.
        """
        return [flag for flag in found.flags if flag in self.on_flag] if isinstance(found, Opened) else []

    def _file_alone(self, arrival: Arrival) -> Filed:
        try:
            return self._file([arrival])[0]
        except IntegrityError:
            row = self._rows([arrival.shot_id]).get(arrival.shot_id)
            if row is None:
                raise
            return _known(row, arrival.booth_id, arrival.sha256)


def _to_put(sent: _Sent) -> ToPut:
    return ToPut(photo_name(sent.shot_id, sent.sha256), sent.data, sent.sha256)


def _known(row: Any, booth_id: str, sha256: bytes) -> Filed:
    """The shot of this row. Raises `ForeignShot` if the booth may not see it, `OtherDigest` if it has other bytes."""
    if not _may_see(row, booth_id, sha256):
        raise ForeignShot
    if row.sha256 != sha256:
        raise OtherDigest
    return _filed(row)


def _may_see(row: Any, booth_id: str, sha256: bytes | None) -> bool:
    """Whether a booth may see the shot of this row. A booth may see its own shots, and the shots whose digest it knows:
    a booth that got a new name still has copies that it sent under its former name, and the office may need these. This
    does no harm, because a receipt says nothing about a person. A refused shot belongs to nobody yet: see
    `Intake._taken_over`.
    """
    return row.booth_id == booth_id or (row.sha256 == sha256 and not _refused(row))


def _refused(row: Any) -> bool:
    return row.stage == Stage.REFUSED.value and row.queued_at is None


def _filed(row: Any) -> Filed:
    known = Filed(row.shot_id, row.sha256, row.received_at, row.verified_at, tuple(row.refusal or ()))
    if row.photo_purged_at is not None:
        # The office deleted the photo on purpose, so the booth may delete its copy, too. That holds even if the office
        # had noticed earlier that its own file was lost.
        return replace(known, verified_at=row.verified_at or row.photo_purged_at, refusal=(), deleted=True)
    if row.stage == Stage.REFUSED.value and not _refused(row):  # set aside: it was good until its file was lost
        return replace(known, verified_at=None, refusal=())
    return known


def _outcome(do: Callable[[], Filed]) -> Filed | Exception:
    """What `do` returns, or the exception it raises: each shot of a batch has its own result."""
    try:
        return do()
    except Exception as fault:
        return fault
