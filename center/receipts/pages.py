"""The public page of a receipt's code."""

from starlette.responses import Response

from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.receipts.service import receipt_state
from center.web.gate import Page
from center.web.page_request import PageRequest

_LONGEST_CODE = 64


def receipt(call: PageRequest) -> Response:
    """Waiting, approved or retake; nothing about the person, not even the reason."""
    code = call.request.path_params["code"][:_LONGEST_CODE]
    found = receipt_state(call.service(Database), call.service(OfficeKeys), call.services.clock, code)
    return call.page(
        "receipt.html", 404 if found is None else 200, state="unknown" if found is None else found.state.value
    )


PAGES = (Page("GET", "/r/{code}", receipt, public=True),)
