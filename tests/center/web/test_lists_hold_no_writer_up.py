"""A page that decrypts many people does so in a transaction that only reads: meanwhile booths and others may write."""

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from center.accounts.model.roles import Role
from center.attendance.model import AbsenceReason
from center.corrections.model import CaseKind
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter
from tests.center.factories import shot_id
from tests.center.office_server import OfficeServer

LOOKS = {"class.shown", "attendance.shown", "correction.cases_shown"}


@pytest.fixture
def opened_by_writers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was decrypted inside a transaction that may write, apart from a login's own secret."""
    found: list[str] = []
    writing = threading.local()
    write: Callable[[Database], contextlib.AbstractContextManager[Any]] = Database.write
    opening = OfficeKeys.open

    @contextlib.contextmanager
    def marked(self: Database) -> Iterator[Any]:
        with write(self) as session:
            writing.now = True
            try:
                yield session
            finally:
                writing.now = False

    def noted(self: OfficeKeys, kind: str, name: str, sealed: bytes) -> bytes:
        if getattr(writing, "now", False):
            found.append(f"{kind} {name}")
        return opening(self, kind, name, sealed)

    monkeypatch.setattr(Database, "write", marked)
    monkeypatch.setattr(OfficeKeys, "open", noted)
    return found


def test_no_list_is_decrypted_while_others_can_not_write(
    office_server: OfficeServer, opened_by_writers: list[str]
) -> None:
    office, clock = office_server.office, office_server.clock
    enter(office, 1, 2, 3)
    approve(office, clock, 1)
    office.corrections.open_of_shot("sue", shot_id(1), CaseKind.WRONG_IMAGE, "", "是同班同学")
    school = office_server.client("shifan", Role.SCHOOL, SCHOOL)
    sue, auditor = office_server.client("sue", Role.SUPERVISOR), office_server.client("audit", Role.AUDITOR)
    of_class = re.findall(r"class=([0-9a-f]{16,})", school.get("/checking").text)[0]
    missing = next(one.row_id for one in office.attendances.memo("sue", SCHOOL, YEAR))
    office.attendances.note("sue", missing, next(iter(AbsenceReason)), "在外地")
    opened_by_writers.clear()
    pages = [
        school.get(f"/checking?class={of_class}"),
        school.get("/feedback"),
        sue.get(f"/corrections?of={YEAR} {SCHOOL}"),
        sue.get(f"/attendance?of={SCHOOL}&names=yes"),
        auditor.post("/audit-export", first="2026-09-01", last="2026-09-01"),
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    office.attendances.memo("sue", SCHOOL, YEAR)
    assert opened_by_writers == []
    with office.database.read() as session:
        assert {one.action for one in office.audit.entries(session, SCHOOL)} >= LOOKS, "and each look is noted"
