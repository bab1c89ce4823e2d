"""The queue filters and the span of days in a page's address."""

from center.review.claim_query import Filters
from center.web.page_request import PageRequest
from rules.checks import CheckId

_CHECKS = frozenset(check.value for check in CheckId)


def filters_of(request: PageRequest) -> Filters:
    """The filters in the address; invalid ones are left out."""
    kept = request.kept
    check = kept.get("check")
    return Filters(kept.get("school"), kept.get("booth"), check if check in _CHECKS else None)


def days_of(request: PageRequest, spans: tuple[int, int, int]) -> int:
    """How many days back the page's figures reach: one of `spans`, as the address says, else the second."""
    asked = request.http.query_params.get("days", "")
    return int(asked) if asked in map(str, spans) else spans[1]
