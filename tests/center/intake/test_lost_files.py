"""A file that the office lost comes back from its booth as long as the booth has it, whatever became of the shot; a
file that the office deleted on purpose never does."""

from collections.abc import Callable

import pytest

from center.platform.photos import photo_name
from center.retention.model import RequestKind
from center.review.queries import ReviewQueries
from center.review.queue import Queue
from center.shots.model.shot import Stage, State
from center.shots.model.staff_decision import Approve
from center.shots.service import read_shot
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.conftest import sent
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.intake.test_one_bad_item import lose, receive, stage_of

REASON = "the photo store has no file"


def wait(_queue: Queue) -> None:
    """Nobody does anything."""


def claim(queue: Queue) -> None:
    queue.claim_next("anna")


def decide(queue: Queue) -> None:
    (held,) = queue.claim_next("anna")
    queue.decide("anna", held.shot_id, held.version, Approve())


def set_aside(queue: Queue) -> None:
    (held,) = queue.claim_next("anna")
    queue.set_aside("anna", held.shot_id, held.version, REASON)


STEPS = [(wait, State.QUEUED), (claim, State.CLAIMED), (decide, State.PROVISIONAL), (set_aside, State.QUEUED)]
every_step = pytest.mark.parametrize(("step", "after"), STEPS, ids=lambda value: getattr(value, "__name__", None))


def state_of(office: Office, number: int) -> State:
    with office.database.read() as session:
        return read_shot(session, shot_id(number)).state(office.clock())


@every_step
def test_a_lost_file_comes_back_from_the_booth(
    office: Office, queries: ReviewQueries, step: Callable[[Queue], None], after: State
) -> None:
    data = sent(1)
    filed = receive(office, "booth-1", 1, data)
    lose(office, 1)
    step(office.queue)
    assert office.intake.status("booth-1", shot_id(1)) is None
    again = receive(office, "booth-1", 1, data)
    assert (again.verified_at is not None, again.refusal) == (True, ())
    assert office.photos.get(photo_name(shot_id(1), filed.sha256)) == data
    assert state_of(office, 1) is after
    assert office.intake.status("booth-1", shot_id(1)) == again
    assert queries.set_aside(9) == []


def test_a_shot_set_aside_is_not_verified(office: Office) -> None:
    """Its booth, and everybody who asks for its photo, must know that the office does not have it."""
    receive(office, "booth-1", 1, sent(1))
    lose(office, 1)
    set_aside(office.queue)
    with office.database.read() as session:
        row = session.get(ShotRow, shot_id(1))
        assert row is not None
        assert (row.stage, row.verified_at) == (Stage.REFUSED.value, None)


def test_a_file_brought_back_from_a_backup_is_queued_again(plain_office: Office) -> None:
    office = plain_office
    filed = receive(office, "booth-1", 1, sent(1))
    lose(office, 1)
    set_aside(office.queue)
    assert office.intake.catch_up() == 0
    office.photos.put(photo_name(shot_id(1), filed.sha256), sent(1), filed.sha256)
    assert office.intake.catch_up() == 1
    assert stage_of(office, 1) is Stage.QUEUED


@every_step
def test_a_file_deleted_on_purpose_is_never_asked_for_nor_stored_again(
    office: Office, clock: HandClock, step: Callable[[Queue], None], after: State
) -> None:
    data = sent(1)
    filed = receive(office, "booth-1", 1, data)
    if step is set_aside:  # it was missed before the person asked for its deletion
        lose(office, 1)
    step(office.queue)
    asked = office.data_cases.open("sue", RequestKind.DELETE, str(somebody(1).id_number))
    office.data_cases.delete("sue", asked)
    for answer in (office.intake.status("booth-1", shot_id(1)), receive(office, "booth-1", 1, data)):
        assert answer is not None, after
        assert (answer.verified_at is not None, answer.refusal) == (True, ())
    assert not office.photos.has(photo_name(shot_id(1), filed.sha256))
