"""The photo's file for a page of this login session: as the booth sent it, its original, or as it is delivered."""

import hmac

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import NotThere
from center.recrop.service import Recropping
from center.review.queries import ReviewQueries
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest, id_of


def photo(request: PageRequest) -> Response:
    """The JPEG. Its address needs a ticket, only pages contain tickets, and every page that shows a shot is audited: so
    nobody reads a photo without an audit entry. Every answer has `no-store`.
    """
    shot_id = id_of(request)
    if not hmac.compare_digest(request.http.path_params["ticket"].encode(), request.ticket(shot_id).encode()):
        raise NotThere("there is no shot {shot_id} to look at under this address", shot_id=shot_id)
    recropping = request.service(Recropping)
    match request.http.url.query:
        case "original":
            jpeg = recropping.original(shot_id)
        case "finished":
            jpeg = recropping.finished(shot_id)
        case _:
            jpeg = request.service(ReviewQueries).photo(shot_id)
    return Response(jpeg, media_type="image/jpeg")


PAGES = (Page("GET", f"/shots/{SHOT}/{{ticket}}.jpg", photo, Right.REVIEW),)
