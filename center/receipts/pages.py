"""The public page of a receipt, and the form in which its code can be typed."""

from starlette.responses import Response

from center.passes.service import Passes
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.receipts.service import coming_again, receipt_state
from center.season.service import Seasons
from center.web.gate import Page
from center.web.page_request import PageRequest

LONGEST_CODE = 64


def receipt(request: PageRequest) -> Response:
    """The page with the state of the receipt whose code is in the address. The QR code on the booth's screen contains
    this address.
    """
    return _state(request, request.http.path_params["code"])


def form(request: PageRequest) -> Response:
    """The form in which a code can be typed."""
    return request.page("receipt_form.html")


def typed(request: PageRequest) -> Response:
    """The page with the state of the receipt whose code was typed in the form. Thus the code is in no address."""
    return _state(request, request.word("code", ""))


def _state(request: PageRequest, typed_code: str) -> Response:
    """The page with the state of the receipt. It shows nothing about the person, not even the reasons of a rejection.

    Unknown codes have no limit of their own, only the limit on all visits: nobody can guess a code of 130 bits, and a
    limit by address would refuse the right codes of a campus behind one address.
    """
    code = typed_code.strip()[:LONGEST_CODE]
    found = receipt_state(request.service(Database), request.service(OfficeKeys), request.services.clock, code)
    services = request.service(Database), request.service(OfficeKeys), request.service(Seasons), request.service(Passes)
    again = coming_again(*services, request.services.clock, code)
    state = "unknown" if found is None else found.state.value
    return request.page("receipt.html", 404 if found is None else 200, state=state, found=found, again=again)


PAGES = (
    Page("GET", "/r", form, public=True, by_address="visits"),
    Page("POST", "/r", typed, public=True, by_address="visits"),
    Page("GET", "/r/{code}", receipt, public=True, by_address="visits"),
)
