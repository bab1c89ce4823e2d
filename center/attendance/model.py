"""Who of a roster was photographed: compares roster rows with photos, and counts by major and class.

Pure. Every row has one standing. Every photo either belongs to a row or is listed as one without a row, so no photo is
left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from center.roster.model.matching import Numbers, RowIndex
from wire.roster_change import RosterRow


class Standing(StrEnum):
    """What is known about somebody on the roster."""

    APPROVED = "approved"  # finally approved: the decision can't be undone any more
    WAITING = "waiting"  # photographed; staff's decision is not final or not made
    RETAKE = "retake"  # photographed; no approved photo, and none that waits
    CAMPUS = "campus"  # on the campus list, but not photographed at a booth
    MISSING = "missing"  # never photographed


_BEST_FIRST = (Standing.APPROVED, Standing.WAITING, Standing.RETAKE)


@dataclass(frozen=True, slots=True)
class Photographed:
    """A photo and its standing. `person_id`: the record under which it was filed; one graduate can have several
    records."""

    shot_id: str
    person_id: str
    standing: Standing
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Group:
    """A class of a major, and how many of its graduates have each standing."""

    major: str
    class_name: str
    counts: Counter[Standing]
    missing: tuple[str, ...] = field(repr=False)  # names, in the order of the roster's student numbers

    @property
    def rows(self) -> int:
        """How many graduates of this class the roster has."""
        return self.counts.total()

    @property
    def photographed(self) -> int:
        """How many were photographed at a booth or on campus, whatever staff decided on the photo."""
        return self.rows - self.counts[Standing.MISSING]


@dataclass(frozen=True, slots=True)
class Major:
    """A major's classes, and how many graduates have each standing."""

    name: str
    groups: tuple[Group, ...]
    counts: Counter[Standing]


@dataclass(frozen=True, slots=True)
class Attendance:
    """The attendance of a school and year. `without_row`: photos that belong to no row of its roster."""

    groups: tuple[Group, ...]
    without_row: tuple[str, ...]
    double: tuple[str, ...]  # for each row that matches two persons of the office's records: its newest photo
    campus_too: tuple[str, ...] = ()  # for each row that is also on the campus list: its newest photo
    campus_without_row: tuple[str, ...] = ()  # the campus list's rows that belong to no row of the roster: their ids

    @property
    def counts(self) -> Counter[Standing]:
        """How many graduates of the school have each standing."""
        return _sum(self.groups)

    @property
    def majors(self) -> tuple[Major, ...]:
        """The classes by major."""
        of_major: dict[str, list[Group]] = {}
        for group in self.groups:
            of_major.setdefault(group.major, []).append(group)
        return tuple(Major(name, tuple(some), _sum(some)) for name, some in of_major.items())


@dataclass(frozen=True, slots=True)
class Standings:
    """The standing of each row of a school; None for a row of another year.

    A row is named by its index in the list of rows. `photos`: for each row of the year that has photos, its photos,
    oldest first; `unplaced`: the year's photos that belong to no row; `on_campus`: the rows that are on the list of
    those photographed on campus; `campus_unplaced`: the ids of the list's rows of the year that belong to no row.
    """

    of_rows: tuple[Standing | None, ...]
    photos: Mapping[int, Sequence[Photographed]]
    unplaced: tuple[Photographed, ...]
    on_campus: frozenset[int]
    campus_unplaced: tuple[str, ...] = ()

    @property
    def without_row(self) -> tuple[str, ...]:
        """The photos that belong to no row."""
        return tuple(photo.shot_id for photo in self.unplaced)

    @property
    def double(self) -> tuple[str, ...]:
        """For each row that matches two persons of the office's records: its newest photo."""
        return tuple(
            some[-1].shot_id for _, some in sorted(self.photos.items()) if len({one.person_id for one in some}) > 1
        )

    @property
    def campus_too(self) -> tuple[str, ...]:
        """For each row that is also on the campus list: its newest photo."""
        return tuple(self.photos[at][-1].shot_id for at in sorted(self.photos.keys() & self.on_campus))


@dataclass(frozen=True, slots=True)
class PhotographedRow:
    """Somebody on a roster who was photographed. `photos`: the row's photos, oldest first; they may belong to two
    persons of the office's records."""

    row_id: str
    class_key: bytes
    standing: Standing
    photos: tuple[Photographed, ...]
    on_campus: bool  # whether the row is also on the list of those photographed on campus


@dataclass(frozen=True, slots=True)
class PhotographedRows:
    """Everybody of a school's year who was photographed at a booth. `unplaced`: photos that belong to no row."""

    rows: tuple[PhotographedRow, ...]
    unplaced: tuple[Photographed, ...]


def best(photos: Iterable[Photographed]) -> Standing | None:
    """The standing that these photos give a person; None without photos. An approval counts even if a later photo
    waits.
    """
    reached = {photo.standing for photo in photos}
    return next((one for one in _BEST_FIRST if one in reached), None)


def standings(
    rows: RowIndex,
    years: Sequence[str],
    year: str,
    photos: Iterable[Photographed],
    campus: Mapping[str, Numbers] = MappingProxyType({}),
) -> Standings:
    """Match the school's `photos`, oldest first, to its `rows`; returns the standings of the rows of `year`. `years`:
    the year of each row.

    If a row has several photos, the best standing counts: an approval counts even if a later photo waits. `campus`: who
    is on the list of those photographed on campus, by the id of the list's row.
    """
    found: dict[int, list[Photographed]] = {}
    unplaced: list[Photographed] = []
    for photo in photos:
        place = rows.place(photo.numbers)
        if place.row is not None and years[place.row] == year:
            found.setdefault(place.row, []).append(photo)
        elif place.row is None and place.year == year:
            unplaced.append(photo)
    places = {row_id: rows.place(one) for row_id, one in campus.items()}
    # A campus list of one year says nothing about the same person's other years. What booths are told follows the same
    # rule.
    on_campus = frozenset(
        place.row
        for row_id, place in places.items()
        if place.row is not None and campus[row_id].year in (None, years[place.row])
    )
    of_rows: list[Standing | None] = [Standing.MISSING if of_year == year else None for of_year in years]
    for at in on_campus:
        of_rows[at] = Standing.CAMPUS if years[at] == year else None
    for at, of_row in found.items():
        of_rows[at] = best(of_row)
    nowhere = tuple(row_id for row_id, place in places.items() if place.row is None and place.year == year)
    return Standings(tuple(of_rows), found, tuple(unplaced), on_campus, nowhere)


def attendance(found: Standings, rows: Sequence[RosterRow | None]) -> Attendance:
    """Who of a school's year was photographed, counted by class, with the names of those who are missing.

    `rows`: the school's rows in the order of `found.of_rows`; a row of another year may be None.
    """
    classes: dict[tuple[str, str], list[tuple[RosterRow, Standing]]] = {}
    for row, standing in zip(rows, found.of_rows, strict=True):
        if row is not None and standing is not None:
            classes.setdefault((row.major, row.class_name), []).append((row, standing))
    groups = tuple(_group(major, name, classes[major, name]) for major, name in sorted(classes))
    return Attendance(groups, found.without_row, found.double, found.campus_too, found.campus_unplaced)


def _group(major: str, class_name: str, lines: list[tuple[RosterRow, Standing]]) -> Group:
    lines = sorted(lines, key=lambda line: line[0].student_no)
    missing = tuple(row.name for row, standing in lines if standing is Standing.MISSING)
    return Group(major, class_name, Counter(standing for _, standing in lines), missing)


def _sum(groups: Iterable[Group]) -> Counter[Standing]:
    return sum((group.counts for group in groups), Counter())


def reminder(school: str, groups: Iterable[Group]) -> str:
    """The names of those who are missing, by class, ready to be pasted into a chat; without student or ID numbers."""
    lines = [
        f"{group.major} {group.class_name}（{len(group.missing)} 人）：{'、'.join(group.missing)}"
        for group in groups
        if group.missing
    ]
    return "\n".join((f"{school} 尚未拍摄毕业证书照片的同学：", *lines)) if lines else ""


class AbsenceReason(StrEnum):
    """Why somebody on the roster was not photographed, for the memo (备忘表)."""

    ABROAD = "abroad"
    ARMY = "army"
    SUSPENDED = "suspended"
    LEFT = "left"
    ILL = "ill"
    HAS_PHOTO = "has_photo"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"
    OTHER = "other"


MEMO_COLUMNS: tuple[tuple[str, int], ...] = (
    ("专业名称", 24),
    ("班级名称", 18),
    ("学号", 16),
    ("姓名", 14),
    ("情况", 12),
    ("原因", 16),
    ("备注", 30),
)
"""The columns of the memo, each with title and width. The memo says who is missing and why; it has no ID numbers."""
