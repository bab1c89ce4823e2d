"""The page of jobs: their state and progress; cancel one."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.jobs.model import JobState
from center.jobs.service import Jobs
from center.web.gate import Page
from center.web.page_request import PageRequest
from center.web.pages import local

_SHOWN = 100


def jobs(call: PageRequest) -> Response:
    """The newest jobs."""
    found = call.service(Jobs).newest(_SHOWN)
    name_of = call.services.accounts.name_of
    names = {one.asked_by: name_of(one.asked_by) for one in found}
    return call.page("jobs.html", jobs=found, names=names, states=JobState)


def progress(call: PageRequest) -> Response:
    """One job's row, which other pages request while it runs."""
    back = call.request.query_params.get("back", "")
    job = call.service(Jobs).get(int(call.request.path_params["job_id"]))
    return call.page("job.html", job=job, back=local(back) if back else "")


def cancel(call: PageRequest) -> Response:
    """Cancel a job."""
    call.service(Jobs).cancel(call.who, call.number("job"))
    return call.go("/jobs")


PAGES = (
    Page("GET", "/jobs", jobs, Right.JOBS),
    Page("GET", "/jobs/{job_id:int}", progress, Right.JOBS),
    Page("POST", "/jobs/cancel", cancel, Right.JOBS),
)
