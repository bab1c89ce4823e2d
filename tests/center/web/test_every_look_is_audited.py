"""Every page that shows somebody adds to the audit who looked."""

import io
import zipfile

from requests import Response
from sqlalchemy import func, select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.wiring.office import Office
from rules.idnumber import mask_id_number
from rules.names import mask_name
from tests.center.delivery.test_deliveries import SCHOOL, YEAR
from tests.center.factories import somebody
from tests.center.office_server import OfficeServer
from tests.center.web.stocked_office import Seen, seen, stock

PEOPLE = [somebody(number) for number in range(1, 9)]
NUMBERS = [number for one in PEOPLE for number in (one.id_number, one.student_no) if number]
SHOWN = {
    *NUMBERS,
    *map(mask_id_number, NUMBERS),
    *(shown for one in PEOPLE for shown in (one.name, mask_name(one.name))),
}


def words_of(answer: Response) -> str:
    """The text of a page or a workbook."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def looks(office: Office) -> int:
    """How many entries the audit has, without those about logins."""
    with office.database.read() as session:
        actions = session.execute(select(AuditRow.action, func.count()).group_by(AuditRow.action)).all()
    return sum(count for action, count in actions if not action.startswith("session."))


def test_a_page_that_shows_somebody_adds_to_the_audit(office_server: OfficeServer) -> None:
    office = office_server.office
    pages = seen(stock(office_server))
    by_path = {one.path: one for one in pages}
    table = by_path["/corrections/table"]
    pages.append(Seen(f"/corrections/table?of={YEAR} {SCHOOL}", table.role, table.page))
    showing, unseen = set(), []
    for one in pages:
        if one.role is None:
            continue
        school = SCHOOL if one.role in (Role.SCHOOL, Role.COLLEGE) else None
        client = office_server.client(f"x.{one.role.value}", one.role, school)
        before = looks(office)
        if any(shown in words_of(client.get(one.path)) for shown in SHOWN):
            showing.add(one.page.path)
            unseen += [one.path] if looks(office) == before else []
    assert unseen == []
    assert showing >= {"/corrections", "/corrections/table", "/feedback", "/checking", "/attendance", "/passes"}
