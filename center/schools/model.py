"""What the office knows of a school besides its roster: announced numbers, contact person, its university. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from center.platform.configuration import is_mail_address
from center.platform.faults import WrongRequest
from center.roster.versions import RosterVersion

MOST_ANNOUNCED = 200_000
MOST_WORDS = 200
NOTHING = "-"
"""If a field contains this, its present note is deleted."""
_SUFFIX = re.compile(r"(?:[（(][^（）()]*[)）]|研究生院|研究生|继续教育学院|成人教育学院)+$")


class Unchanged(Enum):
    """Stands for a value that shall stay as it was noted before."""

    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom staff can ask at the school; any field may be empty."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    mail: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school in a year. `announced` None: not announced; `newest`: the newest version of its roster."""

    school: str
    year: str
    announced: int | None
    contact: Contact
    newest: RosterVersion | None

    @property
    def rows(self) -> int:
        """How many rows its roster has."""
        return 0 if self.newest is None else self.newest.rows

    @property
    def differs(self) -> int:
        """The number of the roster's rows minus the announced number; 0 also if nothing was announced."""
        return 0 if self.announced is None else self.rows - self.announced


@dataclass(frozen=True, slots=True)
class University:
    """The rosters of one university: the school itself, its graduate school, continuing education, campuses."""

    name: str
    parts: tuple[SchoolYear, ...]

    @property
    def rows(self) -> int:
        """How many rows all its rosters have together."""
        return sum(part.rows for part in self.parts)

    @property
    def announced(self) -> int | None:
        """The sum of the announced numbers; None if one of its schools has announced none."""
        numbers = [part.announced for part in self.parts]
        return None if None in numbers else sum(one for one in numbers if one is not None)


def university_of(school: str) -> str:
    """The university with which a school's name begins: `江苏大学（研究生）` belongs to `江苏大学`."""
    return _SUFFIX.sub("", school).strip() or school


def by_university(schools: Sequence[SchoolYear]) -> tuple[University, ...]:
    """The schools of a year, grouped by university, in order."""
    groups: dict[str, list[SchoolYear]] = {}
    for one in schools:
        groups.setdefault(university_of(one.school), []).append(one)
    return tuple(
        University(name, tuple(sorted(parts, key=lambda part: part.school))) for name, parts in sorted(groups.items())
    )


def check_announced(count: int) -> int:
    """Check an announced number and return it. Raises `WrongRequest`."""
    if not 0 <= count <= MOST_ANNOUNCED:
        raise WrongRequest("an announced number is between 0 and {most}", most=MOST_ANNOUNCED)
    return count


def read_contact(words: Mapping[str, str]) -> Contact | Unchanged:
    """The contact that a form names. If all fields are empty, the present contact stays; `-` deletes it.

    If only some fields are empty, they become empty: a predecessor's phone number is not the successor's. Raises
    `WrongRequest`.
    """
    fields = {name: " ".join(words.get(name, "").split()) for name in Contact.__slots__}
    if not any(fields.values()):
        return Unchanged.UNCHANGED
    fields = {name: "" if value == NOTHING else value for name, value in fields.items()}
    for name, value in fields.items():
        if len(value) > MOST_WORDS:
            raise WrongRequest("the contact's {name} has more than {most} characters", name=name, most=MOST_WORDS)
    if fields["mail"] and not is_mail_address(fields["mail"]):
        raise WrongRequest("the contact's mail is no mail address of Latin letters, as wang@example.edu.cn")
    return Contact(**fields)
