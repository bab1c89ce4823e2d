"""The queue against its own rules: any sequence of moves by several people, on a clock that moves."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, update

from center.platform.configuration import ReviewConfig
from center.platform.faults import DecisionFinal, MovedOn
from center.review.queue import Queue
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import HandClock, shot_id

REJECT = Reject(("glasses",))
WHO = ("anna", "bert", "cora")
NUMBERS = (1, 2, 3, 4)


class QueueMachine(RuleBasedStateMachine):
    """Whatever people do in whatever order: what the database says is what the moves on plain values say."""

    office: Office

    def __init__(self) -> None:
        super().__init__()
        office = type(self).office
        self.clock = HandClock()
        self.queue = Queue(office.database, office.audit, ReviewConfig(second_look_share=0), self.clock)
        self.held: dict[tuple[str, int], int] = {}  # version each person last saw of each shot
        self.decided: dict[int, tuple[str, int]] = {}
        with office.database.write() as session:
            blank = {"stage": "queued", "version": 1, "told": False, "queued_at": self.clock()}
            none = dict.fromkeys(
                ("holder", "lease_until", "decision", "decided_by", "decided_at", "final_at", "replaced_by")
            )
            session.execute(update(ShotRow).values(**blank, **none))

    def shot(self, number: int) -> ShotRow:
        with type(self).office.database.read() as session:
            return session.scalars(select(ShotRow).where(ShotRow.shot_id == shot_id(number))).one()

    def free(self, who: str) -> list[int]:
        now = self.clock()
        rows = [self.shot(number) for number in NUMBERS]
        return [
            number
            for number, row in zip(NUMBERS, rows, strict=True)
            if row.stage == "queued"
            and (row.holder in (None, who) or row.lease_until is None or row.lease_until <= now)
        ]

    @rule(who=st.sampled_from(WHO))
    def claim_next(self, who: str) -> None:
        free = self.free(who)
        taken = self.queue.claim_next(who)
        assert [int(shot.shot_id, 16) for shot in taken] == free[:1]
        for shot in taken:
            self.held[who, int(shot.shot_id, 16)] = shot.version

    @rule(who=st.sampled_from(WHO), number=st.sampled_from(NUMBERS), approve=st.booleans())
    def decide(self, who: str, number: int, approve: bool) -> None:
        seen = self.held.get((who, number), 1)
        row = self.shot(number)
        may = row.stage == "queued" and row.holder == who and row.version == seen
        try:
            decided = self.queue.decide(who, shot_id(number), seen, Approve() if approve else REJECT)
        except MovedOn:
            assert not may
            return
        assert may
        self.decided[number] = (who, decided.version)

    @rule(number=st.sampled_from(NUMBERS), by=st.sampled_from(WHO))
    def undo(self, number: int, by: str) -> None:
        who, version = self.decided.get(number, (by, 0))
        row = self.shot(number)
        now = self.clock()
        may = (
            row.stage == "decided"
            and row.decided_by == by
            and row.version == version
            and row.final_at is not None
            and now < row.final_at
        )
        try:
            undone = self.queue.undo(by, shot_id(number), version)
        except (MovedOn, DecisionFinal):
            assert not may
            return
        assert may
        assert who == by
        self.held[by, number] = undone.version

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        who, number = data.draw(st.sampled_from(sorted(self.held)))
        row = self.shot(number)
        may = row.stage == "queued" and row.holder == who and row.version == self.held[who, number]
        try:
            self.queue.give_back(who, shot_id(number), self.held[who, number])
        except MovedOn:
            assert not may
            return
        assert may
        assert all(number in self.free(anybody) for anybody in WHO)

    @rule(seconds=st.sampled_from((1, 9, 10, 60, 90)))
    def wait(self, seconds: int) -> None:
        self.clock.now += timedelta(seconds=seconds)

    @invariant()
    def a_decided_shot_is_held_by_nobody(self) -> None:
        for number in NUMBERS:
            row = self.shot(number)
            assert row.stage != "decided" or (row.holder is None and row.final_at is not None)


def test_any_sequence_of_moves_keeps_the_rules(plain_office: Office) -> None:
    for number in NUMBERS:
        file_shot(plain_office, number)
    machine = type("Machine", (QueueMachine,), {"office": plain_office})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
