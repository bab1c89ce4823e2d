"""However many photos are kept, due or asked about: no statement names all of them. PostgreSQL takes at most 65 535
values in a statement, SQLite 32 766.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from center.delivery.model import Change, Item
from center.passes.service import _approved_since
from center.retention import purge
from center.retention.kept import Protected
from center.retention.model import Retained
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide
from tests.center.factories import HandClock, shot_id
from tests.center.retention.test_retention import DUE_AFTER, kept, named, number

MANY = [f"{one:032x}" for one in range(1_000_000, 1_001_200)]
_MOST_VALUES = 600


@pytest.fixture
def values(office: Office) -> Iterator[list[int]]:
    """How many values each statement named."""
    counts: list[int] = []

    def note(_connection: object, _cursor: object, _sql: str, said: Any, _context: object, many: bool) -> None:
        counts.append(max(map(len, said)) if many else len(said))

    event.listen(office.database.engine, "before_cursor_execute", note)
    yield counts
    event.remove(office.database.engine, "before_cursor_execute", note)


ASKED: dict[str, Callable[[Office, Any], object]] = {
    "of photos": lambda office, session: office.purge._owners.of_shots(session, MANY),
    "of approved ones": lambda _office, session: _approved_since(session, MANY),
    "of withdrawn ones": lambda office, session: list(
        office.deliveries._as_delivered(
            session, SCHOOL, YEAR, [Item(Change.WITHDRAWN, one, one, "", "", None) for one in MANY]
        )
    ),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_question_about_many_photos_is_asked_in_lots(
    office: Office, values: list[int], ask: Callable[[Office, Any], object]
) -> None:
    with office.database.read() as session:
        ask(office, session)
    assert len(values) > 1
    assert max(values) <= _MOST_VALUES


def test_many_photos_that_stay_are_named_in_no_statement(
    office: Office, clock: HandClock, values: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    file_shot(office, 1)
    decide(office, clock, 1)
    clock.now += DUE_AFTER + timedelta(days=1)
    monkeypatch.setattr(office.purge, "_kept", lambda _session: Protected(frozenset(MANY), frozenset()))
    assert office.purge.due().counts[Retained.PHOTOS] == 1
    assert office.purge.purge("sue").counts[Retained.PHOTOS] == 1
    assert max(values) <= _MOST_VALUES


def test_photos_that_stay_hide_none_that_goes(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest ones stay; a lot has room for one photo."""
    for one in range(1, 6):
        file_shot(office, one)
        decide(office, clock, one)
    for one in (1, 2, 4):
        office.data_cases.hold("sue", number(one), "更正未结")
    clock.now += DUE_AFTER + timedelta(days=1)
    for name in ("_AT_ONCE", "_PHOTOS_AT_ONCE"):
        monkeypatch.setattr(purge, name, 1)
    due = office.purge.due()
    assert (due.counts[Retained.PHOTOS], due.counts[Retained.IDENTITIES], due.held) == (2, 2, 3)
    assert office.purge.purge("sue").left == 0
    assert kept(office) == named(office) == {shot_id(1), shot_id(2), shot_id(4)}
