"""Deliveries: choose a school, see what it gets and what is missing, make the pack, take it, note who received it."""

from urllib.parse import quote

from starlette.responses import Response

from center.delivery.model import Change
from center.platform.faults import Conflict, WrongRequest
from center.web.call import Call

_MOST_LEFT_OUT = 50


def deliveries(call: Call) -> Response:
    """The schools, what one of them would get now, and what was delivered."""
    return _page(call, *_chosen(call.request.query_params.get("of", "")))


def make(call: Call) -> Response:
    """Make the next delivery of a school; its password is shown."""
    school, year = _chosen(call.word("of"))
    if not school:
        raise WrongRequest("choose a school first")
    try:
        made, password = call.services.office.deliveries.make(call.who, school, year)
    except Conflict as fault:
        return _page(call, school, year, status=409, problem=str(fault))
    return _page(call, school, year, password=password, password_of=made.delivery_id)


def take(call: Call) -> Response:
    """A delivery's file."""
    name, data = call.services.office.deliveries.archive(call.who, call.number("delivery"))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type="application/zip", headers=headers)


def password(call: Call) -> Response:
    """A delivery's password again; the audit has it."""
    delivery_id = call.number("delivery")
    shown = call.services.office.deliveries.password(call.who, delivery_id)
    return _page(call, *_chosen(call.word("of", "")), password=shown, password_of=delivery_id)


def hand_over(call: Call) -> Response:
    """Note who took a delivery at the school."""
    call.services.office.deliveries.hand_over(call.who, call.number("delivery"), call.word("receiver"))
    return _page(call, *_chosen(call.word("of", "")))


def _chosen(of: str) -> tuple[str, str]:
    """School and year from a form's or an address's one word, `year school`."""
    year, _, school = of.partition(" ")
    return school, year


def _page(
    call: Call,
    school: str,
    year: str,
    *,
    status: int = 200,
    problem: str = "",
    password: str = "",
    password_of: int = 0,
) -> Response:
    service = call.services.office.deliveries
    standing = service.standing(school, year) if school else None
    done = service.all(school or None)
    name_of = call.services.office.accounts.name_of
    left_out = [] if standing is None else list(standing.plan.left_out[:_MOST_LEFT_OUT])
    return call.page(
        "deliveries.html",
        status,
        schools=service.schools(),
        school=school,
        year=year,
        standing=standing,
        changes=list(Change),
        left_out=left_out,
        done=done,
        names={one.made_by: name_of(one.made_by) for one in done},
        problem=problem,
        password=password,
        password_of=password_of,
    )
