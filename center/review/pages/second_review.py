"""The page of second reviews: how often two reviewers differ, and the shots that a supervisor must arbitrate."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.accounts.service import Accounts
from center.platform.faults import NotThere, WrongRequest
from center.review.pages.filters import days_of
from center.review.queries import ReviewQueries
from center.review.queue import Queue
from center.review.second_review import SecondReviews
from center.web.gate import Page
from center.web.page_request import PageRequest

SPANS = (7, 30, 180)
_MOST = 50


def second_reviews(request: PageRequest) -> Response:
    """How often two reviewers differ, with the interval of this share. The shots are shown only to accounts that may
    arbitrate.
    """
    days = days_of(request, SPANS)
    shown = request.service(SecondReviews).disagreements(_MOST) if request.may(Right.REOPEN) else []
    request.service(ReviewQueries).seen_together(request.who, [one.shot_id for one in shown])
    return request.page(
        "second_review.html",
        days=days,
        spans=SPANS,
        figures=request.service(SecondReviews).figures(days),
        shown=shown,
        names={one.shot_id: request.service(ReviewQueries).name_of(one.shot_id) for one in shown},
        people={by: request.service(Accounts).name_of(by) for one in shown for by in (one.first.by, one.again.by)},
    )


def arbitrate(request: PageRequest) -> Response:
    """Keep the first decision, or put the shot back into the queue. Raises `MovedOn`, `NotThere`."""
    look_id, outcome = request.number("look_id"), request.word("outcome")
    if outcome not in ("first", "back"):
        raise WrongRequest("a disagreement is arbitrated by `first` or `back`: load the page again")
    if outcome == "back":
        wanted = [one for one in request.service(SecondReviews).disagreements(_MOST) if one.look_id == look_id]
        if not wanted:
            raise NotThere("there is no such disagreement, or somebody has arbitrated it")
        request.service(Queue).reopen(request.who, wanted[0].shot_id, request.number("version"))
    request.service(SecondReviews).arbitrate(request.who, look_id, outcome)
    return request.go("/numbers/second-reviews")


PAGES = (
    Page("GET", "/numbers/second-reviews", second_reviews, Right.NUMBERS),
    Page("POST", "/numbers/second-reviews", arbitrate, Right.REOPEN),
)
