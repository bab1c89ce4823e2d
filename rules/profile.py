"""A profile: everything that a year, a school or a province determines, as data (`rules/profiles/*.toml`).

A profile is strict and frozen: a missing, unknown or contradictory entry is refused, and the error names the entry's
place in the file.
"""

import json
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from rules.checks import GUIDANCE_ORDER, LIVE_ONLY, CheckId, CheckRule, Limit, Policy
from rules.original import FINER
from rules.spec import PhotoFile, PhotoSpec


class IdentificationRule(StrEnum):
    """Which identification a profile requires."""

    CARD = "card"
    EITHER = "either"
    BOTH = "both"


class BackgroundMode(StrEnum):
    """What finishing does with the background."""

    KEEP = "keep"  # leave the background as photographed
    EVEN = "even"  # shift the background to the profile's colour and remove its shading
    REPLACE = "replace"  # cut the person out and put the profile's colour behind the person


class Prepare(StrEnum):
    """The rules of a notice that a graduate can follow before the photo. Each value is the id of a text and of a
    picture."""

    WHITE_TOP = "prepare.white_top"
    TOP_CONTRAST = "prepare.top_contrast"
    GLASSES_OFF = "prepare.glasses_off"
    GLASSES_CLEAR = "prepare.glasses_clear"
    HAIR_OFF_FACE = "prepare.hair_off_face"
    HAIR_DOWN = "prepare.hair_down"
    NO_JEWELLERY = "prepare.no_jewellery"
    NO_HAT = "prepare.no_hat"
    NO_MAKEUP = "prepare.no_makeup"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Title(_Model):
    """A profile's title for people."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


Channel = Annotated[int, Field(ge=0, le=255)]


class Background(_Model):
    """The background's colour (sRGB) and what finishing does to reach it."""

    mode: BackgroundMode
    rgb: tuple[Channel, Channel, Channel]


class Range(_Model):
    """The native values that pass, ends included. If `min` or `max` is left out, there is no limit on that side."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> "Range":
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} must not be above max {self.max}")
        return self


class Check(_Model):
    """One check: what a failure means, the range at each stage that judges the check, and the source of the numbers.

    `shot_policy`: what a failure means on the shot, if it means something else in the live picture, where a graduate
    can still correct the fault. `refuse`: for a required check, a wider range than `shot`. A value outside `refuse`
    fails; a value outside `shot` but within `refuse` only warns. `refuse` is for values that differ from person to
    person by nearly as much as a fault changes them."""

    policy: Policy
    shot_policy: Policy | None = None
    unit: str = Field(min_length=1)
    live: Range | None = None
    shot: Range | None = None
    refuse: Range | None = None
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _judged_somewhere(self) -> "Check":
        if self.live is None and self.shot is None:
            raise ValueError("give a range for live, shot or both")
        return self

    @model_validator(mode="after")
    def _refuses_beyond_the_shot_s_limit(self) -> "Check":
        if self.refuse is None:
            return self
        if self.shot is None or (self.shot_policy or self.policy) is not Policy.REQUIRED:
            raise ValueError("refuse needs a range for shot and the policy required: what warns refuses nothing")
        for end, wider in (("min", -1), ("max", 1)):
            inner, outer = getattr(self.shot, end), getattr(self.refuse, end)
            if outer is not None and (inner is None or (outer - inner) * wider < 0):
                raise ValueError(f"refuse.{end} {outer} must lie beyond shot.{end} {inner}")
        return self


class Consent(_Model):
    """The consent page's version, and how long the personal data are kept."""

    version: str = Field(min_length=1)
    retention_days: int = Field(ge=1)


class Prints(_Model):
    """How many pictures are printed of each person, and the size of a picture in millimetres."""

    count: int = Field(ge=1, le=100)
    width_mm: float = Field(gt=0)
    height_mm: float = Field(gt=0)


class MoreSize(PhotoFile):
    """A further size in which a school gets each photo. It is cut from the same original, and is only scaled and
    trimmed.

    `name` is the name of the folder. If this size has other proportions than the photo, left and right are trimmed
    alike, or the bottom is trimmed. So face and hair stay complete.
    """

    name: str = Field(pattern=r"^\w[\w-]{0,19}$")


class Billed(StrEnum):
    """The people for whom a school pays. Each person counts once, however many photos were taken. People who paid on
    campus do not count."""

    PHOTOGRAPHED = "photographed"  # every person who was really photographed
    APPROVED = "approved"  # every person with an approved photo
    DELIVERED = "delivered"  # every person whose photo the school was given


class Billing(_Model):
    """The rule that says who is billed, and the price authority's document that letters quote."""

    counts: Billed
    document: str | None = Field(default=None, min_length=1)
    # if a photo is rejected for these checks only, the booth is at fault, and the person does not count as
    # `photographed`
    our_fault: tuple[CheckId, ...] = ()


class Profile(_Model):
    """All rules of one notice. `name` is the file's name."""

    name: str
    schema_version: Literal[1]
    title: Title
    source: str  # the document that the profile follows
    identification: IdentificationRule
    # what the notice asks graduates to bring; `identification` says what the booth accepts
    to_bring: IdentificationRule
    # the fee for each graduate; the school pays it
    fee_yuan: float | None = Field(default=None, ge=0, le=1_000, allow_inf_nan=False)
    billing: Billing | None = None  # must be given if there is a fee, and only then
    season: str  # name of the season's table in rules/season
    takes: int = Field(ge=1, le=3)  # screens and voice have texts for at most three
    prepare: tuple[Prepare, ...]
    file_name: str = Field(pattern=r"^[A-Za-z0-9_.-]*\{student_no\}[A-Za-z0-9_.-]*\.jpg$")
    photo: PhotoSpec
    more_sizes: tuple[MoreSize, ...] = ()
    background: Background
    consent: Consent
    prints: Prints
    checks: Mapping[CheckId, Check]

    @model_validator(mode="after")
    def _every_check(self) -> "Profile":
        missing = [check.value for check in CheckId if check not in self.checks]
        if missing:
            raise ValueError(f'checks without an entry: {", ".join(missing)} (give policy = "off" to leave one out)')
        return self

    @model_validator(mode="after")
    def _a_fee_is_whole_and_has_its_rule(self) -> "Profile":
        if (self.fee_yuan is None) != (self.billing is None):
            raise ValueError("fee_yuan and [billing] are given together: a fee needs the rule of whom it is for")
        if self.fee_yuan is not None and abs(self.fee_yuan * 100 - round(self.fee_yuan * 100)) > 1e-6:
            raise ValueError(f"fee_yuan {self.fee_yuan} is no whole number of fen")
        return self

    @model_validator(mode="after")
    def _sizes_have_names_of_their_own_and_are_cut(self) -> "Profile":
        names = [one.name.casefold() for one in self.more_sizes]
        if len(set(names)) != len(names):
            raise ValueError("two of more_sizes have the same name: each is a folder")
        most = self.photo.width_px * FINER, self.photo.height_px * FINER
        for one in self.more_sizes:
            if one.width_px > most[0] or one.height_px > most[1]:
                raise ValueError(
                    f"more_sizes {one.name}: {one.width_px} x {one.height_px} px would be enlarged from an original: "
                    f"at most {most[0]:.0f} x {most[1]:.0f} px"
                )
        return self

    @property
    def fee_fen(self) -> int | None:
        """The fee in fen (hundredths of a yuan); None if there is no fee."""
        return None if self.fee_yuan is None else round(self.fee_yuan * 100)

    @cached_property
    def live_rules(self) -> tuple[CheckRule, ...]:
        """The rules for live frames, in guidance order. `refuse` of such a rule is the range that passes on a shot, if
        this range is wider than the live range."""
        return self._rules("live")

    @cached_property
    def shot_rules(self) -> tuple[CheckRule, ...]:
        """The rules for shots, in guidance order: of every check with a range for shots, except `LIVE_ONLY`."""
        return self._rules("shot")

    def _rules(self, stage: Literal["live", "shot"]) -> tuple[CheckRule, ...]:
        rules = []
        for check in GUIDANCE_ORDER:
            entry = self.checks[check]
            span = entry.live if stage == "live" else entry.shot
            if span is not None and not (stage == "shot" and check in LIVE_ONLY):
                policy = entry.policy if stage == "live" or entry.shot_policy is None else entry.shot_policy
                limit, most = Limit(span.min, span.max), entry.shot if stage == "live" else entry.refuse
                wider = None if most is None else limit.joined(Limit(most.min, most.max))
                rules.append(CheckRule(check, policy, limit, entry.unit, None if wider == limit else wider))
        return tuple(rules)


class ProfileError(ValueError):
    """A profile does not exist or is invalid. The message names the profile, the place in its file and the remedy."""


def profile_names(folder: Path | None = None) -> tuple[str, ...]:
    """The names of all profiles (in `folder`, else those that come with the booth), sorted."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in _entries(folder)))


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile `name`. Raises `ProfileError`, which lists the existing names or says what is wrong in the file."""
    for entry in _entries(folder):
        if entry.name == f"{name}.toml":
            try:
                return read_profile(name, entry.read_text(encoding="utf-8-sig"))
            except UnicodeDecodeError as fault:
                raise ProfileError(
                    f"profile {name!r} is not UTF-8 text (byte {fault.start}): save it as UTF-8"
                ) from fault
    raise ProfileError(f"no profile {name!r}; there are: {', '.join(profile_names(folder)) or 'none'}")


@lru_cache(16)
def read_profile(name: str, text: str) -> Profile:
    """The profile `name` from the text of its file. The same text is parsed only once."""
    try:
        data = {"name": name, **tomllib.loads(text)}
        # The data are written as JSON, because a strict model accepts a list as a tuple, and a string as an enum
        # member, only from JSON.
        return Profile.model_validate_json(json.dumps(data))
    except tomllib.TOMLDecodeError as fault:
        raise ProfileError(f"profile {name!r} is not TOML: {fault}") from fault
    except TypeError as fault:
        raise ProfileError(f"profile {name!r} holds a date or time, which no entry of a profile is") from fault
    except ValidationError as fault:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'file'}: {_reason(item)}" for item in fault.errors())
        raise ProfileError(f"profile {name!r}: {wrong}") from fault


def _reason(item: ErrorDetails) -> str:
    return "no entry of a profile: delete it or correct its name" if item["type"] == "extra_forbidden" else item["msg"]


def _entries(folder: Path | None) -> list[Traversable]:
    place: Traversable = files("rules").joinpath("profiles") if folder is None else folder
    return [entry for entry in place.iterdir() if entry.name.endswith(".toml")] if place.is_dir() else []
