"""The page of staff's numbers."""

import re

from center.accounts.model.roles import Role
from center.shots.model.staff_decision import Approve, Reject
from tests.center.factories import shot_id
from tests.center.office_server import OfficeServer, file_shot


def decided(office_server: OfficeServer, number: int, staff_decision: Approve | Reject, seconds: float = 5) -> None:
    who = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(who, shot_id(number))
    office_server.clock.move(seconds=seconds)
    office_server.office.queue.decide(who, shot.shot_id, shot.version, staff_decision)


def test_numbers_count_seconds_reasons_and_decisions_that_stand(office_server: OfficeServer) -> None:
    for number in range(1, 12):
        file_shot(office_server.office, number)
    for number in range(1, 11):
        decided(
            office_server, number, Approve() if number > 2 else Reject(("glasses", "ears")[:number]), seconds=number
        )
    page = office_server.client("sue", Role.SUPERVISOR).get("/numbers").text
    row = re.search(r'<th scope="row">anna</th>(.*?)</tr>', page)
    assert row
    cells = re.findall(r">([^<>]+)</td>", row[1])
    assert cells == ["8", "0", "2", "0", "5 s", "9 s", "0"]
    assert re.search(r"Wears glasses</th>.*?>2</td>", page)
    assert re.search(r"Ears hidden</th>.*?>1</td>", page)
    assert "<strong>1</strong><span>waiting" in page
    assert "rejected · 20 %" in page
