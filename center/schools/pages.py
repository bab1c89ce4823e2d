"""Schools: announced numbers beside rosters, the contact person, the versions of a roster and what each changed."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import WrongRequest
from center.schools.model import read_contact
from center.schools.service import Schools
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_CHANGES = 500


def schools(call: PageRequest) -> Response:
    """All schools of a year, by university."""
    service = call.service(Schools)
    years = service.years()
    asked = call.request.query_params.get("year", "")
    year = asked if asked in years else (years[0] if years else str(call.now.year))
    return call.page("schools.html", year=year, years=years, universities=service.of_year(year))


def announce(call: PageRequest) -> Response:
    """Note what a school has told."""
    text = call.word("announced", "").strip()
    if text and not (text.isdecimal() and len(text) < 9):
        return call.form_fault("school-fault", call.text("schools.wrong_number"))
    words = {name: call.word(name, "") for name in ("name", "phone", "mail")}
    year = call.word("year")
    try:
        contact = read_contact(words)
        call.service(Schools).announce(
            call.who, call.word("school").strip(), year, int(text) if text else None, contact
        )
    except WrongRequest:
        return call.form_fault("school-fault", call.text("schools.wrong"))
    return call.go(f"/schools?year={year}")


def versions(call: PageRequest) -> Response:
    """The versions of a school's roster."""
    school = call.request.query_params.get("of", "")[:200]
    found = call.service(Schools).versions(school)
    names = {one.by: call.services.accounts.name_of(one.by) for one in found}
    return call.page("roster_versions.html", school=school, versions=found, names=names, version=None, changes=())


def version(call: PageRequest) -> Response:
    """What a version changed."""
    number = call.request.path_params["version"]
    if not (number.isdecimal() and len(number) < 13):
        raise WrongRequest("a version has a number")
    found, changes = call.service(Schools).version(call.who, int(number))
    return call.page(
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
    Page("POST", "/schools", announce, Right.ROSTERS),
    Page("GET", "/schools/versions", versions, Right.ROSTERS),
    Page("GET", "/schools/versions/{version}", version, Right.ROSTERS),
)
