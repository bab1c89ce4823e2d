"""The page of the audit log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.audit.proof import ChainProofs
from center.audit.reader import AuditReader
from center.web.catalog import PageCatalog
from center.web.gate import Page
from center.web.page_request import PageRequest

PAGE = 100


@dataclass(frozen=True, slots=True)
class AuditedWords:
    """The texts for details of entries that are words of the office, such as a role or a reason. Their tasks are above
    this one, so `center.wiring` provides them.
    """

    begins: Mapping[str, str]  # an action and a detail's name -> how the ids begin; an id ends with the word itself


def audit(request: PageRequest) -> Response:
    """The newest entries, those before a place, or those about one subject. It does not check the chain."""
    asked = request.http.query_params
    before = asked.get("before", "")
    subject = asked.get("about", "")[:80]
    place = int(before) if before.isdecimal() and len(before) < 16 else None
    entries = request.service(AuditReader).newest(place, subject or None, PAGE)
    words = request.service(AuditedWords)
    people = {account.user_id: account.name for account in request.services.accounts.all()}
    return request.page(
        "audit.html",
        entries=entries,
        proof=request.service(ChainProofs).newest(),
        people=people,
        subject=subject,
        more=len(entries) == PAGE,
        details=lambda entry: list(_details(request.text, words, entry.action, entry.detail)),
    )


def _details(
    text: PageCatalog, words: AuditedWords, action: str, detail: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """What an entry notes in addition to its subject, in the words of the page. A name or value for which the page has
    no words is shown as it is.
    """
    for name, value in detail.items():
        if not value:
            continue
        if name == "shots":
            shown = str(len(value)) if isinstance(value, list) else str(value)
        else:
            values = value if isinstance(value, list) else [value]
            begins = words.begins.get(f"{action} {name}", "")
            shown = text("app.comma").join(text.messages.get(f"{begins}{one}", str(one)) for one in values)
        yield text.named("audit_detail", name), shown


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
