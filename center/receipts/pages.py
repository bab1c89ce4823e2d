"""The one page for everybody: what a receipt's code tells."""

from starlette.responses import Response

from center.receipts.service import receipt_standing
from center.web.call import Call

_LONGEST_CODE = 64


def receipt(call: Call) -> Response:
    """Waiting, approved or please come again; nothing about the person, not even the reason."""
    code = call.request.path_params["code"][:_LONGEST_CODE]
    office = call.services.office
    found = receipt_standing(office.database, office.vault, office.clock, code)
    return call.page(
        "receipt.html", 404 if found is None else 200, standing="unknown" if found is None else found.standing.value
    )
