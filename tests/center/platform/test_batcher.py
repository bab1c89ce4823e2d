"""Together: nobody waits for company, those who wait are served in one batch, and nobody is left waiting."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError

from center.intake import service as intake
from center.intake.filing import file_arrivals
from center.intake.model import open_shot
from center.intake.service import Filed, OtherDigest, WrongDigest
from center.platform.batch import Batcher
from center.platform.faults import Unavailable
from center.platform.photos import ToPut
from center.shots.model.shot import Stage
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from center.wiring.office import Office
from tests.center.conftest import manifest, sent
from tests.center.factories import photo, shot_id, somebody
from wire import envelope

WAIT_S = 30
Result = TypeVar("Result")


def in_one_batch(together: Batcher[Any, Any], calls: Sequence[Callable[[], Future[Result]]]) -> list[Future[Result]]:
    """What `calls` gave when all of them had to wait for `together`'s turn."""
    with together._changed:
        futures = [call() for call in calls]
    wait(futures, WAIT_S)
    return futures


def negated(batches: list[Sequence[int]], items: Sequence[int]) -> list[int]:
    """Each item with the other sign; which came in one batch is noted."""
    batches.append(items)
    return [-item for item in items]


def test_a_single_item_is_done_at_once_in_a_batch_of_its_own() -> None:
    batches: list[Sequence[int]] = []
    together = Batcher(partial(negated, batches))
    assert [together.submit(number).result() for number in (1, 2)] == [-1, -2]
    assert batches == [[1], [2]]


def test_those_who_had_to_wait_are_served_in_one_batch_each_with_its_own_result() -> None:
    batches: list[Sequence[int]] = []
    together = Batcher(partial(negated, batches))
    futures = in_one_batch(together, [partial(together.submit, number) for number in range(5)])
    assert [future.result() for future in futures] == [0, -1, -2, -3, -4]
    assert batches == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("fault", [ValueError("no"), KeyboardInterrupt("stop")])
def test_a_fault_reaches_everybody_of_the_batch_and_nobody_after_it(fault: BaseException) -> None:
    faults = [fault]

    def do(items: Sequence[int]) -> Sequence[int]:
        if faults:
            raise faults.pop()
        return items

    together = Batcher(do)
    futures = in_one_batch(together, [partial(together.submit, number) for number in range(3)])
    assert [future.exception() for future in futures] == [fault] * 3
    assert together.submit(7).result() == 7


def test_results_too_few_leave_nobody_waiting() -> None:
    together = Batcher[int, int](lambda items: items[:1])
    futures = in_one_batch(together, [partial(together.submit, number) for number in range(3)])
    assert futures[0].result() == 0
    assert all(isinstance(future.exception(), ValueError) for future in futures[1:])


def test_who_gave_up_before_its_turn_is_left_out() -> None:
    batches: list[Sequence[int]] = []
    together = Batcher(partial(negated, batches))
    with together._changed:
        gone, waits = together.submit(1), together.submit(2)
        assert gone.cancel()
    assert waits.result() == -2
    assert batches == [[2]]


def test_more_than_one_batch_takes_are_all_served() -> None:
    batches: list[Sequence[int]] = []
    together = Batcher(partial(negated, batches))
    futures = in_one_batch(together, [partial(together.submit, number) for number in range(150)])
    assert [future.result() for future in futures] == [-number for number in range(150)]
    assert [len(batch) for batch in batches] == [64, 64, 22]


def test_a_fault_of_one_is_not_the_others_fault() -> None:
    together = Batcher[int, int](lambda items: [ValueError("no") if item == 1 else item for item in items])
    futures = in_one_batch(together, [partial(together.submit, number) for number in range(3)])
    assert [str(future.exception()) for future in futures] == ["None", "no", "None"]


def _filed_in_one_batch(office: Office, *shots: tuple[int, bytes]) -> list[Future[Filed]]:
    submit = office.intake.submit
    calls = [partial(submit, "booth-1", shot_id(number), hashlib.sha256(data).digest(), data) for number, data in shots]
    return in_one_batch(office.intake._receiving, calls)


def _count(office: Office, table: type[Any]) -> int:
    with office.database.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def _stages(office: Office) -> dict[str, str]:
    with office.database.read() as session:
        rows = session.execute(select(ShotRow.shot_id, ShotRow.stage))
        return {row.shot_id: row.stage for row in rows}


def test_shots_of_every_fate_are_filed_in_one_batch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:

    def stumbling(data: bytes, shot: str, *rest: Any) -> Any:
        if shot == shot_id(3):
            raise RuntimeError("nobody thought of this")
        return open_shot(data, shot, *rest)

    monkeypatch.setattr(intake, "open_shot", stumbling)
    shots = [(4, sent(4)), (2, b"no envelope"), (3, sent(3)), (1, sent(1))]
    futures = _filed_in_one_batch(office, *shots)
    assert [future.result().shot_id for future in futures] == [shot_id(number) for number, _ in shots]
    assert [bool(future.result().refusal) for future in futures] == [False, True, False, False]
    assert [future.result().verified_at is None for future in futures] == [False, True, True, False]
    assert _stages(office) == {
        shot_id(1): Stage.QUEUED.value,
        shot_id(2): Stage.REFUSED.value,
        shot_id(3): Stage.RECEIVED.value,
        shot_id(4): Stage.QUEUED.value,
    }
    assert _count(office, IdentityRow) == 2


def test_two_shots_of_one_person_in_one_batch_are_one_person(office: Office) -> None:
    person = somebody(1)
    shots = [(number, envelope.build(manifest(number, person=person), photo())) for number in (1, 2)]
    _filed_in_one_batch(office, *shots, (3, sent(3)))
    with office.database.read() as session:
        who = {row.shot_id: row.person_id for row in session.execute(select(ShotRow.shot_id, ShotRow.person_id))}
    assert who[shot_id(1)] == who[shot_id(2)] != who[shot_id(3)]
    assert _count(office, PersonRow) == 2


def test_one_shot_twice_in_one_batch_keeps_nobody_from_being_filed(office: Office) -> None:
    data = sent(1)
    futures = _filed_in_one_batch(office, (1, data), (2, sent(2)), (1, data))
    assert sorted(future.result().new for future in futures) == [False, True, True]
    assert set(_stages(office)) == {shot_id(1), shot_id(2)}


def test_of_two_bodies_of_one_shot_in_one_batch_one_is_filed_and_the_other_refused(office: Office) -> None:
    futures = _filed_in_one_batch(office, (1, sent(1)), (1, sent(1, receipt="ANOTHER-ONE")))
    (refused,) = [future.exception() for future in futures if future.exception() is not None]
    assert isinstance(refused, OtherDigest)
    assert _count(office, ShotRow) == 1


def test_bytes_that_do_not_fit_their_digest_stop_nobody_else(office: Office) -> None:
    submit = office.intake.submit
    data = sent(2)
    wrong, right = in_one_batch(
        office.intake._receiving,
        [
            partial(submit, "booth-1", shot_id(1), bytes(32), sent(1)),
            partial(submit, "booth-1", shot_id(2), hashlib.sha256(data).digest(), data),
        ],
    )
    assert isinstance(wrong.exception(), WrongDigest)
    assert right.result().verified_at is not None


def test_a_shot_that_can_not_be_filed_stops_nobody_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is: here the database refuses one row."""
    file = file_arrivals

    def refusing(session: Any, keys: Any, now: Any, arrivals: Sequence[Any]) -> Any:
        if any(arrival.shot_id == shot_id(2) for arrival in arrivals):
            raise DataError("INSERT", {}, ValueError("out of range"))
        return file(session, keys, now, arrivals)

    monkeypatch.setattr(intake, "file_arrivals", refusing)
    futures = _filed_in_one_batch(office, *((number, sent(number)) for number in (1, 2, 3)))
    assert [type(future.exception()) for future in futures] == [type(None), DataError, type(None)]
    assert set(_stages(office)) == {shot_id(1), shot_id(3)}


def test_a_store_that_refuses_one_photo_stops_nobody_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all = office.photos.put_all

    def refusing(photos: Sequence[ToPut]) -> list[Unavailable | None]:
        kept = put_all([photo for photo in photos if not photo.name.startswith(shot_id(1))])
        return [Unavailable("no room"), *kept]

    monkeypatch.setattr(office.photos, "put_all", refusing)
    futures = _filed_in_one_batch(office, (1, sent(1)), (2, sent(2)))
    assert [type(future.exception()) for future in futures] == [Unavailable, type(None)]
    assert set(_stages(office)) == {shot_id(2)}


def test_close_does_all_submitted_work_and_ends_the_threads() -> None:
    before = set(threading.enumerate())
    together = Batcher(partial(negated, []))
    futures = [together.submit(number) for number in range(5)]
    together.close()
    together.close()
    assert [future.result(0) for future in futures] == [0, -1, -2, -3, -4]
    assert set(threading.enumerate()) <= before
