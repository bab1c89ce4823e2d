"""Opens what a booth sent, and checks that it is an envelope of this shot with a legal photo.

Pure: it takes bytes and returns a result; no bytes make it raise. It checks that the data is small before it decodes
anything large (`rules.filecheck`), and no refusal reason quotes what is in the envelope.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from center.shots.model.person import school_of, year_of
from center.shots.model.rank import OfficeFlag, Rank, clean_flags, rank
from center.shots.model.report import CheckResult, findings, not_judged, read_report
from rules.filecheck import check_file
from rules.finish_report import RecropSource
from rules.original import original_faults
from rules.profile import Profile
from wire.envelope import open_envelope
from wire.faults import WireError
from wire.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Opened:
    """A legal photo and what the queue must know about the shot."""

    manifest: Manifest
    results: tuple[CheckResult, ...]  # every check the booth reports
    findings: tuple[CheckResult, ...]  # the results of the checks that did not pass
    flags: tuple[str, ...]

    @property
    def rank(self) -> Rank:
        """The shot's place in the queue."""
        return rank(self.flags)

    @property
    def all_passed(self) -> bool:
        """Whether every check passed and no flag asks staff to look: only such a shot may be approved in bulk."""
        return not self.flags and not self.findings

    @property
    def school(self) -> str | None:
        """The school under which the shot is filed."""
        return school_of(self.manifest.person)

    @property
    def year(self) -> str | None:
        """The year of graduation."""
        return year_of(self.manifest.person)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the envelope is no shot for the queue: each reason names what is wrong, its value and the remedy."""

    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """All reasons, in one line."""
        return "; ".join(self.reasons)


def open_shot(data: bytes, shot_id: str, booth_id: str, profiles: Mapping[str, Profile]) -> Opened | Refusal:
    """Open the envelope `data` that `booth_id` sent under `shot_id`."""
    try:
        envelope = open_envelope(data)
    except WireError as fault:
        return Refusal((str(fault),))
    manifest = envelope.manifest
    if manifest.shot_id != shot_id:
        return Refusal(("the manifest names another shot: send each envelope under its own shot id",))
    if manifest.booth_id != booth_id:
        return Refusal(("the manifest names another booth: give this booth the name it was enrolled under",))
    profile = profiles.get(manifest.profile)
    if profile is None:
        known = ", ".join(sorted(profiles))
        return Refusal((f"the manifest names a profile this office does not have; it has: {known}",))
    faults = check_file(envelope.photo, profile.photo)
    if faults:
        return Refusal(tuple(str(fault) for fault in faults))
    if envelope.original is not None:
        source = RecropSource.read(manifest.finish)
        if source is None:
            return Refusal(("the manifest does not say what original.jpg is: describe it in finish.original",))
        # Read from its JPEG markers alone: only a few shots are recropped, so decoding every original would be wasted.
        wrong = original_faults(envelope.original, source.size)
        if wrong:
            return Refusal(wrong)
    results = read_report(manifest.checks)
    found = findings(results, profile)
    flags = clean_flags(manifest.flags)
    if not_judged(found, profile):
        flags = (*flags, OfficeFlag.NOT_JUDGED.value)
    return Opened(manifest, results, found, flags)
