"""The pages of deliveries: choose a school, see what it gets and what is missing, make the pack, download it, and note
who received it.
"""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.delivery.model import Change
from center.delivery.service import Deliveries
from center.delivery.slip import slip_pdf
from center.platform.faults import Conflict, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest, asked_school, chosen_school, download

_MOST_LEFT_OUT = 50


def deliveries(request: PageRequest) -> Response:
    """The schools, what one of them would get now, and what was delivered."""
    return _page(request, *asked_school(request))


def make(request: PageRequest) -> Response:
    """Make a school's next delivery and show its password."""
    school, year = chosen_school(request)
    ticked = request.form.get("class", ())
    # If all classes shown were chosen, photos of classes that were added since are delivered, too.
    shown = request.number("shown") if "shown" in request.form else 0
    classes = None if len(ticked) == shown else ticked
    try:
        made, password = request.service(Deliveries).make(request.who, school, year, classes)
    except Conflict as fault:
        return _page(request, school, year, status=409, problem=request.translated(fault.sentence))
    return _page(request, school, year, password=password, password_of=made.delivery_id)


def take(request: PageRequest) -> Response:
    """Download a delivery's file."""
    name, data = request.service(Deliveries).file(request.who, request.number("delivery"))
    return download(data, name, "application/zip")


def build(request: PageRequest) -> Response:
    """Request that a delivery's file be built again."""
    request.service(Deliveries).build_again(request.who, request.number("delivery"))
    return _page(request, *asked_school(request))


def password(request: PageRequest) -> Response:
    """Show a delivery's password again. The audit records this."""
    delivery_id = request.number("delivery")
    shown = request.service(Deliveries).password(request.who, delivery_id)
    return _page(request, *asked_school(request), password=shown, password_of=delivery_id)


def hand_over(request: PageRequest) -> Response:
    """Note who received a delivery at the school."""
    request.service(Deliveries).hand_over(request.who, request.number("delivery"), request.word("receiver"))
    return _page(request, *asked_school(request))


def slip(request: PageRequest) -> Response:
    """The slip that both sides sign when a delivery is handed over."""
    asked = request.http.query_params.get("delivery", "")
    if not asked.isdecimal() or len(asked) > 12:
        raise WrongRequest("a delivery has a number: load the page again")
    delivery, file = request.service(Deliveries).built(int(asked))
    return download(slip_pdf(delivery, file), f"交接单-{delivery.year}-{asked}.pdf", "application/pdf")


def _page(
    request: PageRequest,
    school: str,
    year: str,
    *,
    status: int = 200,
    problem: str = "",
    password: str = "",
    password_of: int = 0,
) -> Response:
    service = request.service(Deliveries)
    of_school = service.of_school(school, year) if school else None
    done = service.all(school or None)
    name_of = request.services.accounts.name_of
    left_out = [] if of_school is None else list(of_school.plan.left_out[:_MOST_LEFT_OUT])
    return request.page(
        "deliveries.html",
        status,
        schools=service.schools(),
        school=school,
        year=year,
        of_school=of_school,
        changes=list(Change),
        left_out=left_out,
        done=done,
        builds=service.builds(done),
        without_school=service.without_school(),
        names={one.made_by: name_of(one.made_by) for one in done},
        problem=problem,
        password=password,
        password_of=password_of,
    )


PAGES = (
    Page("GET", "/deliveries", deliveries, Right.DELIVER),
    Page("POST", "/deliveries", make, Right.DELIVER, many=True, once=True),
    Page("POST", "/deliveries/build", build, Right.DELIVER),
    Page("POST", "/deliveries/take", take, Right.DELIVER),
    Page("POST", "/deliveries/password", password, Right.DELIVER),
    Page("POST", "/deliveries/hand-over", hand_over, Right.DELIVER),
    Page("GET", "/deliveries/slip", slip, Right.DELIVER),
)
