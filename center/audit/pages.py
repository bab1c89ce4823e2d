"""The audit: who did what to what, when, and whether the chain holds."""

from starlette.responses import Response

from center.web.call import Call

PAGE = 100


def audit(call: Call) -> Response:
    """The newest entries, or those before a place, or those about one thing; the chain is not recomputed here."""
    asked = call.request.query_params
    before = asked.get("before", "")
    subject = asked.get("about", "")[:80]
    place = int(before) if before.isdecimal() and len(before) < 16 else None
    entries = call.services.trail.newest(place, subject or None, PAGE)
    people = {account.user_id: account.name for account in call.services.office.accounts.all()}
    return call.page("audit.html", entries=entries, people=people, subject=subject, more=len(entries) == PAGE)


def verify(call: Call) -> Response:
    """Recompute the whole chain; a piece of the page."""
    office = call.services.office
    length, newest, breaks = office.audit.verify(office.database)
    return call.page("_verified.html", length=length, hash=newest.hex(), breaks=breaks[:20], broken=len(breaks))
