"""The queue filters in a page's address."""

from center.review.claim_query import Filters
from center.web.page_request import PageRequest
from rules.checks import CheckId

_CHECKS = frozenset(check.value for check in CheckId)


def filters_of(request: PageRequest) -> Filters:
    """The filters in the address; invalid ones are left out."""
    kept = request.kept
    check = kept.get("check")
    return Filters(kept.get("school"), kept.get("booth"), check if check in _CHECKS else None)
