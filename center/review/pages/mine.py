"""What the reviewer decided today, with a way to undo what can still be undone."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.review.own_decisions import OwnDecisions
from center.review.queries import ReviewQueries
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST = 200


def mine(request: PageRequest) -> Response:
    """The day's decisions, the newest first. The audit records one view of a list, because the page shows names."""
    made = request.service(OwnDecisions).today(request.who, _MOST)
    shots = list(dict.fromkeys(one.shot_id for one in made))
    queries = request.service(ReviewQueries)
    queries.seen_together(request.who, shots)
    names = {shot_id: queries.name_of(shot_id) for shot_id in shots}
    return request.page("mine.html", made=made, names=names, most=_MOST)


PAGES = (Page("GET", "/mine", mine, Right.REVIEW),)
