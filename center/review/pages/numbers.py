"""The page of figures: waiting shots, staff's work, reasons."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.review.figures import Figures
from center.review.pages.filters import days_of
from center.review.queue import Queue
from center.web.gate import Page
from center.web.page_request import PageRequest

_SPANS = (1, 7, 30)


def numbers(request: PageRequest) -> Response:
    """Waiting shots, staff's work, reasons."""
    days = days_of(request, _SPANS)
    now = request.now
    waiting = request.service(Queue).waiting()
    work = request.service(Figures).work(days)
    return request.page(
        "numbers.html",
        days=days,
        spans=_SPANS,
        waiting=waiting,
        oldest_s=None if waiting.oldest is None else (now - waiting.oldest).total_seconds(),
        work=work,
        approved=sum(one.approved for one in work),
        rejected=sum(one.rejected for one in work),
        reasons=request.service(Figures).reasons(days),
    )


PAGES = (Page("GET", "/numbers", numbers, Right.NUMBERS),)
