"""The photo's file for a page that was made for this very session: as it came, its original, or as it goes on."""

import hmac

from starlette.responses import Response

from center.platform.faults import NotThere
from center.web.call import Call, id_of


def photo(call: Call) -> Response:
    """The JPEG. Its address holds a ticket that only a page gives, and a page that shows a shot is in the audit: so
    no photo is read past it. `no-store` comes with every answer."""
    shot_id = id_of(call)
    if not hmac.compare_digest(call.request.path_params["ticket"].encode(), call.ticket(shot_id).encode()):
        raise NotThere(f"there is no shot {shot_id} to look at under this address")
    mending = call.services.office.mending
    match call.request.url.query:
        case "original":
            jpeg = mending.original(shot_id)
        case "finished":
            jpeg = mending.finished(shot_id)
        case _:
            jpeg = call.services.desk.photo(shot_id)
    return Response(jpeg, media_type="image/jpeg")
