"""Recropping by HTTP: nudges inside the limits, the photo cut anew, and where it is shown."""

import re

import pytest
import requests

from rules.filecheck import check_file
from tests.center.factories import PROFILE, photo, shot_id, somebody
from tests.center.office_server import FINISH, Client, OfficeServer, decide, decisions, file_shot, original


def nudge(client: Client, page: requests.Response, before: str, move: str) -> requests.Response:
    crop = dict(re.findall(r'name="(scale|dx|dy)" value="([^"]+)"', before))
    return decide(client, page, "mend", move=move, **crop)


def test_no_nudge_leaves_the_limits(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    for move in ("right", "down", "larger", "smaller", "left", "up"):
        at = decide(anna, page, "mend", move="")
        stuck = False
        for _ in range(80):
            at = nudge(anna, page, at.text, move)
            assert "found-no" not in at.text
            stuck = "break the rules" in at.text
            if stuck:
                break
        assert stuck, move


def test_a_recrop_is_kept_with_the_approval(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    opened = decide(anna, page, "mend", move="")
    moved = nudge(anna, page, opened.text, "right")
    nudge(anna, page, moved.text, "save")
    (made,) = decisions(office_server)
    assert made.recrop == pytest.approx([0.714286, -71.0, -96.0], abs=1e-3)  # between edges, and one to the right
    assert made.decision == "approved"


def test_a_recropped_photo_is_cut_anew_and_shown_with_its_own_guides(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    opened = decide(anna, page, "mend", move="")
    address = re.search(r'href="(/shots/[^"]+\?original)"', opened.text)
    assert address
    assert anna.get(address[1]).content == original()
    moved = nudge(anna, page, opened.text, "down")
    nudge(anna, page, moved.text, "save")
    office_server.clock.move(minutes=1)
    looked = anna.get(f"/review/{shot_id(1)}")
    finished = re.search(r'src="(/shots/[^"]+\?finished)"', looked.text)
    assert finished
    jpeg = anna.get(finished[1])
    assert jpeg.headers["content-type"] == "image/jpeg"
    assert check_file(jpeg.content, PROFILE.photo) == ()
    assert jpeg.content != photo()
    assert re.search(r" 82\.1\d*h140", looked.text)  # the hair's top, which was at 81
    assert anna.get(finished[1].replace("?finished", "")).content == photo()  # what came is still there


def test_without_an_original_nothing_can_be_recropped(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, finish={name: value for name, value in FINISH.items() if name != "original"})
    anna = office_server.client("anna")
    page = anna.post("/review")
    assert "/mend" not in page.text
    assert decide(anna, page, "mend", move="").status_code == 400


def test_an_illegal_crop_is_refused_however_it_comes(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    for crop in (("2", "0", "0"), ("0.7", "400", "0"), ("-1", "0", "0"), ("nan", "0", "0"), ("0.7", "x", "0")):
        form = dict(zip(("scale", "dx", "dy"), crop, strict=True))
        assert decide(anna, page, "mend", move="save", **form).status_code == 400
    assert decisions(office_server) == []


def test_a_recropped_photo_stands_beside_the_next_one_as_it_was_recropped(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=somebody(7))
    anna = office_server.client("anna")
    page = anna.post("/review")
    nudge(anna, page, nudge(anna, page, decide(anna, page, "mend", move="").text, "down").text, "save")
    office_server.clock.move(minutes=1)
    file_shot(office_server.office, 2, person=somebody(7))
    page = anna.post("/review")
    beside = re.search(rf'<img src="(/shots/{shot_id(1)}/[^"]+)"', page.text)
    assert beside
    assert anna.get(beside[1]).content == office_server.office.recropping.finished(shot_id(1)) != photo()
