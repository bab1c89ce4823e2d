"""The public page of a receipt."""

import re

import requests

from center.shots.model.staff_decision import Approve, Reject
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, file_shot


def decided(office_server: OfficeServer, number: int, staff_decision: Approve | Reject, seconds: float = 5) -> None:
    who = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(who, shot_id(number))
    office_server.clock.move(seconds=seconds)
    office_server.office.queue.decide(who, shot.shot_id, shot.version, staff_decision)


def receipt(office_server: OfficeServer, code: str, language: str = "en") -> requests.Response:
    return requests.get(f"{office_server.address}/r/{code}", headers={"Accept-Language": language}, timeout=20)


def test_a_receipt_tells_waiting_approved_or_retake_once_it_is_final(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    file_shot(office_server.office, 2)
    assert "Waiting for review" in receipt(office_server, "RECE-000001").text
    decided(office_server, 1, Approve())
    decided(office_server, 2, Reject(("glasses",)))
    assert "Waiting for review" in receipt(office_server, "RECE-000001").text
    office_server.clock.move(seconds=11)
    assert "Photo approved" in receipt(office_server, "rece 000001").text
    assert "Please take it again" in receipt(office_server, "RECE-000002").text
    assert "请重新拍照" in receipt(office_server, "RECE-000002", "zh-CN,zh;q=0.9").text


def test_a_receipts_page_is_the_same_for_everybody(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    file_shot(office_server.office, 2, person=somebody(2, name="李四", school="他大学"), flags=("code_only",))
    decided(office_server, 1, Reject(("glasses", "head_cover"), "own words"))
    decided(office_server, 2, Reject(("other",), "other words"))
    office_server.clock.move(seconds=11)
    pages = [re.sub("RECE-00000[12]", "", receipt(office_server, f"RECE-00000{number}").text) for number in (1, 2)]
    assert pages[0] == pages[1]  # neither person nor reason makes a difference


def test_an_unknown_receipt_is_not_found_and_says_what_to_do(office_server: OfficeServer) -> None:
    answer = receipt(office_server, "WRONG")
    assert answer.status_code == 404
    assert "check the address" in answer.text
