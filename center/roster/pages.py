"""The page of rosters: import a file, past imports, and the provisional rows."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.accounts.service import Accounts
from center.audit.reader import AuditReader
from center.platform.faults import WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import TableFault
from center.roster.imports import Outcome, import_roster, past_imports
from center.roster.model.file import in_order
from center.roster.model.findings import Finding, RosterFault, Weight
from center.roster.service import Roster
from center.roster.workbooks import refused_rows, template
from center.web.catalog import catalog
from center.web.gate import Page
from center.web.page_request import PageRequest, download

MOST_BYTES = 16 << 20
"""The largest file that the page reads: about 200 000 rows. Larger files must be imported by the command, which runs on
the office's machine."""

_FAULT_TEXTS = {TableFault: "table_fault.", RosterFault: "roster_fault."}
_MOST_FINDINGS = 200
_MOST_IMPORTS = 30
_MOST_REFUSED = 5_000  # if more rows are refused than this, the page offers no workbook of them; the command writes it
_MOST_PROVISIONAL = 100


class StaffRow(Protocol):
    """A row that staff made for a person who was on no roster."""

    @property
    def by(self) -> str:
        """The account that made the row."""


@dataclass(frozen=True, slots=True)
class StaffRows:
    """The provisional rows, from a task above this one; `center.wiring` provides it."""

    rows: Callable[[str, int], Sequence[StaffRow]]  # arguments: who looks (audited), how many rows at most


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an import for the page. `findings`: the first ones, refusals before warnings."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    looked: bool  # whether this was a dry run
    more: int
    refused: str = ""  # base64 of the workbook of refused rows


def rosters(request: PageRequest) -> Response:
    """The form, the past imports, the provisional rows."""
    return show(request)


def import_file(request: PageRequest) -> Response:
    """Check a file, or import the whole of it; if a row is refused, import nothing and show the reasons."""
    do = request.word("do")
    if do not in ("look", "import"):
        raise WrongRequest("a roster is looked at or imported: load the page again")
    # Only one file is read at a time: reading a workbook takes many times its size in memory.
    with request.service(Roster).importing:
        try:
            sheets = read_bytes(request.file, request.word("password", "") or None)
            outcome = import_roster(
                request.service(Roster),
                request.who,
                sheets,
                good_rows=request.word("good_rows", "") == "yes",
                dry_run=do == "look",
                hidden_too=request.word("hidden_sheets", "") == "yes",
                school=request.word("for", ""),
            )
        except (TableFault, RosterFault) as fault:
            return show(request, 400, fault=fault)
    return show(request, report=report_of(outcome, looked=do == "look"))


def report_of(outcome: Outcome, *, looked: bool) -> Report:
    """What the page shows of an import, with the workbook of refused rows in the school's language."""
    found = sorted(in_order(outcome.reading.findings), key=lambda one: one.weight is Weight.WARNING)
    shown = tuple(found[:_MOST_FINDINGS])
    refused = ""
    if 0 < len(outcome.reading.refused_rows) <= _MOST_REFUSED:
        words = catalog("zh")
        book = refused_rows(outcome.reading, lambda one: words(f"roster_finding.{one.kind.value}", **one.values))
        refused = base64.b64encode(book).decode()
    return Report(outcome, shown, looked, len(found) - len(shown), refused)


def text_of_fault(fault: TableFault | RosterFault | None) -> str:
    """The id of the text which says why a file can't be read; empty if nothing is wrong."""
    return "" if fault is None else f"{_FAULT_TEXTS[type(fault)]}{fault.kind.value}"


def form(_call: PageRequest) -> Response:
    """The empty form for schools."""
    return download(template(), "名单模板.xlsx")


def show(
    request: PageRequest,
    status: int = 200,
    *,
    report: Report | None = None,
    fault: TableFault | RosterFault | None = None,
    stands: str = "",
    taken_back: int | None = None,
) -> Response:
    """The page, with the result of a form. `stands`: the approved shot that depends on a row."""
    imports = past_imports(request.service(AuditReader), _MOST_IMPORTS)
    made = request.service(StaffRows).rows(request.who, _MOST_PROVISIONAL)
    names = {
        who: request.service(Accounts).name_of(who) for who in {one.who for one in imports} | {one.by for one in made}
    }
    return request.page(
        "rosters.html",
        status,
        report=report,
        fault=fault,
        fault_text=text_of_fault(fault),
        stands=stands,
        taken_back=taken_back,
        imports=imports,
        made=made,
        schools=sorted(request.service(Roster).rows_by_school(None)),
        names=names,
        most_mb=MOST_BYTES >> 20,
        most_bytes=MOST_BYTES,
    )


PAGES = (
    Page("GET", "/rosters", rosters, Right.ROSTERS),
    Page("GET", "/rosters/form", form, Right.ROSTERS),
    Page("POST", "/rosters", import_file, Right.ROSTERS, file_bytes=MOST_BYTES),
)
