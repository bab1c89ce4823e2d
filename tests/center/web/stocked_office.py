"""An office in the middle of its season: something of everything that a page can show, and every page's address."""

import re
from dataclasses import dataclass

from center.accounts.model.roles import Role, may
from center.corrections.model import CaseKind
from center.passes.model import PassReason
from center.shots.model.staff_decision import Reject
from center.web.gate import Page
from center.wiring.console import PAGES
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, decide, enter, person_of, work
from tests.center.factories import report, shot_id, somebody
from tests.center.office_server import OfficeServer, beat, differ, file_shot
from wire.help_call import HelpCall
from wire.live_help import HelpView, LiveCheck

LONG = "电气工程及其自动化2026级本科（中外合作办学）第12班"
ASKED_FIRST = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.SCHOOL, Role.STAFF, Role.AUDITOR)
"""A page is opened by the first of these roles that may open it."""


@dataclass(frozen=True)
class Seen:
    """A page as somebody sees it. `role` None: without a login."""

    path: str
    role: Role | None
    page: Page


def stock(server: OfficeServer) -> dict[str, str]:
    """Fill the office; returns the values for the variable parts of addresses, by their names."""
    office, clock = server.office, server.clock
    enter(office, 1, 2, 3, 4, 5, class_name=LONG)
    enter(office, 6, 7, major="物理", class_name="2班")
    beat(server, "booth-1")
    for number in (1, 2, 6):
        approve(office, clock, number)
    for number, decision in ((3, None), (4, Reject(("glasses",), "镜片反光"))):
        file_shot(office, number, person=person_of(number), flags=("clock_unsynced",), checks=report(roll=4.0))
        if decision is not None:
            decide(office, clock, number, decision)
    differ(server)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    work(office)
    office.deliveries.hand_over("sue", made.delivery_id, "王老师")
    approve(office, clock, 7)
    # a shot of a person on no roster: every delivery leaves it out and names the reason
    file_shot(office, 8, person=person_of(8))
    decide(office, clock, 8)
    office.corrections.open_of_shot("sue", shot_id(6), CaseKind.WRONG_IMAGE, "", "是同班同学")
    payable(office)
    office.billing.issue("sue", SCHOOL, YEAR, None)
    with office.database.read() as session:
        row = office.roster.find(session, [str(somebody(5).student_no)], 1)[0]
    day = clock.now.date()
    office.passes.issue("sue", row.row_id, PassReason.APPOINTMENT, day, day)
    client = server.client("shifan", Role.SCHOOL, SCHOOL)
    client.post("/colleges", name="math", college="数学学院", majors="数学")
    call = HelpCall(booth_id="booth-1", call_id="c" * 32, at=clock.now, screen="pose")
    office.help_calls.record_call("booth-1", call)
    office.live_help.show(view(call.call_id))
    of_class = re.findall(r"class=([0-9a-f]{16,})", client.get("/checking").text)
    return {"class": of_class[0], "shot_id": shot_id(1), "booth": "booth-1", "half_day": "2026-09-01-am",
            "check": "roll", "version": "1", "job_id": "1", "code": "RECE-000001", "language": "en",
            "name": "makeup.jpg", "ticket": "0" * 32, "call_id": call.call_id}  # fmt: skip


def view(call_id: str) -> HelpView:
    """What staff see of a session that asked for help."""
    check = LiveCheck(check="glasses", result="fail", value=21.5, min=None, max=15.0)
    return HelpView(booth_id="booth-1", call_id=call_id, screen="pose", instruction="请摘下眼镜", checks=(check,))


FILE_OF_THE_CHECK = "/travel/{digest}/{name}"
"""Scripts, runtime and models of the check in the browser."""


def seen(known: dict[str, str]) -> list[Seen]:
    """Every page of the table that is read by GET, opened by somebody who may, and the further views that pages show on
    request.
    """
    found = []
    for page in PAGES:
        if page.method != "GET" or page.path == FILE_OF_THE_CHECK:
            continue
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: known[part[1]], page.path)
        role = None if page.public else next(one for one in ASKED_FIRST if page.right is None or may(one, page.right))
        found.append(Seen(path, role, page))
    by_path = {one.path: one for one in found}
    of = f"{YEAR} {SCHOOL}"
    for path, query in (
        ("/checking", f"class={known['class']}"),
        ("/deliveries", f"of={of}"),
        ("/prints", f"of={of}"),
        ("/corrections", f"of={of}"),
        ("/billing", f"of={of}"),
        ("/attendance", f"of={SCHOOL}&names=yes"),
    ):
        found.append(Seen(f"{path}?{query}", by_path[path].role, by_path[path].page))
    found += [Seen(path, Role.COLLEGE, by_path[path].page) for path in ("/progress", "/checking")]
    found.append(Seen("/r/NO-SUCH-CODE", None, by_path["/r"].page))
    return found
