"""The outbox: one row for each saved shot, shared by the booth (which adds rows) and the uplink (which sends).

    kept ──receipt──> received ──office checked it──> verified ──a while after, the office still has it──> released
     │^                  │                              │ ^
     │└── office lost it ┴──────────────────────────────┘ │
     └── receipt that says it is checked ─────────────────┘
    when an office was restored from a backup, verified becomes received, and the uplink asks about the shot again
    in every state but released a shot can also be parked: staff must look into it; the reason is stored

The envelope's file is durable before its row exists, and is deleted before its row says `released`. So three things are
true whenever the power fails: a file without a row is a saved shot (the next start adds its row); a row that is not
`released` has its file; and no shot id has two rows.

Times are milliseconds since 1970. `tried_ms` and `next_ms` are by the booth's wall clock, because they must survive a
restart; a row waits only while `tried_ms <= now < next_ms`, so setting the clock back ends a wait and never prolongs
it. `verified_ms` and `released_ms` are by the office's clock.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from kiosk.uplink.storage.database import connect, ours, transaction
from kiosk.uplink.storage.outbox_rows import (
    ADDED,
    ASK_AGAIN,
    COLUMNS,
    DECISION,
    DUE,
    FORGET_DECISIONS,
    MIGRATIONS,
    NEXT_DUE,
    NOT_OF,
    PARKED,
    Deletion,
    KeptCopies,
    KnownDecision,
    Noted,
    ShotRow,
    ShotState,
    Value,
    known_decision,
    number,
    row_of,
)
from wire.decision import Decision, DecisionPage


class Outbox:
    """One process's connection to the outbox.

    Every method may raise `TemporaryFault` (busy, full, I/O) or `PermanentFault` (damaged). Every change is one
    transaction, durable when the method returns. A change that does not fit the row's state (a second receipt,
    deleting the copy of an unverified shot) changes nothing.
    """

    def __init__(self, path: Path, vfs: str | None = None) -> None:
        self._path = path
        self._connection = connect(path, MIGRATIONS, vfs, added=ADDED)
        self._inode = path.stat().st_ino

    def replaced(self) -> bool:
        """Whether the outbox's path now has another file: the booth set the open file aside as damaged and made a new
        one."""
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Close the file; a second call is harmless."""
        self._connection.close(True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(
        self,
        shot_id: str,
        digest: str,
        content: str | None,
        size: int,
        kept_ms: int,
        person: bytes | None = None,
        record: bytes | None = None,
    ) -> ShotRow:
        """Add a shot whose envelope is durable; returns its row. If the outbox knows the shot already, returns the old
        row.

        `person`: the keyed hash of the person (`RosterLock.person`); None: a returning person is not recognised.
        `record`: the keyed hash of the record (学籍) that the shot is for.
        """
        with ours(self._path), transaction(self._connection):
            self._connection.execute(
                "INSERT INTO shots (shot_id, digest, content, size, kept_ms, person, record)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (shot_id) DO NOTHING",
                (shot_id, digest, content, size, kept_ms, person, record),
            )
            row = self._one("shot_id = :id", id=shot_id)
        assert row is not None
        return row

    def complete(self, shot_id: str, content: str, person: bytes | None, record: bytes | None) -> None:
        """Fill in the missing fields of a row that was made again from its envelope."""
        self._change(
            "UPDATE shots SET content = coalesce(content, :content), person = coalesce(person, :person),"
            " record = coalesce(record, :record) WHERE shot_id = :id AND (content IS NULL OR person IS NULL)",
            id=shot_id,
            content=content,
            person=person,
            record=record,
        )

    def row(self, shot_id: str) -> ShotRow | None:
        """The row of a shot; None if the outbox does not know the shot."""
        with ours(self._path):
            return self._one("shot_id = :id", id=shot_id)

    def due(self, state: ShotState, now_ms: int, but: Iterable[str] = ()) -> ShotRow | None:
        """The oldest row in `state` that is not parked, does not wait, and is not in `but`; None if there is none."""
        where = f"state = :state AND {DUE} AND {NOT_OF}"
        with ours(self._path):
            return self._one(where, state=state.value, now=now_ms, but=json.dumps(list(but)))

    def copy_to_delete(self, verified_before_ms: int, now_ms: int) -> ShotRow | None:
        """The oldest row that was verified before `verified_before_ms` (the office's clock), is not parked, and does
        not wait; None if there is none."""
        where = f"state = 'verified' AND verified_ms < :moment AND {DUE}"
        with ours(self._path):
            return self._one(where, moment=verified_before_ms, now=now_ms)

    def next_due_ms(self, now_ms: int) -> int | None:
        """The time at which the first row is due to be sent or asked about (`now_ms` if it is due already); None if
        there is no such row."""
        with ours(self._path):
            found = self._connection.execute(
                NEXT_DUE,
                {"now": now_ms},
            ).get
        return None if found is None else int(found)

    def postpone(self, shot_id: str, now_ms: int, next_ms: int, stays: str | None = None) -> None:
        """Count a failed attempt, and let the shot wait until `next_ms`. `stays`: see `ShotRow`."""
        self._change(
            "UPDATE shots SET attempts = attempts + 1, tried_ms = :now, next_ms = :next,"
            " stays = coalesce(:stays, stays) WHERE shot_id = :id",
            id=shot_id,
            now=now_ms,
            next=next_ms,
            stays=stays,
        )

    def received(self, *receipts: Noted) -> None:
        """Store the office's receipts in one commit: all or none."""
        with ours(self._path), transaction(self._connection):
            for one in receipts:
                state = ShotState.RECEIVED if one.verified_ms is None else ShotState.VERIFIED
                self._connection.execute(
                    "UPDATE shots SET state = ?, receipt = ?, attempts = 0, tried_ms = ?, next_ms = ?, verified_ms = ?,"
                    " taken_by = ? WHERE shot_id = ? AND state = 'kept'",
                    (state.value, one.receipt, one.now_ms, one.ask_ms, one.verified_ms, one.taken_by, one.shot_id),
                )

    def verified(self, shot_id: str, office_ms: int) -> None:
        """Note that the office stores the envelope durably and verified it at `office_ms` (the office's clock)."""
        self._change(
            "UPDATE shots SET state = 'verified', verified_ms = :moment WHERE shot_id = :id AND state = 'received'",
            id=shot_id,
            moment=office_ms,
        )

    def lost_by_office(self, shot_id: str) -> None:
        """Queue a shot again: the office had received or even verified it, but no longer has it."""
        self._change(
            "UPDATE shots SET state = 'kept', receipt = NULL, verified_ms = NULL, taken_by = NULL,"
            " stays = NULL, next_ms = 0"
            " WHERE shot_id = :id AND state IN ('received', 'verified')",
            id=shot_id,
        )

    def copy_deleted(self, shot_id: str, office_ms: int) -> None:
        """Note that the booth's copy is deleted."""
        self._change(
            "UPDATE shots SET state = 'released', released_ms = :moment WHERE shot_id = :id AND state = 'verified'",
            id=shot_id,
            moment=office_ms,
        )

    def park(self, shot_id: str, reason: str) -> None:
        """Take a shot out of the queue until staff act; its envelope stays. `reason` contains nothing personal."""
        self._change("UPDATE shots SET parked = :reason WHERE shot_id = :id", id=shot_id, reason=reason)

    def unpark(self) -> int:
        """Put every parked shot back into the queue, due at once; returns how many."""
        return self._change("UPDATE shots SET parked = NULL, next_ms = 0 WHERE parked IS NOT NULL")

    def counts(self) -> dict[ShotState, int]:
        """The number of shots in each state."""
        with ours(self._path):
            found = dict(self._connection.execute("SELECT state, count(*) FROM shots GROUP BY state"))
        return {state: int(found.get(state.value, 0)) for state in ShotState}

    def parked(self) -> list[ShotRow]:
        """The parked shots, oldest first."""
        with ours(self._path):
            rows = self._connection.execute(PARKED)
            return [row_of(values) for values in rows]

    def kept_copies(self) -> list[KeptCopies]:
        """The copies of verified shots that stay on this booth, counted for each reason. The reason with the most
        copies comes first."""
        with ours(self._path):
            rows = self._connection.execute(
                "SELECT stays, count(*), sum(size) FROM shots WHERE state = 'verified' AND parked IS NULL"
                " AND stays IS NOT NULL GROUP BY stays ORDER BY count(*) DESC, stays"
            )
            return [KeptCopies(str(why), number(count), number(size)) for why, count, size in rows]

    def kept_between(self, begin_ms: int, end_ms: int) -> list[str]:
        """The shots that were saved from `begin_ms` on and before `end_ms`, by the booth's clock, in order."""
        query = "SELECT shot_id FROM shots WHERE :begin <= kept_ms AND kept_ms < :end ORDER BY seq"
        with ours(self._path):
            found = self._connection.execute(query, {"begin": begin_ms, "end": end_ms})
            return [str(shot_id) for (shot_id,) in found]

    def saved(self) -> dict[str, tuple[ShotState, int]]:
        """For each shot its state, and when it was saved (ms); in the order of saving."""
        with ours(self._path):
            found = self._connection.execute("SELECT shot_id, state, kept_ms FROM shots ORDER BY seq")
            return {str(shot_id): (ShotState(str(state)), number(kept_ms)) for shot_id, state, kept_ms in found}

    def waiting(self) -> tuple[int, int | None]:
        """How many shots the office has not verified, and when the oldest of them was saved (ms; None if there is
        none)."""
        with ours(self._path):
            found = self._connection.execute(
                "SELECT count(*), min(kept_ms) FROM shots WHERE state <> 'released' AND state IN ('kept', 'received')"
            ).fetchone()
        count, oldest = found if found is not None else (0, None)
        return number(count), None if oldest is None else number(oldest)

    def decision_place(self, office: str = "") -> int:
        """This booth's place in the decision feed. `office`: the office and the booth's name there
        (`OfficeConfig.identity`); empty: whichever the place is stored for. 0 if the stored place belongs to another
        booth or another office."""
        with ours(self._path):
            return self._decision_place(office)

    def _decision_place(self, office: str) -> int:
        place = "SELECT place FROM verdict_feed WHERE office IN ('', :office, :url) OR :office = ''"
        # the previous version stored only the office's address
        mine = {"office": office, "url": office.partition(" ")[0]}
        return int(self._connection.execute(place, mine).get or 0)

    def take_decisions(self, page: DecisionPage, office: str = "") -> None:
        """Store staff's decisions, and this booth's place in the feed of this office (`OfficeConfig.identity`). Storing
        the same page again changes nothing; unknown shots are ignored.

        If the booth belonged to another office before, or had another name, the decisions that it got there are kept.
        If `page.reset` is set, the office was restored from a backup. Then its decisions replace all that are known of
        its shots, and the uplink asks again about every shot whose envelope is still here, even about verified and
        parked shots. It does not ask about shots that were given to another office, or under this booth's former name.
        """
        with ours(self._path), transaction(self._connection):
            self._note_former(office)
            if page.reset:
                self._connection.execute(FORGET_DECISIONS, {"office": office})
                self._connection.execute(ASK_AGAIN, {"office": office})
            for one in page.decisions:
                self._connection.execute(
                    "UPDATE shots SET decision = ?, reasons = ? WHERE shot_id = ?",
                    (one.decision.value, " ".join(one.reasons), one.shot_id),
                )
            self._connection.execute(
                "INSERT OR REPLACE INTO verdict_feed (one, place, office) VALUES (1, ?, ?)", (page.next, office)
            )

    def _note_former(self, office: str) -> None:
        """If the page comes from another office, or the booth has a new name there, note that the former office took
        the verified shots, under the booth's former name. Only shots saved by the previous version of the program need
        this: it did not note who took a shot."""
        former = str(self._connection.execute("SELECT office FROM verdict_feed").get or "")
        if office and former and office != former and not office.startswith(f"{former} "):
            self._connection.execute(
                "UPDATE shots SET taken_by = ? WHERE taken_by IS NULL AND state = 'verified'", (former,)
            )

    def decision_of(self, shot_id: str) -> KnownDecision | None:
        """The office's decision on a shot; None if the shot is not known here."""
        with ours(self._path):
            found = self._connection.execute(f"{DECISION} WHERE shot_id = ?", (shot_id,)).fetchone()
        return None if found is None else known_decision(found)

    def decisions_of(self, person: bytes, record: bytes | None = None) -> list[KnownDecision]:
        """The office's decisions on the shots of a person, newest first. With `record`, decisions that are known to
        concern another of the person's records are left out."""
        with ours(self._path):
            of_record = "(?2 IS NULL OR record IS NULL OR record = ?2)"
            rows = self._connection.execute(
                f"{DECISION} WHERE person = ?1 AND {of_record} ORDER BY seq DESC", (person, record)
            )
            return [known_decision(values) for values in rows]

    def kept_since(self, shot_id: str, moment_ms: int, now_ms: int) -> bool:
        """Whether a shot was saved between `moment_ms` and `now_ms` (the booth's wall clock)."""
        with ours(self._path):
            found = self._connection.execute("SELECT kept_ms FROM shots WHERE shot_id = ?", (shot_id,)).get
        return found is not None and moment_ms <= int(found) <= now_ms

    def forget_persons(self, before_ms: int) -> int:
        """Delete the hashes of person and record of those shots that the office verified before `before_ms` (the
        office's clock); returns how many shots. The time of saving does not count, because the booth's clock may have
        been wrong then. Shots that are not verified keep their hashes, and also their envelopes."""
        return self._change(
            "UPDATE shots SET person = NULL, record = NULL"
            " WHERE (person IS NOT NULL OR record IS NOT NULL) AND verified_ms < :moment",
            moment=before_ms,
        )

    def decided(self) -> dict[str, int]:
        """How many shots staff approved and rejected."""
        with ours(self._path):
            query = "SELECT decision, count(*) FROM shots WHERE decision IS NOT NULL GROUP BY decision"
            found = dict(self._connection.execute(query))
        return {decision.value: int(found.get(decision.value, 0)) for decision in Decision}

    def forget_deleted_copies(self, before_ms: int) -> int:
        """Delete rows of shots whose copies were deleted before `before_ms` (the office's clock); returns how many."""
        return self._change(
            "DELETE FROM shots WHERE state = 'released' AND released_ms < :moment AND parked IS NULL", moment=before_ms
        )

    def log_deletion(self, at_ms: int, what: str, count: int) -> None:
        """Add a line to the deletion log."""
        self._change(
            "INSERT INTO deletions (at_ms, what, count) VALUES (:at, :what, :count)", at=at_ms, what=what, count=count
        )

    def deletions(self) -> list[Deletion]:
        """The deletion log, oldest first: what was purged, and each day's deleted copies."""
        with ours(self._path):
            rows = self._connection.execute(
                "SELECT at_ms, what, count FROM deletions UNION ALL"
                " SELECT max(released_ms), 'copies', count(*) FROM shots WHERE state = 'released'"
                " GROUP BY released_ms / 86400000 ORDER BY 1"
            )
            return [Deletion(number(at), str(what), number(count)) for at, what, count in rows]

    def _one(self, where: str, **values: Value) -> ShotRow | None:
        query = f"SELECT {COLUMNS} FROM shots WHERE {where} ORDER BY seq LIMIT 1"  # noqa: S608 - our own text only
        found = self._connection.execute(query, values).fetchone()
        return None if found is None else row_of(found)

    def _change(self, statement: str, **values: Value) -> int:
        with ours(self._path):
            with transaction(self._connection):
                self._connection.execute(statement, values)
            return self._connection.changes()
