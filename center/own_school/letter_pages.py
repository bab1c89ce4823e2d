"""The page of a school's settlement letters: shows them, gives the PDF, confirms them."""

from urllib.parse import quote

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.billing.model import LetterState
from center.billing.money import show_yuan
from center.own_school.letters import OwnLetters
from center.own_school.model import scope_of
from center.platform.faults import Conflict
from center.web.gate import Page
from center.web.page_request import PageRequest


def letters(request: PageRequest) -> Response:
    """The school's letters."""
    return _page(request)


def take(request: PageRequest) -> Response:
    """A letter as PDF."""
    letter, pdf = request.service(OwnLetters).pdf(request.who, scope_of(request.account), request.number("letter"))
    name = quote(f"费用结算函-{letter.code}.pdf")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def confirm(request: PageRequest) -> Response:
    """Confirm a letter."""
    try:
        request.service(OwnLetters).confirm(request.who, scope_of(request.account), request.number("letter"))
    except Conflict:
        return _page(request, 409, problem=request.text("own.letter_not"))
    return _page(request, done=request.text("own.letter_confirmed"))


def _page(request: PageRequest, status: int = 200, *, problem: str = "", done: str = "") -> Response:
    return request.page(
        "letters.html",
        status,
        letters=request.service(OwnLetters).all(scope_of(request.account)),
        cancelled=LetterState.CANCELLED,
        yuan=show_yuan,
        name_of=request.services.accounts.name_of,
        problem=problem,
        done=done,
    )


PAGES = (
    Page("GET", "/letters", letters, Right.PACKS),
    Page("POST", "/letters/take", take, Right.PACKS),
    Page("POST", "/letters/confirm", confirm, Right.PACKS),
)
