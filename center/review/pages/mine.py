"""What the asker decided today, with the way back where it is still open."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.review.own_decisions import OwnDecisions
from center.review.queries import ReviewQueries
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST = 200


def mine(call: PageRequest) -> Response:
    """The day's decisions, the newest first; audited as one view of a list, since it shows names."""
    made = call.service(OwnDecisions).today(call.who, _MOST)
    shots = list(dict.fromkeys(one.shot_id for one in made))
    queries = call.service(ReviewQueries)
    queries.seen_together(call.who, shots)
    names = {shot_id: queries.name_of(shot_id) for shot_id in shots}
    return call.page("mine.html", made=made, names=names, most=_MOST)


PAGES = (Page("GET", "/mine", mine, Right.REVIEW),)
