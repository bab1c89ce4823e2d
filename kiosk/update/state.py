"""What the updater remembers between its runs, in `update.json` beside the programs."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from wire.release import VersionText

MOST_REFUSALS = 20

Service = Literal["booth", "uplink"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Trial(_Model):
    """A version that has not proved itself yet. `former`: the version that runs if this one fails; None: the package's
    own version."""

    version: VersionText
    digest: Digest
    former: VersionText | None
    known_failures: tuple[str, ...] = ()  # the failures that existed already before this version
    starts: dict[Service, int] = {}  # how many starts did not end cleanly; the running start counts, too
    booth_runs: bool = False  # whether the booth's service runs this version: it was started and has not ended
    well_minutes: int = 0  # minutes without a new failure since the last start
    ill_minutes: int = 0  # minutes in a row with a new failure
    served: bool = False  # whether this version has saved a photo


class Comparison(_Model):
    """An interrupted trial: the former version runs, to find out whether it has the same faults.

    `faults`: the faults that appeared in the trial; `shown`: those of them that the former version has, too.
    """

    trial: Trial
    faults: tuple[str, ...]
    shown: tuple[str, ...] = ()
    booth_runs: bool = False  # whether the booth's service runs the former version: it was started and has not ended
    minutes: int = 0  # minutes since the last start of the former version


class Refusal(_Model):
    """A release file that this booth refuses, by the digest of the whole file."""

    digest: Digest
    version: str = Field(max_length=40)
    went_back: bool  # true: the release ran here and did not prove itself; false: it never ran here
    why: str = Field(max_length=300)


class UpdateState(_Model):
    """Everything that the updater remembers. `chosen` None: the package's own version runs."""

    form: Literal[1] = 1
    chosen: VersionText | None = None
    trial: Trial | None = None
    proved: VersionText | None = None  # the highest version that has ever proved itself on this booth
    keys: int | None = None  # the number of the set of release keys in force; None: this booth takes no updates
    comparison: Comparison | None = None  # the interrupted trial; never set together with `trial`
    held: str | None = None  # why a fetched release is not installed yet, if it can perhaps be installed later
    refusals: tuple[Refusal, ...] = ()

    @property
    def tried(self) -> Trial | None:
        """The version on trial, even while its trial is interrupted. None if no version is on trial."""
        return self.trial if self.comparison is None else self.comparison.trial

    def refused(self, digest: str) -> Refusal | None:
        """The refusal of the file with this digest; None if the file is not refused."""
        return next((one for one in self.refusals if one.digest == digest), None)
