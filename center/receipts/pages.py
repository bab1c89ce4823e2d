"""The public page of a receipt's code."""

from starlette.responses import Response

from center.passes.service import Passes
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.receipts.service import coming_again, receipt_state
from center.season.service import Seasons
from center.web.gate import Page
from center.web.page_request import PageRequest

_LONGEST_CODE = 64


def receipt(call: PageRequest) -> Response:
    """Waiting, approved or retake; nothing about the person, not even the reason."""
    code = call.request.path_params["code"][:_LONGEST_CODE]
    found = receipt_state(call.service(Database), call.service(OfficeKeys), call.services.clock, code)
    services = call.service(Database), call.service(OfficeKeys), call.service(Seasons), call.service(Passes)
    again = coming_again(*services, call.services.clock, code)
    state = "unknown" if found is None else found.state.value
    return call.page("receipt.html", 404 if found is None else 200, state=state, again=again)


PAGES = (Page("GET", "/r/{code}", receipt, public=True),)
