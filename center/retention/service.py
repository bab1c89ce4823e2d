"""Holds, and graduates' requests to see or delete their own data.

A request is about one graduate with all the graduate's records (`DataSubject`), and is stored under the id of one of
these records.
"""

import io
import json
import secrets
import zipfile
from collections.abc import Callable

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.graduates.owners import DataSubject, Owners
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, OfficeFault, WrongRequest
from center.platform.keeping import begin_deleting, begin_keeping, note_kept
from center.platform.office_keys import OfficeKeys
from center.recrop.service import Recropping
from center.retention.kept import is_of, kept_by, open_holds, open_requests, owners_of
from center.retention.model import DataRequest, Hold, RequestKind, RequestState
from center.retention.own_data import OwnData
from center.retention.purge import Purge
from center.retention.subjects import DataSubjects
from center.retention.tables import DataRequestRow, HoldRow
from center.shots.tables import IdentityRow, PersonRow, ShotRow

_KIND = "hold"
_MOST_WORDS = 300
MOST_ANSWERED = 100
"""At most this many answered requests are listed. Open requests and holds are all listed, however many there are."""


class DataCases:
    """All holds and requests. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        recropping: Recropping,
        purge: Purge,
        own_data: OwnData,
        owners: Owners,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._recropping = recropping
        self._purge = purge
        self._own_data = own_data
        self._owners = owners
        self._subjects = DataSubjects(office_keys, owners)
        self._clock = clock

    def hold(self, who: str, number: str, reason: str, school: str = "") -> int:
        """Keep a person's data although they are due, also photos under a bare code that may be this person's; returns
        the hold's number. If a transaction is deleting data at this moment, whosever they are, waits until it has
        ended. Raises `NotThere`, `WrongRequest`; `Conflict` if the office has deleted all photos of this person;
        `Unavailable` if the wait takes more than ten seconds.
        """
        reason, now, seal_id = " ".join(reason.split()), self._clock(), secrets.token_hex(16)
        if not 0 < len(reason) <= _MOST_WORDS:
            raise WrongRequest("a hold has a reason of 1 to {most} characters", most=_MOST_WORDS)
        with self._database.write() as session:
            begin_keeping(session)
            subject, way = self._subjects.find(session, number, school, by_code=True)
            shots = [*subject.shots, *self._owners.may_have(session, subject)]
            there = or_(ShotRow.photo_purged_at.is_(None), ShotRow.identity_purged_at.is_(None))
            left = select(ShotRow.shot_id).where(ShotRow.shot_id.in_(shots), there)
            if session.execute(left.limit(1)).first() is None:
                raise Conflict("the office has deleted all photos of this graduate: there is nothing to hold")
            person_id = self._subjects.record(session, subject)
            sealed = self._office_keys.seal(_KIND, seal_id, reason.encode())
            values = {"person_id": person_id, "shots": shots, "by": who, "at": now}
            query = insert(HoldRow).values(**values, seal_id=seal_id, reason_sealed=sealed)
            hold_id: int = session.execute(query.returning(HoldRow.hold_id)).scalar_one()
            note_kept(session)
            self._audit.append(session, now, who, "data.held", person_id, {"hold": hold_id, "found_by": way.value})
        return hold_id

    def lift(self, who: str, hold_id: int) -> None:
        """End a hold. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            found = session.execute(
                update(HoldRow)
                .where(HoldRow.hold_id == hold_id, HoldRow.lifted_at.is_(None))
                .values(lifted_by=who, lifted_at=now)
                .returning(HoldRow.person_id)
            ).scalar_one_or_none()
            if found is None:
                raise NotThere("there is no hold {hold_id}, or it was lifted before", hold_id=hold_id)
            self._audit.append(session, now, who, "data.released", found, {"hold": hold_id})

    def holds(self) -> list[Hold]:
        """The holds that are not lifted, the newest first. Raises `OfficeKeysFault`."""
        query = select(HoldRow).where(HoldRow.lifted_at.is_(None)).order_by(HoldRow.hold_id.desc())
        with self._database.read() as session:
            rows = session.scalars(query).all()
        return [
            Hold(
                row.hold_id,
                row.person_id,
                row.by,
                row.at,
                self._office_keys.open(_KIND, row.seal_id, row.reason_sealed).decode(),
            )
            for row in rows
        ]

    def open(self, who: str, kind: RequestKind, number: str, school: str = "") -> int:
        """Open a request of the graduate with this ID number, this student number of `school`, or this receipt's code;
        returns the request's number.

        If a request of the same kind is open, returns the number of that one. Raises `NotThere`, `WrongRequest`.
        """
        now = self._clock()
        with self._database.write() as session:
            begin_keeping(session)
            subject, way = self._subjects.find(session, number, school)
            for one in open_requests(session):
                if one.kind == kind.value and is_of(session, self._owners, one, subject):
                    return one.request_id
            person_id = self._subjects.record(session, subject)
            values = {"kind": kind.value, "person_id": person_id, "shots": list(subject.shots), "state": "open"}
            query = insert(DataRequestRow).values(**values, opened_by=who, opened_at=now)
            request_id: int = session.execute(query.returning(DataRequestRow.request_id)).scalar_one()
            note_kept(session)
            self._audit.append(
                session, now, who, "data.requested", person_id, {"kind": kind.value, "found_by": way.value}
            )
        return request_id

    def requests(self) -> list[DataRequest]:
        """All open requests, then the newest `MOST_ANSWERED` answered ones, in both groups the newest first. Raises
        `Unavailable`.
        """
        answered = select(DataRequestRow).where(DataRequestRow.state != RequestState.OPEN.value)
        with self._database.read() as session:
            newest = session.scalars(answered.order_by(DataRequestRow.request_id.desc()).limit(MOST_ANSWERED))
            rows = [*reversed(open_requests(session)), *newest]
            return [_request(row, *self._photos(session, row)) for row in rows]

    def export(self, who: str, request_id: int, keep: Callable[[bytes], object] = lambda _: None) -> bytes:
        """What the office has about the person (`OwnData`), and the photos, as a ZIP to be handed over; this ends a
        request to see one's own data. `keep` is called with the ZIP as the last thing before the request is ended: if
        it raises, the request stays open. If the request can't be ended after that, what `keep` stored stays, too.

        Raises `NotThere`; `Conflict` if the request is answered already or of another kind, or if the rosters no longer
        lead to every photo for which it was noted; `Unavailable`.
        """
        with self._database.read() as session:
            subject = self._asked_for(session, self._open_request(session, request_id, RequestKind.SEE))
            said = self._own_data.collected(session, subject)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(said, ensure_ascii=False, indent=1))
            for shot_id in subject.shots:
                for name, read in (("photo", self._recropping.finished), ("original", self._recropping.original)):
                    try:
                        archive.writestr(f"{shot_id}-{name}.jpg", read(shot_id))
                    except OfficeFault:
                        continue  # purged, or sent without an original: the list of photos says which exist
        with self._database.write() as session:
            self._end(session, who, request_id, RequestState.DONE)
            keep(out.getvalue())
        return out.getvalue()

    def delete(self, who: str, request_id: int) -> int:
        """Delete the person's photos and identities now, which ends a request to delete; returns how many photos.

        Raises `NotThere`; `Conflict` if the request is answered already or of another kind, if the rosters no longer
        lead to every photo for which it was noted, or if a hold keeps the data (lift it, or refuse the request);
        `Unavailable`.
        """
        with self._database.write() as session:
            begin_deleting(session)
            # Locked, because bytes that are deleted do not come back if somebody else answers the request meanwhile.
            asked = self._open_request(session, request_id, RequestKind.DELETE, lock=True)
            subject = self._asked_for(session, asked)
            kept = kept_by(session, self._owners, open_holds(session)).shots
            if not kept.isdisjoint(subject.shots):
                raise Conflict("a hold keeps this graduate's data: lift it, or refuse the request")
            names = self._purge.forget(session, subject)
            self._end(session, who, request_id, RequestState.DONE, photos=len(subject.shots))
            self._purge.drop(session, names)
        return len(subject.shots)

    def refuse(self, who: str, request_id: int) -> None:
        """Refuse a request, for example when somebody else made it. If it is being carried out at this moment, waits
        until that has ended. Raises `NotThere`; `Conflict` if the request is answered already."""
        with self._database.write() as session:
            self._open_request(session, request_id, lock=True)
            self._end(session, who, request_id, RequestState.REFUSED)

    def _photos(self, session: Session, request: DataRequestRow) -> tuple[int, int]:
        """How many photos a request is about, in all the graduate's records; and, if the request is open, how many more
        photos, under a bare code, may be the graduate's.
        """
        try:
            subject = self._asked_for(session, request)
        except Conflict:  # nobody can answer this request: the photos that were noted are counted
            if request.shots is not None:
                return len(request.shots), 0
            noted = select(func.count()).where(ShotRow.person_id == request.person_id)
            return session.execute(noted).scalar_one(), 0
        is_open = request.state == RequestState.OPEN.value
        return len(subject.shots), len(self._owners.may_have(session, subject)) if is_open else 0

    def _asked_for(self, session: Session, request: DataRequestRow) -> DataSubject:
        """The graduate of a request, with at least the photos for which it was noted. Raises `Conflict`."""
        subject, *others = self._owners.subjects(session, owners_of(session, self._owners, request)).values()
        there = bool(subject.shots) and set(request.shots or ()).issubset(subject.shots)
        if others or not there or self._lost(session, request, subject):
            raise Conflict(
                "the rosters no longer say that all photos of this request are this graduate's: refuse the request, "
                "and note another one with the code of the receipt"
            )
        return subject

    def _lost(self, session: Session, request: DataRequestRow, subject: DataSubject) -> bool:
        """Whether nobody can tell any more for whom a request was noted: the request's record is not the one under the
        key of `subject`, and none of the request's photos has an identity any more. Then the rosters may have given the
        student number to `subject` only after the request was noted.
        """
        if session.get_one(PersonRow, request.person_id).lookup == subject.owner.key:
            return False
        named = select(IdentityRow.shot_id).where(IdentityRow.shot_id.in_(request.shots or subject.shots))
        return session.execute(named.limit(1)).first() is None

    def _open_request(
        self, session: Session, request_id: int, kind: RequestKind | None = None, *, lock: bool = False
    ) -> DataRequestRow:
        """An open request, of this `kind` if one is given. `lock`: nobody else can answer it before this transaction
        ends. Raises `NotThere`, `Conflict`."""
        row = session.get(DataRequestRow, request_id, with_for_update=lock or None)
        if row is None:
            raise NotThere("there is no request {request_id}", request_id=request_id)
        if row.state != RequestState.OPEN.value:
            raise Conflict("request {request_id} was answered before", request_id=request_id)
        if kind is not None and row.kind != kind.value:
            raise Conflict("request {request_id} is one to {kind} the data", request_id=request_id, kind=row.kind)
        return row

    def _end(self, session: Session, who: str, request_id: int, state: RequestState, **detail: int) -> None:
        now = self._clock()
        person_id = session.execute(
            update(DataRequestRow)
            .where(DataRequestRow.request_id == request_id, DataRequestRow.state == RequestState.OPEN.value)
            .values(state=state.value, ended_by=who, ended_at=now)
            .returning(DataRequestRow.person_id)
        ).scalar_one_or_none()
        if person_id is None:
            raise Conflict("request {request_id} was answered before", request_id=request_id)
        action = "data.answered" if state is RequestState.DONE else "data.refused"
        self._audit.append(session, now, who, action, person_id, {"request": request_id, **detail})


def _request(row: DataRequestRow, photos: int, may_have: int) -> DataRequest:
    kind, state = RequestKind(row.kind), RequestState(row.state)
    return DataRequest(row.request_id, kind, row.person_id, row.opened_by, row.opened_at, state, photos, may_have)
