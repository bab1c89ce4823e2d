"""Pages of the checks compared with staff's decisions: a table of all, and one check with a movable limit."""

import math
from dataclasses import dataclass

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import NotThere
from center.review.evidence import MOST, CheckHistory, Evidence
from center.review.model.chart import chart
from center.review.model.limit_simulation import LimitSimulation, Sample, histogram, quantiles, simulate, tidy_step
from center.review.pages.filters import days_of
from center.shots.model.report import photo_rules
from center.web.gate import Page
from center.web.page_request import PageRequest
from rules.checks import CheckRule, Limit, Policy

SPANS = (7, 30, 180)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check with its present limit, compared with staff's decisions."""

    rule: CheckRule
    seen: Sample
    trial: LimitSimulation

    @property
    def required(self) -> bool:
        """Whether a booth refuses a photo that fails this check."""
        return self.rule.policy is Policy.REQUIRED


@dataclass(frozen=True, slots=True)
class Slider:
    """One side of a limit that can be moved. `name`: min or max."""

    name: str
    low: float
    high: float
    step: float
    value: float


def checks(request: PageRequest) -> Response:
    """Every check of a profile, with its false refusals and misses."""
    days, profile, profiles = _asked(request)
    evidence = _evidence(request, profile, days)
    return request.page(
        "checks.html",
        days=days,
        spans=SPANS,
        profile=profile,
        profiles=profiles,
        evidence=evidence,
        most=MOST,
        lines=[_line(rule, evidence.of(rule.check)) for rule in _rules(request, profile)],
    )


def check(request: PageRequest) -> Response:
    """One check: the distribution of values, and what another limit would have done."""
    days, profile, profiles = _asked(request)
    name = request.http.path_params["check"]
    rule = next((rule for rule in _rules(request, profile) if rule.check.value == name), None)
    if rule is None:
        raise NotThere("the profile has no check {name!r} of photos", name=name[:40])
    evidence = _evidence(request, profile, days)
    line = _line(rule, evidence.of(rule.check))
    tried = Limit(_side(request, "min", rule.limit.min), _side(request, "max", rule.limit.max))
    bins = histogram(line.seen, [rule.limit])
    return request.page(
        "check.html",
        days=days,
        spans=SPANS,
        profile=profile,
        profiles=profiles,
        evidence=evidence,
        line=line,
        tried=simulate(line.seen, tried),
        moved=tried != rule.limit,
        chart=chart(bins, rule.limit, tried),
        good=quantiles(line.seen.good),
        bad=quantiles(line.seen.bad),
        sliders=[
            Slider(side, _round(bins.start, step), _round(bins.end, step), step, value)
            for step in (tidy_step(bins.end - bins.start),)
            for side, value in (("min", tried.min), ("max", tried.max))
            if value is not None
        ],
    )


def _asked(request: PageRequest) -> tuple[int, str, list[str]]:
    """The days and the profile in the address (unknown ones are replaced), and the profiles to choose from."""
    days = days_of(request, SPANS)
    known = list(request.services.profiles)
    profiles = [name for name in request.service(CheckHistory).profiles(days) if name in known] or known[:1]
    wanted = request.http.query_params.get("profile", "")
    return days, wanted if wanted in known else profiles[0], profiles


def _evidence(request: PageRequest, profile: str, days: int) -> Evidence:
    return request.service(CheckHistory).evidence(profile, days)


def _rules(request: PageRequest, profile: str) -> list[CheckRule]:
    return photo_rules(request.services.profiles[profile])


def _line(rule: CheckRule, seen: Sample) -> CheckLine:
    return CheckLine(rule, seen, simulate(seen, rule.limit))


def _side(request: PageRequest, name: str, now: float | None) -> float | None:
    """The limit of this side as the address sets it. A side without a limit keeps none, and an invalid number changes
    nothing.
    """
    if now is None:
        return None
    try:
        value = float(request.http.query_params.get(name, "")[:30])
    except ValueError:
        return now
    return value if math.isfinite(value) and abs(value) < 1e9 else now


def _round(value: float, step: float) -> float:
    """Round to a multiple of `step`."""
    return round(round(value / step) * step, 9)


PAGES = (
    Page("GET", "/numbers/checks", checks, Right.NUMBERS),
    Page("GET", "/numbers/checks/{check}", check, Right.NUMBERS),
)
