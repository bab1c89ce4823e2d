"""The page on which administrators confirm accounts, or close them."""

from starlette.responses import Response

from center.accounts.closing import closing_counts
from center.accounts.model.roles import Right
from center.accounts.review import REVIEW_EVERY, UNUSED_AFTER, AccountReviews, Review
from center.accounts.service import Accounts
from center.platform.faults import WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_AT = "/accounts/review"


def review(request: PageRequest) -> Response:
    """Every open account with its role, its last login and its last confirmation."""
    service = request.service(AccountReviews)
    uses = service.all()
    return request.page(
        "account_review.html",
        uses=uses,
        colleges=closing_counts(one.account for one in uses),
        due=service.due(),
        fine=Review.FINE,
        name_of=request.services.accounts.name_of,
        every=REVIEW_EVERY.days,
        unused=UNUSED_AFTER.days,
    )


def change(request: PageRequest) -> Response:
    """Confirm an account, or close it."""
    name = request.word("name")
    match request.word("do"):
        case "confirm":
            request.service(AccountReviews).confirm(request.who, name)
        case "close" if name != request.account.name:
            request.service(Accounts).disable(request.who, name)
        case _:
            raise WrongRequest("an account is confirmed, or another one's closed: load the page again")
    return request.go(_AT)


PAGES = (
    Page("GET", _AT, review, Right.MANAGE_USERS),
    Page("POST", _AT, change, Right.MANAGE_USERS),
)
