"""The pages of schools: announced numbers next to rosters, the contact person, a roster's versions and
their changes."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import WrongRequest
from center.schools.model import NOTHING, Unchanged, read_contact
from center.schools.service import Schools
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_CHANGES = 500


def schools(request: PageRequest) -> Response:
    """All schools of a year, by university. Years that begin or have just ended are offered before they have anything:
    schools announce their numbers first.
    """
    service, present = request.service(Schools), request.today.year
    noted = service.years()
    years = sorted({*noted, *(str(present + more) for more in (-1, 0, 1))}, reverse=True)
    asked = request.http.query_params.get("year", "")
    year = asked if asked in years else (noted[0] if noted else str(present))
    return request.page(
        "schools.html", year=year, years=years, universities=service.of_year(year), known=service.names()
    )


def announce(request: PageRequest) -> Response:
    """Note what a school has announced; a value left empty stays as it was noted before, and `-` deletes it."""
    text = request.word("announced", "").strip()
    if text not in ("", NOTHING) and not (text.isdecimal() and len(text) < 9):
        return request.form_fault("school-fault", request.text("schools.wrong_number"))
    words = {name: request.word(name, "") for name in ("name", "phone", "mail")}
    year = request.word("year")
    try:
        contact = read_contact(words)
        announced = Unchanged.UNCHANGED if not text else None if text == NOTHING else int(text)
        request.service(Schools).announce(request.who, request.word("school").strip(), year, announced, contact)
    except WrongRequest:
        return request.form_fault("school-fault", request.text("schools.wrong"))
    return request.go(f"/schools?year={year}")


def versions(request: PageRequest) -> Response:
    """The versions of a school's roster."""
    school = request.http.query_params.get("of", "")[:200]
    if not school:
        raise WrongRequest("choose a school first")
    found = request.service(Schools).versions(school)
    names = {one.by: request.services.accounts.name_of(one.by) for one in found}
    return request.page("roster_versions.html", school=school, versions=found, names=names, version=None, changes=())


def version(request: PageRequest) -> Response:
    """What a version changed."""
    number = request.http.path_params["version"]
    if not (number.isdecimal() and len(number) < 13):
        raise WrongRequest("a version has a number")
    found, changes = request.service(Schools).version(request.who, int(number))
    return request.page(
        "roster_versions.html",
        school=found.school,
        versions=(),
        names={},
        version=found,
        changes=changes[:_MOST_CHANGES],
        more=max(0, found.new + found.changed + found.absent - min(len(changes), _MOST_CHANGES)),
    )


PAGES = (
    Page("GET", "/schools", schools, Right.ROSTERS),
    Page("POST", "/schools", announce, Right.ROSTERS, once=True),
    Page("GET", "/schools/versions", versions, Right.ROSTERS),
    Page("GET", "/schools/versions/{version}", version, Right.ROSTERS),
)
