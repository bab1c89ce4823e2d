"""The manual for every account, and its pictures."""

from starlette.responses import Response

from center.manual.document import manual, pictures
from center.platform.faults import NotThere
from center.web.gate import Page
from center.web.page_request import PageRequest


def show(request: PageRequest) -> Response:
    """The whole manual; each page's help link leads to its section."""
    return request.page("manual.html", manual=manual())


def picture(request: PageRequest) -> Response:
    """A picture of the manual, from a fixed list of names. Raises `NotThere`."""
    found = pictures().get(request.http.path_params["name"])
    if found is None:
        raise NotThere("the manual has no such picture")
    return Response(found, media_type="image/jpeg")


PAGES = (
    Page("GET", "/manual", show),
    Page("GET", "/manual/{name}", picture),
)
