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
    known_failures: tuple[str, ...] = ()  # what did not work before this version, either
    starts: dict[Service, int] = {}  # the starts that did not end cleanly, including the running one
    booth_runs: bool = False  # it has started, and nobody has stopped it
    well_minutes: int = 0  # since the last start
    ill_minutes: int = 0  # how many minutes in a row something new did not work
    served: bool = False  # a photo was saved


class Comparison(_Model):
    """A trial that is interrupted: the former version runs, to see whether it has the same faults.

    `faults`: those that appeared in the trial; `shown`: which of them the former version has, too.
    """

    trial: Trial
    faults: tuple[str, ...]
    shown: tuple[str, ...] = ()
    booth_runs: bool = False  # the former version has started, and nobody has stopped it
    minutes: int = 0  # since its last start


class Refusal(_Model):
    """A release file that this booth refuses, by the digest of the whole file."""

    digest: Digest
    version: str = Field(max_length=40)
    went_back: bool  # true: it ran here and did not prove itself; false: it was never installed
    why: str = Field(max_length=300)


class UpdateState(_Model):
    """Everything that the updater remembers. `chosen` None: the package's own version runs."""

    form: Literal[1] = 1
    chosen: VersionText | None = None
    trial: Trial | None = None
    proved: VersionText | None = None  # the highest version that ever proved itself here
    keys: int | None = None  # the set of release keys in force; None: this booth takes no updates
    comparison: Comparison | None = None  # never together with a trial
    held: str | None = None  # why a fetched release is not installed yet, if the reason may pass
    refusals: tuple[Refusal, ...] = ()

    @property
    def tried(self) -> Trial | None:
        """The version on trial, also while its trial is interrupted."""
        return self.trial if self.comparison is None else self.comparison.trial

    def refused(self, digest: str) -> Refusal | None:
        """Why this file is not taken."""
        return next((one for one in self.refusals if one.digest == digest), None)
