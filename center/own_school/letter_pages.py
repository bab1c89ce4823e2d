"""The page of a school's settlement letters: shows them, gives the PDF, confirms them."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.billing.model import LetterState
from center.billing.money import show_yuan
from center.own_school.letters import OwnLetters
from center.own_school.model import scope_of
from center.platform.faults import Conflict
from center.web.gate import Page
from center.web.page_request import PageRequest, download


def take(request: PageRequest) -> Response:
    """A letter as PDF."""
    letter, pdf = request.service(OwnLetters).pdf(request.who, scope_of(request.account), request.number("letter"))
    return download(pdf, f"费用结算函-{letter.code}.pdf", "application/pdf")


def confirm(request: PageRequest) -> Response:
    """Confirm a letter."""
    try:
        request.service(OwnLetters).confirm(request.who, scope_of(request.account), request.number("letter"))
    except Conflict:
        return letters(request, 409, problem=request.text("own.letter_not"))
    return letters(request, done=request.text("own.letter_confirmed"))


def letters(request: PageRequest, status: int = 200, *, problem: str = "", done: str = "") -> Response:
    """The school's letters."""
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
