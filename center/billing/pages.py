"""The pages of settlement: the letters of a year; a school's three-way check, letters and payments;
the payee account."""

from urllib.parse import quote

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.billing.confirmations import Confirmations
from center.billing.letter_jobs import LetterJobs
from center.billing.letters import Letter, Letters
from center.billing.model import BillDifference, Check, LetterState
from center.billing.money import in_words, read_yuan, show_yuan
from center.billing.paper import letter_pdf, reminder_pdf
from center.billing.payee import Payees, read_payee
from center.billing.service import Billing
from center.billing.workbooks import check_workbook, letters_workbook, people_workbook
from center.delivery.model import folder_name
from center.platform.faults import Conflict, NotAllowed, NotThere, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest, asked_school, chosen_school, download, read_day
from rules.season import day_in_china

_PDF = "application/pdf"
_MOST_DIFFERENCES = 100


def billing(request: PageRequest) -> Response:
    """The page of a year with the letters of all schools; or, if a school is chosen, the page of this school."""
    return _page(request, *asked_school(request))


def issue(request: PageRequest) -> Response:
    """Make the next letter of a school."""
    school, year = chosen_school(request)
    try:
        made = request.service(Billing).issue(request.who, school, year, read_day(request.word("cut_off", "").strip()))
    except (Conflict, NotThere) as fault:
        return _page(request, school, year, status=409, problem=request.translated(fault.sentence))
    return _page(request, school, year, done=request.text("billing.made", code=made.code))


def issue_all(request: PageRequest) -> Response:
    """Request a job that makes the letters of all schools of a year."""
    year = request.word("year")
    if not (year.isdecimal() and len(year) == 4):
        raise WrongRequest("a year has four digits")
    request.service(LetterJobs).ask(request.who, year, read_day(request.word("cut_off", "").strip()))
    return request.go(f"/billing?of={quote(year + ' ')}")


def take_all(request: PageRequest) -> Response:
    """The newest letters of a year as one archive."""
    name, data = request.service(LetterJobs).file(request.who, request.word("year"))
    return download(data, name, "application/zip")


def letter(request: PageRequest) -> Response:
    """A letter as PDF."""
    service, letter_id = request.service(Letters), _asked_letter(request)
    found, text = service.letter(letter_id)
    service.taken(request.who, letter_id)
    return download(letter_pdf(found, text), f"费用结算函-{folder_name(found.school)}-{found.code}.pdf", _PDF)


def reminder(request: PageRequest) -> Response:
    """The newest reminder of a letter as PDF."""
    found, text = request.service(Letters).letter(_asked_letter(request))
    if found.reminded_at is None:
        raise NotThere("no reminder of this letter was noted: note it first")
    day = day_in_china(found.reminded_at)
    pdf = reminder_pdf(found, text, found.reminders, day)
    return download(pdf, f"催款函-{folder_name(found.school)}-{found.code}-{found.reminders}.pdf", _PDF)


def people(request: PageRequest) -> Response:
    """The people whom a letter charges or credits, as a workbook."""
    letter_id = _asked_letter(request)
    return download(
        people_workbook(request.service(Letters).people(request.who, letter_id)), f"结算明细-{letter_id}.xlsx"
    )


def table(request: PageRequest) -> Response:
    """The letters shown, as a workbook."""
    school, year = asked_school(request)
    found = request.service(Letters).all(school or None, year or None)
    return download(letters_workbook(found), f"费用结算-{year or 'all'}.xlsx")


def differences(request: PageRequest) -> Response:
    """Every difference of a school's check, as a workbook."""
    school, year = asked_school(request)
    return download(check_workbook(request.service(Billing).check(school, year)), f"三方核对差异-{year}.xlsx")


def pay(request: PageRequest) -> Response:
    """Note a payment, or take one back."""
    school, year = chosen_school(request)
    service = request.service(Letters)
    try:
        if request.word("do") == "take_back":
            service.take_back(request.who, request.number("payment"))
            return _page(request, school, year)
        fen, day = read_yuan(request.word("amount")), read_day(request.word("paid_on", "").strip()) or request.today
        service.pay(request.who, request.number("letter"), fen, day)
    except (WrongRequest, Conflict) as fault:
        return _page(request, school, year, status=400, problem=request.translated(fault.sentence))
    return _page(request, school, year, done=request.text("billing.paid_noted", amount=show_yuan(fen)))


def remind(request: PageRequest) -> Response:
    """Note a reminder; its PDF can be downloaded then."""
    school, year = chosen_school(request)
    try:
        request.service(Letters).remind(request.who, request.number("letter"))
    except Conflict as fault:
        return _page(request, school, year, status=409, problem=request.translated(fault.sentence))
    return _page(request, school, year)


def cancel(request: PageRequest) -> Response:
    """Cancel the newest letter of a school."""
    school, year = chosen_school(request)
    try:
        request.service(Letters).cancel(request.who, request.number("letter"), request.word("reason"))
    except (Conflict, WrongRequest) as fault:
        return _page(request, school, year, status=409, problem=request.translated(fault.sentence))
    return _page(request, school, year)


def fee(request: PageRequest) -> Response:
    """Give a school its own fee; if the field is empty, the profile's fee."""
    school, year = chosen_school(request)
    words = request.word("fee", "").strip()
    try:
        request.service(Billing).set_fee(request.who, school, year, read_yuan(words) if words else None)
    except WrongRequest as fault:
        return _page(request, school, year, status=400, problem=request.translated(fault.sentence))
    return _page(request, school, year)


def change_payee(request: PageRequest) -> Response:
    """Propose another account; or, as the second person, confirm a proposal; or dismiss a proposal."""
    service = request.service(Payees)
    try:
        match request.word("do"):
            case "propose":
                fields = (request.word(name, "") for name in ("name", "bank", "number", "contact", "bank_number"))
                service.propose(request.who, read_payee(*fields))
            case "confirm":
                service.confirm(request.who, request.number("payee"), request.word("seen"))
            case _:
                service.dismiss(request.who, request.number("payee"))
    except NotAllowed:
        return payee(request, status=403, problem=request.text("billing.same_person"))
    except (Conflict, WrongRequest, NotThere) as fault:
        return payee(request, status=400, problem=request.translated(fault.sentence))
    return payee(request)


def payee(request: PageRequest, *, status: int = 200, problem: str = "") -> Response:
    """The account to which schools pay, and the proposal that waits for confirmation."""
    service = request.service(Payees)
    current, waiting = service.current(), service.waiting()
    versions = [one for one in (current, waiting) if one is not None]
    name_of = request.services.accounts.name_of
    names = {who: name_of(who) for one in versions for who in (one.proposed_by, one.confirmed_by) if who}
    return request.page("payee.html", status, current=current, waiting=waiting, names=names, problem=problem)


def _asked_letter(request: PageRequest) -> int:
    word = request.http.query_params.get("letter", "")
    if not (word.isdecimal() and len(word) < 13):
        raise WrongRequest("a letter has a number")
    return int(word)


def _page(
    request: PageRequest, school: str, year: str, *, status: int = 200, problem: str = "", done: str = ""
) -> Response:
    service, letters = request.service(Billing), request.service(Letters)
    schools = service.schools()
    years = sorted({of_year for _, of_year in schools}, reverse=True)
    year = year or (years[0] if years else str(request.today.year))
    found, missing = _check(request, school, year) if school else (None, "")
    shown = letters.all(school or None, year)
    return request.page(
        "billing.html",
        status,
        schools=schools,
        years=years,
        school=school,
        year=year,
        found=found,
        missing=missing,
        shown=() if found is None else found.differences[:_MOST_DIFFERENCES],
        Kind=BillDifference,
        letters=shown,
        confirmed=request.service(Confirmations).of(shown),
        name_of=request.services.accounts.name_of,
        totals=_totals(shown),
        payments=letters.payments([one.letter_id for one in shown]) if school else (),
        own_fee=service.fee(school, year) if school else None,
        payable=service.payable(),
        job=None if school else request.service(LetterJobs).newest(year),
        cancelled=LetterState.CANCELLED,
        today=request.today,
        yuan=show_yuan,
        words=in_words,
        problem=problem,
        done=done,
    )


def _check(request: PageRequest, school: str, year: str) -> tuple[Check | None, str]:
    try:
        return request.service(Billing).check(school, year), ""
    except NotThere as fault:
        return None, request.translated(fault.sentence)


def _totals(letters: list[Letter]) -> tuple[int, int, int, int]:
    """The sums over the letters that are not cancelled: heads, fen charged, fen paid, fen open."""
    in_force = [one for one in letters if one.state is not LetterState.CANCELLED]
    return (
        sum(one.charged - one.credited for one in in_force),
        sum(one.fen for one in in_force),
        sum(one.paid_fen for one in in_force),
        sum(one.open_fen for one in in_force),
    )


PAGES = (
    Page("GET", "/billing", billing, Right.BILL),
    Page("POST", "/billing", issue, Right.BILL, once=True),
    Page("POST", "/billing/all", issue_all, Right.BILL),
    Page("POST", "/billing/all/take", take_all, Right.BILL),
    Page("GET", "/billing/letter", letter, Right.BILL),
    Page("GET", "/billing/reminder", reminder, Right.BILL),
    Page("GET", "/billing/people", people, Right.BILL),
    Page("GET", "/billing/table", table, Right.BILL),
    Page("GET", "/billing/differences", differences, Right.BILL),
    Page("POST", "/billing/pay", pay, Right.BILL, once=True),
    Page("POST", "/billing/remind", remind, Right.BILL, once=True),
    Page("POST", "/billing/cancel", cancel, Right.BILL),
    Page("POST", "/billing/fee", fee, Right.BILL),
    Page("GET", "/billing/payee", payee, Right.BILL),
    Page("POST", "/billing/payee", change_payee, Right.BILL, once=True),
)
