"""Live help at the office: seen by staff, fed by the call's own booth, waived by who decides on photos, audited."""

import re
from unittest.mock import Mock

import pytest

from center.accounts.model.roles import Role
from center.calls.model import WaiverGround
from center.platform.faults import Unavailable
from tests.center.office_server import OfficeServer, file_shot
from wire.help_call import HelpCall
from wire.live_help import HelpDirection, HelpView, LiveCheck

CALL = f"{1:032x}"
PAGE = f"/calls/{CALL}"
CHECKS = (
    LiveCheck(check="roll", result="pass", value=0.5, min=-3.0, max=3.0),
    LiveCheck(check="glasses", result="fail", value=21.5, min=None, max=15.0),
    LiveCheck(check="one_face", result="fail", value=0.5, min=None, max=0.03),
    LiveCheck(check="gaze", result="warn", value=0.5, min=None, max=0.1),
)


def ring(office_server: OfficeServer, *, ended: bool = False, call: str = CALL) -> None:
    asked = HelpCall(booth_id="booth-2", call_id=call, at=office_server.clock.now, screen="pose", ended=ended)
    office_server.office.help_calls.record_call("booth-2", asked)


def show(office_server: OfficeServer, **changes: object) -> HelpDirection:
    view = HelpView(booth_id="booth-2", call_id=CALL, screen="pose", instruction="请摘下眼镜", checks=CHECKS)
    return office_server.office.live_help.show(view.model_copy(update=changes))


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture(autouse=True)
def _call(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    office_server.office.booths.remember("booth-2")
    ring(office_server)


def test_staff_see_instruction_and_measures(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    assert "shows nothing now" in anna.get(PAGE).text
    show(office_server)
    page = words(anna.get(PAGE).text)
    assert "The screen says: 请摘下眼镜" in page
    assert "21.5" in page
    assert f'href="{PAGE}"' in anna.get("/calls").text


def test_old_view_and_ended_call_show_nothing(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    show(office_server)
    office_server.clock.move(seconds=16)
    assert "请摘下眼镜" not in anna.get(PAGE).text
    show(office_server)
    ring(office_server, ended=True)
    assert "This call has ended" in anna.get(PAGE).text
    assert "请摘下眼镜" not in anna.get(PAGE).text


def test_staff_end_a_call_and_nothing_is_seen_of_it_any_more(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    show(office_server)
    anna.post(f"{PAGE}/release", check="glasses", ground="looked_at")
    assert 'hx-post="' + PAGE + '/end"' in anna.get(PAGE).text
    assert anna.post(f"{PAGE}/end").headers["Location"] == "/calls"
    assert office_server.office.live_help.of(CALL) is None
    assert show(office_server).release is None, "the waiver is forgotten with its call"
    assert "This call has ended" in anna.get(PAGE).text
    assert "already ended" in anna.post(f"{PAGE}/end").text


def test_the_page_of_a_call_leads_to_the_call_that_followed_it(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    following = f"{2:032x}"
    show(office_server)
    assert f"/calls/{following}" not in anna.get(PAGE).text
    ring(office_server, call=following)
    page = anna.get(PAGE).text
    assert "This call has ended" in page
    assert f'href="/calls/{following}"' in page
    ring(office_server, call=following, ended=True)
    assert f"/calls/{following}" not in anna.get(PAGE).text


def test_no_check_is_waived_for_a_call_that_a_new_one_ended(office_server: OfficeServer) -> None:
    """The booth listens for the new call only: the audit would have a waiver that never happened."""
    anna = office_server.client("anna")
    show(office_server)
    ring(office_server, call=f"{2:032x}")
    assert "already ended" in anna.post(f"{PAGE}/release", check="glasses", ground="looked_at").text
    with office_server.office.database.read() as session:
        assert office_server.office.audit.entries(session, CALL) == []
    show(office_server, call_id=f"{2:032x}")
    assert anna.post(f"/calls/{2:032x}/release", check="glasses", ground="looked_at").status_code == 303


def test_schools_end_no_call(office_server: OfficeServer) -> None:
    school = office_server.client("school", Role.SCHOOL, "示范大学")
    assert school.post(f"{PAGE}/end").status_code == 403
    assert len(office_server.office.help_calls.open()) == 1


def test_a_check_is_waived_once_with_a_ground_and_noted(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    show(office_server)
    answer = anna.post(f"{PAGE}/release", check="glasses", ground="looked_at")
    assert answer.headers["Location"] == PAGE
    assert show(office_server).release == "glasses"
    assert "be waived now" in anna.post(f"{PAGE}/release", check="glasses", ground="looked_at").text
    with office_server.office.database.read() as session:
        (entry,) = [
            one for one in office_server.office.audit.entries(session, CALL) if one.action == "booth.check_released"
        ]
    assert entry.detail == {"check": "glasses", "ground": "looked_at"}
    assert show(office_server, released="glasses").release == "glasses"
    assert "Waived" in words(anna.get(PAGE).text)


def test_what_the_audit_does_not_have_is_not_waived(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(office_server)
    monkeypatch.setattr(office_server.office.audit, "append", Mock(side_effect=Unavailable("the database hangs")))
    with pytest.raises(Unavailable):
        office_server.office.live_help.waive("anna", CALL, "glasses", WaiverGround.MEASURED_WRONG)
    assert show(office_server).release is None


def test_a_waiver_reaches_a_booth_that_was_away_for_a_while(office_server: OfficeServer) -> None:
    show(office_server)
    office_server.office.live_help.waive("anna", CALL, "glasses", WaiverGround.LOOKED_AT)
    office_server.clock.move(seconds=60)
    assert office_server.office.live_help.of(CALL) is None
    assert show(office_server).release == "glasses"
    ring(office_server, ended=True)
    office_server.office.live_help.drop(CALL)
    assert show(office_server).release is None, "it ends with its call"


def test_what_the_audit_has_is_waived_also_if_the_view_became_old_meanwhile(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = office_server.office.audit
    append = audit.append

    def slow(*given: object) -> None:
        office_server.clock.move(seconds=20)
        office_server.office.live_help.of(CALL)  # any look drops what is too old
        append(*given)  # type: ignore[arg-type]

    anna = office_server.client("anna")
    show(office_server)
    monkeypatch.setattr(audit, "append", slow)
    assert anna.post(f"{PAGE}/release", check="glasses", ground="looked_at").headers["Location"] == PAGE
    assert show(office_server).release == "glasses"


def test_of_all_waivers_the_newest_are_kept(office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("center.calls.live.MOST_VIEWS", 2)
    for number in range(1, 4):
        show(office_server, call_id=f"{number:032x}")
        office_server.office.live_help.waive("anna", f"{number:032x}", "glasses", WaiverGround.LOOKED_AT)
        office_server.clock.move(seconds=16)
    assert [show(office_server, call_id=f"{number:032x}").release for number in range(1, 3)] == [None, "glasses"]


@pytest.mark.parametrize("check", ["one_face", "gaze", "roll", "", "no_check"])
def test_only_failed_checks_that_may_be_waived_are_offered(office_server: OfficeServer, check: str) -> None:
    anna = office_server.client("anna")
    show(office_server)
    assert re.findall(r'<option value="([a-z_]+)">', anna.get(PAGE).text)[:1] == ["glasses"]
    assert "be waived now" in anna.post(f"{PAGE}/release", check=check, ground="equipment").text
    assert show(office_server).release is None


def test_grounds_are_of_the_list_and_none_is_health_or_religion(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    show(office_server)
    for ground in ("", "medical", "faith"):
        assert "grounds of the list" in anna.post(f"{PAGE}/release", check="glasses", ground=ground).text
    assert {one.value for one in WaiverGround} == {"measured_wrong", "equipment", "looked_at"}


def test_administrators_see_but_do_not_waive(office_server: OfficeServer) -> None:
    admin = office_server.client("ada", Role.ADMINISTRATOR)
    show(office_server)
    page = admin.get(PAGE).text
    assert "请摘下眼镜" in page
    assert "Waive one check" not in page
    assert admin.post(f"{PAGE}/release", check="glasses", ground="equipment").status_code == 403
    assert show(office_server).release is None


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.AUDITOR])
def test_others_see_nothing(office_server: OfficeServer, role: Role) -> None:
    other = office_server.client("other", role, "示范大学" if role is Role.SCHOOL else None)
    show(office_server)
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}/release", check="glasses", ground="equipment").status_code == 403


def test_a_new_call_of_a_booth_ends_the_one_before(office_server: OfficeServer) -> None:
    ring(office_server, call=f"{2:032x}")
    assert [one.call_id for one in office_server.office.help_calls.open()] == [f"{2:032x}"]


def test_so_many_views_are_kept_and_no_more(office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("center.calls.live.MOST_VIEWS", 2)
    for number in range(1, 4):
        show(office_server, call_id=f"{number:032x}")
    assert office_server.office.live_help.of(f"{3:032x}") is None
    assert office_server.office.live_help.of(f"{2:032x}") is not None
    office_server.clock.move(seconds=16)
    show(office_server, call_id=f"{3:032x}")
    assert office_server.office.live_help.of(f"{3:032x}") is not None
