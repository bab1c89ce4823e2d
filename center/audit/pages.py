"""The page of the audit log."""

from collections.abc import Iterator, Mapping

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.audit.proof import ChainProofs
from center.audit.reader import AuditReader
from center.web.catalog import PageCatalog
from center.web.gate import Page
from center.web.page_request import PageRequest

PAGE = 100
VALUES = {
    "booth.check_released check": "check.",
    "booth.check_released ground": "ground_of_release.",
    "correction.closed state": "case_state.",
    "correction.opened kind": "case_kind.",
    "data.held found_by": "found_by.",
    "data.requested found_by": "found_by.",
    "data.requested kind": "retention.kind_",
    "job.cancelled kind": "job_kind.",
    "attendance.noted reason": "absence.",
    "pass.issued reason": "passes.reason_",
    "prints.released ground": "print_ground.",
    "season.changed to": "season_to.",
    "season.changed what": "season_what.",
    "second.settled outcome": "second.outcome_",
    "shot.rejected reasons": "reason.",
    "shot.settled flags": "flag.",
    "shot.settled ground": "ground.",
    "shot.settled way": "answer.way_",
    "user.added role": "role.",
    "user.confirmed role": "role.",
}
"""For details of entries that are words of the office, such as a role or a reason, and have texts for the page: the
action and the detail's name -> how the ids of these texts begin. An id ends with the word itself."""


def audit(request: PageRequest) -> Response:
    """The newest entries, those before a place, or those about one subject. It does not check the chain."""
    asked = request.http.query_params
    before = asked.get("before", "")
    subject = asked.get("about", "")[:80]
    place = int(before) if before.isdecimal() and len(before) < 16 else None
    entries = request.service(AuditReader).newest(place, subject or None, PAGE)
    people = {account.user_id: account.name for account in request.services.accounts.all()}
    return request.page(
        "audit.html",
        entries=entries,
        proof=request.service(ChainProofs).newest(),
        people=people,
        subject=subject,
        more=len(entries) == PAGE,
        details=lambda entry: list(_details(request.text, entry.action, entry.detail)),
    )


def _details(text: PageCatalog, action: str, detail: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What an entry notes in addition to its subject, in the words of the page. A name or value for which the page has
    no words is shown as it is.
    """
    for name, value in detail.items():
        if not value:
            continue
        if name == "shots":
            words = str(len(value)) if isinstance(value, list) else str(value)
        else:
            values = value if isinstance(value, list) else [value]
            begins = VALUES.get(f"{action} {name}", "")
            words = text("app.comma").join(text.messages.get(f"{begins}{one}", str(one)) for one in values)
        yield text.named("audit_detail", name), words


def verify(request: PageRequest) -> Response:
    """Request that the whole chain is verified in the background; returns the part of the page that shows it."""
    request.service(ChainProofs).ask(request.who)
    return verified(request)


def verified(request: PageRequest) -> Response:
    """The part of the page that shows the newest verification. The page loads this part again and again until the
    verification has ended.
    """
    return request.page("verified.html", proof=request.service(ChainProofs).newest())


PAGES = (
    Page("GET", "/audit", audit, Right.READ_AUDIT),
    Page("GET", "/audit/verified", verified, Right.READ_AUDIT),
    Page("POST", "/audit/verify", verify, Right.READ_AUDIT),
)
