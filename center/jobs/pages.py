"""The page of jobs: shows their state and progress, and cancels one."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.jobs.model import JobState
from center.jobs.service import Jobs
from center.web.gate import Page
from center.web.page_request import PageRequest
from center.web.pages import local

_SHOWN = 100


def jobs(request: PageRequest) -> Response:
    """The newest jobs."""
    found = request.service(Jobs).newest(_SHOWN)
    name_of = request.services.accounts.name_of
    names = {one.asked_by: name_of(one.asked_by) for one in found}
    return request.page("jobs.html", jobs=found, names=names, states=JobState)


def progress(request: PageRequest) -> Response:
    """One job's row, which other pages request while it runs."""
    back = request.http.query_params.get("back", "")
    job = request.service(Jobs).get(int(request.http.path_params["job_id"]))
    return request.page("job.html", job=job, back=local(back) if back else "")


def cancel(request: PageRequest) -> Response:
    """Cancel a job."""
    request.service(Jobs).cancel(request.who, request.number("job"))
    return request.go("/jobs")


PAGES = (
    Page("GET", "/jobs", jobs, Right.JOBS),
    Page("GET", "/jobs/{job_id:int}", progress, Right.JOBS),
    Page("POST", "/jobs/cancel", cancel, Right.JOBS),
)
