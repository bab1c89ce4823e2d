"""The rules of updating, as functions of the state: which release may be installed, and when a version has proved
itself.

Theory of operation. A new version is on trial. Each start of a service is counted before it happens. If the service
ends cleanly, its start no longer counts. If it ends by a crash, the watchdog or a power cut, its start stays counted.
After `MOST_STARTS` such starts, the next start brings the former version back. The minutes in which a version works are
counted from its last start. So a version that always dies after an hour never reaches `PROVED_MINUTES`.

If a device has a new fault for `FAILING_MINUTES` in a row, the version or the device may be the cause. To find out,
the updater starts the former version. If the former version has the fault, too, the device is the cause: the trial
begins anew, and the fault no longer counts. If the former version works without the fault for `COMPARED_MINUTES` and
saves a photo, the release is refused. The photo is required because the booth notices a dead lamp only when it
photographs somebody.
"""

import platform
from collections.abc import Collection
from datetime import date

from kiosk.update.state import MOST_REFUSALS, Comparison, Refusal, Service, Trial, UpdateState
from wire.release import Statement, Version

MOST_STARTS = 3
PROVED_MINUTES = 120
"""A version has proved itself after this many minutes, if it has saved a photo."""
PROVED_IDLE_MINUTES = 600
"""A version that saved no photo, because nobody came, has proved itself after this many minutes."""
FAILING_MINUTES = 10
COMPARED_MINUTES = 10
FORMER_FAULTS_MINUTES = 2
"""For this many minutes after a start, the reported faults may still be faults of the version that ran before."""

_MACHINES = {"aarch64": "arm64", "x86_64": "amd64"}


class NotTaken(Exception):
    """This booth never takes the release; the message says why."""


class NotNow(Exception):
    """The release can't be installed now, but perhaps later; the message says why."""


def check_offer(state: UpdateState, package: Version, statement: Statement, today: date) -> None:
    """Check whether this booth may take a release. Raises `NotTaken`. `package`: the version of the installed package;
    `today`: the office's date."""
    offered = Version(statement.version)
    runs = package if state.chosen is None else Version(state.chosen)
    highest = max(runs, package, *(Version(text) for text in (state.proved,) if text is not None))
    if offered <= highest:
        raise NotTaken(f"{offered} is not newer than {highest}, which ran here")
    if runs < Version(statement.minimum_version):
        raise NotTaken(f"{offered} replaces {statement.minimum_version} and newer, here runs {runs}")
    machine = _MACHINES.get(platform.machine())
    if statement.architecture != machine:
        raise NotTaken(f"{offered} is for {statement.architecture}, this booth is {machine or platform.machine()}")
    if today > statement.not_after:
        raise NotTaken(f"{offered} was to be installed until {statement.not_after}, the office says it is {today}")


def begin(state: UpdateState, version: str, digest: str, failures: Collection[str]) -> UpdateState:
    """Run `version` on trial from the next start on. `failures`: the failures that exist now."""
    former = state.trial.former if state.trial is not None else state.chosen
    trial = Trial(version=version, digest=digest, former=former, known_failures=tuple(sorted(failures)))
    return state.model_copy(update={"chosen": version, "trial": trial, "comparison": None, "held": None})


def starting(state: UpdateState, service: Service) -> UpdateState:
    """Count the start of `service` that is about to happen. After too many counted starts, go back to the former
    version."""
    if state.comparison is not None and service == "booth":
        return _compared(state, booth_runs=True, minutes=0)
    if state.trial is None:
        return state
    starts = state.trial.starts.get(service, 0) + 1
    if starts > MOST_STARTS:
        return went_back(state, f"the {service} ended {MOST_STARTS} times otherwise than it should")
    changed = _on_trial(state, starts={**state.trial.starts, service: starts}, well_minutes=0, ill_minutes=0)
    return _on_trial(changed, booth_runs=True) if service == "booth" else changed


def ended(state: UpdateState, service: Service, *, clean: bool) -> UpdateState:
    """Note that `service` ended. After a clean end, its start no longer counts."""
    if state.comparison is not None and service == "booth":
        return _compared(state, booth_runs=False)
    if state.trial is None:
        return state
    starts = state.trial.starts
    # if the count is 0, it was the former version that ended: it makes room for the version on trial
    if clean and starts.get(service, 0) > 0:
        starts = {**starts, service: starts[service] - 1}
    return _on_trial(state, starts=starts, booth_runs=state.trial.booth_runs and service != "booth")


def minute(state: UpdateState, failures: Collection[str], *, served: bool) -> UpdateState:
    """Note the state a minute later: the present `failures`, and whether the running version has saved a photo
    (`served`)."""
    if state.comparison is not None:
        return _compare(state, state.comparison, failures, served=served)
    trial = state.trial
    if trial is None or not trial.booth_runs:
        return state
    new = sorted(set(failures) - set(trial.known_failures))
    if new:
        if trial.ill_minutes + 1 >= FAILING_MINUTES:
            interrupted = Comparison(trial=trial, faults=tuple(new))
            return state.model_copy(update={"chosen": trial.former, "trial": None, "comparison": interrupted})
        return _on_trial(state, ill_minutes=trial.ill_minutes + 1)
    served = served or trial.served
    well = trial.well_minutes + 1
    if well >= (PROVED_MINUTES if served else PROVED_IDLE_MINUTES):
        return state.model_copy(update={"trial": None, "proved": trial.version})
    return _on_trial(state, well_minutes=well, ill_minutes=0, served=served)


def _compare(state: UpdateState, comparison: Comparison, failures: Collection[str], *, served: bool) -> UpdateState:
    """Does what `minute` does, but while the former version runs for comparison."""
    if not comparison.booth_runs:
        return state
    minutes, faults = comparison.minutes + 1, set(comparison.faults)
    shown = set(comparison.shown)
    if minutes >= FORMER_FAULTS_MINUTES:
        shown |= faults & set(failures)
    if shown == faults:
        known = faults | set(comparison.trial.known_failures)
        return begin(state, comparison.trial.version, comparison.trial.digest, known)
    if minutes >= COMPARED_MINUTES and served:
        own = ", ".join(sorted(faults - shown))
        return went_back(state, f"for {FAILING_MINUTES} minutes what works with the former version did not: {own}")
    return _compared(state, minutes=minutes, shown=tuple(sorted(shown)))


def went_back(state: UpdateState, why: str) -> UpdateState:
    """Give up the version on trial: from the next start on the former version runs, and this release never runs
    again."""
    trial = state.tried
    assert trial is not None, "only a version on trial is given up"
    refusal = Refusal(digest=trial.digest, version=trial.version, went_back=True, why=why[:300])
    return refuse(state.model_copy(update={"chosen": trial.former, "trial": None, "comparison": None}), refusal)


def refuse(state: UpdateState, refusal: Refusal) -> UpdateState:
    """Note a file that this booth refuses from now on."""
    others = tuple(one for one in state.refusals if one.digest != refusal.digest)
    return state.model_copy(update={"held": None, "refusals": (*others, refusal)[-MOST_REFUSALS:]})


def without_outdated_choice(state: UpdateState, package: Version, installed: Collection[str]) -> UpdateState:
    """Choose the package's own version if the chosen release is missing, or if it is not newer than the package (apt
    may have installed a newer package). `installed`: the releases that are complete."""
    if state.chosen is None or (Version(state.chosen) > package and state.chosen in installed):
        return state
    return state.model_copy(update={"chosen": None, "trial": None, "comparison": None})


def needed(state: UpdateState) -> set[str]:
    """The releases that must stay installed."""
    tried = state.tried
    versions = (state.chosen,) if tried is None else (state.chosen, tried.version, tried.former)
    return {version for version in versions if version is not None}


def _on_trial(state: UpdateState, **changes: object) -> UpdateState:
    assert state.trial is not None, "its callers looked"
    return state.model_copy(update={"trial": state.trial.model_copy(update=changes)})


def _compared(state: UpdateState, **changes: object) -> UpdateState:
    assert state.comparison is not None, "its callers looked"
    return state.model_copy(update={"comparison": state.comparison.model_copy(update=changes)})
