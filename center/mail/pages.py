"""The page of messages to schools: which wait, which were sent, which failed and why."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.mail.model import MailState
from center.mail.service import Mails
from center.platform.faults import WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_SHOWN = 200


def mails(request: PageRequest) -> Response:
    """Every failed message, because somebody has to do something about it, and the newest others."""
    service = request.service(Mails)
    return request.page("mails.html", on=service.on, mails=service.to_show(_SHOWN), failed=MailState.FAILED)


def change(request: PageRequest) -> Response:
    """Send a failed message again, or note that staff told the school in another way."""
    service, number = request.service(Mails), request.number("mail")
    match request.word("do"):
        case "again":
            service.send_again(request.who, number)
        case "told":
            service.drop(request.who, number)
        case _:
            raise WrongRequest("there is no such thing to do: load the page again")
    return request.go("/mails")


PAGES = (
    Page("GET", "/mails", mails, Right.DELIVER),
    Page("POST", "/mails", change, Right.DELIVER),
)
