"""The auditor's page: choose days, download the workbook."""

from datetime import date, timedelta

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.data_access.model import DataAccess
from center.data_access.service import MOST_DAYS, DataAccesses
from center.platform.clock import moment_text
from center.platform.documents.workbook import Column, workbook
from center.platform.faults import WrongRequest
from center.web.catalog import PageCatalog
from center.web.gate import Page
from center.web.page_request import PageRequest, download
from rules.names import mask_code, mask_name

_COLUMNS = (
    ("place", 8), ("at", 18), ("who", 14), ("role", 12), ("action", 18), ("why", 16), ("of", 24), ("name", 10),
    ("student_no", 16), ("shot", 36), ("people", 8),
)  # fmt: skip


def take(request: PageRequest) -> Response:
    """The workbook of the chosen days."""
    try:
        first, last = (date.fromisoformat(request.word(name, "")) for name in ("first", "last"))
    except ValueError:
        return form(request, 400, problem=request.text("data_access.wrong_days", most=MOST_DAYS))
    try:
        found = request.service(DataAccesses).of_days(request.who, first, last)
    except WrongRequest:
        return form(request, 400, problem=request.text("data_access.wrong_days", most=MOST_DAYS))
    return download(_workbook(found, request.text), request.text("data_access.file", first=first, last=last))


def _workbook(found: list[DataAccess], words: PageCatalog) -> bytes:
    columns = [Column(words.text(f"data_access.column_{name}"), width) for name, width in _COLUMNS]
    return workbook(words.text("data_access.sheet"), columns, (_row(one, words) for one in found))


def _row(one: DataAccess, words: PageCatalog) -> list[str]:
    role = words.named("role", one.role) if one.role else ""
    action = words.named("audit_action", one.action.replace(".", "_"))
    person = one.person
    named = ("", "") if person is None else (mask_name(person.name), mask_code(person.student_no or ""))
    return [
        str(one.place), moment_text(one.at), one.who, role, action, words.text(f"data_access.why_{one.why.value}"),
        one.of, *named, one.shot_id, str(one.people) if one.people else "",
    ]  # fmt: skip


def form(request: PageRequest, status: int = 200, *, problem: str = "") -> Response:
    """The form in which days are chosen."""
    today = request.today
    typed = {
        "first": request.word("first", (today - timedelta(days=30)).isoformat())[:10],
        "last": request.word("last", today.isoformat())[:10],
    }
    return request.page("audit_export.html", status, typed=typed, most=MOST_DAYS, problem=problem)


PAGES = (
    Page("GET", "/audit-export", form, Right.EXPORT_AUDIT),
    Page("POST", "/audit-export", take, Right.EXPORT_AUDIT),
)
