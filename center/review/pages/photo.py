"""The photo's file for a page that was made for this very session: as it came, its original, or as it goes on."""

import hmac

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import NotThere
from center.recrop.service import Recropping
from center.review.queries import ReviewQueries
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest, id_of


def photo(call: PageRequest) -> Response:
    """The JPEG. Its address holds a ticket that only a page gives, and a page that shows a shot is in the audit: so
    no photo is read past it. `no-store` comes with every answer."""
    shot_id = id_of(call)
    if not hmac.compare_digest(call.request.path_params["ticket"].encode(), call.ticket(shot_id).encode()):
        raise NotThere(f"there is no shot {shot_id} to look at under this address")
    recropping = call.service(Recropping)
    match call.request.url.query:
        case "original":
            jpeg = recropping.original(shot_id)
        case "finished":
            jpeg = recropping.finished(shot_id)
        case _:
            jpeg = call.service(ReviewQueries).photo(shot_id)
    return Response(jpeg, media_type="image/jpeg")


PAGES = (Page("GET", f"/shots/{SHOT}/{{ticket}}.jpg", photo, Right.REVIEW),)
