"""Schools' rosters: bring a file in, what was brought in before, and the rows staff made in their place."""

import base64
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from center.identity.model import StandsApproved
from center.platform.documents.workbook import XLSX
from center.platform.faults import WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import TableFault
from center.roster.imports import Outcome, import_roster, past_imports
from center.roster.model.file import in_order
from center.roster.model.findings import Finding, RosterFault, Weight
from center.roster.workbooks import refused_rows, template
from center.web.call import Call
from center.web.catalog import catalog

MOST_BYTES = 16 << 20
"""Some 200 000 rows; larger files are for the command, which sits beside the database."""

_FAULT_TEXTS = {TableFault: "table_fault", RosterFault: "roster_fault"}
_MOST_FINDINGS = 200
_MOST_IMPORTS = 30
_MOST_REFUSED = 5_000  # rows; more are written by the command
_MOST_PROVISIONAL = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file, for the page. `findings`: the first ones, refusals before warnings."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    looked: bool  # the asker wanted to look only
    more: int
    refused: str = ""  # base64 of the workbook of refused rows


def rosters(call: Call) -> Response:
    """The form, the past imports, the provisional rows."""
    return _page(call)


def bring(call: Call) -> Response:
    """Look at a file, or bring it in: all of it, or nothing and the reasons."""
    do = call.word("do")
    if do not in ("look", "import"):
        raise WrongRequest("a roster is looked at or brought in: load the page again")
    # One after the other: a workbook takes many times its size while it is read.
    with call.services.importing:
        try:
            sheets = read_bytes(call.file, call.word("password", "") or None)
            outcome = import_roster(
                call.services.office.roster,
                call.who,
                sheets,
                good_rows=call.word("good_rows", "") == "yes",
                dry_run=do == "look",
                hidden_too=call.word("hidden_sheets", "") == "yes",
            )
        except (TableFault, RosterFault) as fault:
            return _page(call, 400, fault=fault)
    found = sorted(in_order(outcome.reading.findings), key=lambda one: one.weight is Weight.WARNING)
    shown = tuple(found[:_MOST_FINDINGS])
    refused = ""
    if 0 < len(outcome.reading.refused_rows) <= _MOST_REFUSED:
        words = catalog("zh")  # of the school that gets it
        book = refused_rows(outcome.reading, lambda one: words(f"roster_finding.{one.kind.value}", **one.values))
        refused = base64.b64encode(book).decode()
    return _page(call, report=Report(outcome, shown, do == "look", len(found) - len(shown), refused))


def form(_call: Call) -> Response:
    """The empty form for schools."""
    name = quote("名单模板.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(template(), media_type=XLSX, headers=headers)


def take_back(call: Call) -> Response:
    """Take a provisional row off the roster."""
    try:
        shots = call.services.office.provisional.take_back(call.who, call.word("row"))
    except StandsApproved as fault:
        return _page(call, 409, stands=fault.shot_id)
    return _page(call, taken_back=len(shots))


def _page(
    call: Call,
    status: int = 200,
    *,
    report: Report | None = None,
    fault: TableFault | RosterFault | None = None,
    stands: str = "",
    taken_back: int | None = None,
) -> Response:
    services = call.services
    imports = past_imports(services.trail, _MOST_IMPORTS)
    made = services.office.provisional.rows(call.who, _MOST_PROVISIONAL)
    names = {
        who: services.office.accounts.name_of(who) for who in {one.who for one in imports} | {one.by for one in made}
    }
    return call.page(
        "rosters.html",
        status,
        report=report,
        fault=fault,
        fault_text="" if fault is None else f"{_FAULT_TEXTS[type(fault)]}.{fault.kind.value}",
        stands=stands,
        taken_back=taken_back,
        imports=imports,
        made=made,
        names=names,
        most_mb=MOST_BYTES >> 20,
        most_bytes=MOST_BYTES,
    )
