"""Together: nobody waits for company, those who wait are served at one stroke, and nobody is left waiting."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from center.intake import service as intake
from center.intake.model import open_shot
from center.intake.service import Filed, OtherDigest
from center.platform.batch import Batcher
from center.shots.model.shot import Stage
from center.shots.tables import IdentityRow, PersonRow, ShotRow
from center.wiring.office import Office
from tests.center.conftest import manifest, sent
from tests.center.factories import photo, shot_id, somebody
from wire import envelope

WAIT_S = 30
Result = TypeVar("Result")


class Telling(deque[Any]):
    """A queue that tells of everything that is put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Semaphore(0)

    def append(self, item: Any) -> None:
        super().append(item)
        self.told.release()


def at_one_stroke(together: Batcher[Any, Any], calls: Sequence[Callable[[], Result]]) -> list[Future[Result]]:
    """What `calls` gave, each from a thread of its own, when all of them had to wait for `together`'s turn."""
    queue = together._waiting = Telling()
    with ThreadPoolExecutor(len(calls)) as pool:
        with together._turn:
            futures = []
            for call in calls:  # one after the other, so that their order is known
                futures.append(pool.submit(call))
                assert queue.told.acquire(timeout=WAIT_S)
        return futures


def negated(strokes: list[Sequence[int]], items: Sequence[int]) -> list[int]:
    """Each item with the other sign; which came at one stroke is noted."""
    strokes.append(items)
    return [-item for item in items]


def test_who_comes_alone_is_served_at_once_and_alone() -> None:
    strokes: list[Sequence[int]] = []
    together = Batcher(partial(negated, strokes))
    assert [together.submit(1), together.submit(2)] == [-1, -2]
    assert strokes == [[1], [2]]


def test_those_who_had_to_wait_are_served_at_one_stroke_each_with_its_own_result() -> None:
    strokes: list[Sequence[int]] = []
    together = Batcher(partial(negated, strokes))
    futures = at_one_stroke(together, [partial(together.submit, number) for number in range(5)])
    assert [future.result() for future in futures] == [0, -1, -2, -3, -4]
    assert strokes == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("fault", [ValueError("no"), KeyboardInterrupt("stop")])
def test_a_fault_reaches_everybody_of_the_stroke_and_nobody_after_it(fault: BaseException) -> None:
    faults = [fault]

    def do(items: Sequence[int]) -> Sequence[int]:
        if faults:
            raise faults.pop()
        return items

    together = Batcher(do)
    futures = at_one_stroke(together, [partial(together.submit, number) for number in range(3)])
    assert [future.exception() for future in futures] == [fault] * 3
    assert together.submit(7) == 7


def test_results_too_few_leave_nobody_waiting() -> None:
    together = Batcher[int, int](lambda items: items[:1])
    futures = at_one_stroke(together, [partial(together.submit, number) for number in range(3)])
    assert futures[0].result() == 0
    assert all(isinstance(future.exception(), ValueError) for future in futures[1:])


def _receive(office: Office, number: int, data: bytes, booth_id: str = "booth-1") -> Filed:
    return office.intake.receive(booth_id, shot_id(number), hashlib.sha256(data).digest(), data)


def _filed_at_one_stroke(office: Office, *shots: tuple[int, bytes]) -> list[Future[Filed]]:
    together = office.intake._filing
    return at_one_stroke(together, [partial(_receive, office, number, data) for number, data in shots])


def _count(office: Office, table: type[Any]) -> int:
    with office.database.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def _stages(office: Office) -> dict[str, str]:
    with office.database.read() as session:
        rows = session.execute(select(ShotRow.shot_id, ShotRow.stage))
        return {row.shot_id: row.stage for row in rows}


def test_shots_of_every_fate_are_filed_at_one_stroke(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:

    def stumbling(data: bytes, shot: str, *rest: Any) -> Any:
        if shot == shot_id(3):
            raise RuntimeError("nobody thought of this")
        return open_shot(data, shot, *rest)

    monkeypatch.setattr(intake, "open_shot", stumbling)
    shots = [(4, sent(4)), (2, b"no envelope"), (3, sent(3)), (1, sent(1))]
    futures = _filed_at_one_stroke(office, *shots)
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


def test_two_shots_of_one_person_at_one_stroke_are_one_person(office: Office) -> None:
    person = somebody(1)
    shots = [(number, envelope.build(manifest(number, person=person), photo())) for number in (1, 2)]
    _filed_at_one_stroke(office, *shots, (3, sent(3)))
    with office.database.read() as session:
        who = {row.shot_id: row.person_id for row in session.execute(select(ShotRow.shot_id, ShotRow.person_id))}
    assert who[shot_id(1)] == who[shot_id(2)] != who[shot_id(3)]
    assert _count(office, PersonRow) == 2


def test_one_shot_twice_at_one_stroke_keeps_nobody_from_being_filed(office: Office) -> None:
    data = sent(1)
    futures = _filed_at_one_stroke(office, (1, data), (2, sent(2)), (1, data))
    assert sorted(future.result().new for future in futures) == [False, True, True]
    assert set(_stages(office)) == {shot_id(1), shot_id(2)}


def test_of_two_bodies_of_one_shot_at_one_stroke_one_is_filed_and_the_other_refused(office: Office) -> None:
    futures = _filed_at_one_stroke(office, (1, sent(1)), (1, sent(1, receipt="ANOTHER-ONE")))
    (refused,) = [future.exception() for future in futures if future.exception() is not None]
    assert isinstance(refused, OtherDigest)
    assert _count(office, ShotRow) == 1
