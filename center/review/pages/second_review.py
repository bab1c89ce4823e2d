"""The page of second reviews: how often two reviewers differ, and the shots that a supervisor must arbitrate."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.accounts.service import Accounts
from center.platform.faults import NotThere, WrongRequest
from center.review.queries import ReviewQueries
from center.review.queue import Queue
from center.review.second_review import SecondReviews
from center.web.gate import Page
from center.web.page_request import PageRequest

SPANS = (7, 30, 180)
_MOST = 50


def second_looks(call: PageRequest) -> Response:
    """The rate with its interval; photos are shown only to accounts that may review."""
    asked = call.request.query_params.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]
    shown = call.service(SecondReviews).disagreements(_MOST) if call.may(Right.REOPEN) else []
    call.service(ReviewQueries).seen_together(call.who, [one.shot_id for one in shown])
    return call.page(
        "second_review.html",
        days=days,
        spans=SPANS,
        looks=call.service(SecondReviews).looks(days),
        shown=shown,
        names={one.shot_id: call.service(ReviewQueries).name_of(one.shot_id) for one in shown},
        people={by: call.service(Accounts).name_of(by) for one in shown for by in (one.first.by, one.again.by)},
    )


def arbitrate(call: PageRequest) -> Response:
    """Keep the first decision, or put the shot back into the queue. Raises `MovedOn`, `NotThere`."""
    look_id, outcome = call.number("look_id"), call.word("outcome")
    if outcome not in ("first", "back"):
        raise WrongRequest("a disagreement is arbitrated by `first` or `back`: load the page again")
    if outcome == "back":
        wanted = [one for one in call.service(SecondReviews).disagreements(_MOST) if one.look_id == look_id]
        if not wanted:
            raise NotThere("there is no such disagreement, or somebody has arbitrated it")
        call.service(Queue).reopen(call.who, wanted[0].shot_id, call.number("version"))
    call.service(SecondReviews).arbitrate(call.who, look_id, outcome)
    return call.go("/numbers/second-looks")


PAGES = (
    Page("GET", "/numbers/second-looks", second_looks, Right.NUMBERS),
    Page("POST", "/numbers/second-looks", arbitrate, Right.REOPEN),
)
