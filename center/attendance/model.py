"""Who of a roster was photographed: compares roster rows with photos, and counts by major and class.

Pure. Every row has one state. Every photo either belongs to a row or is listed as one without a row, so no photo is
left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from center.roster.model.matching import Numbers, RowIndex
from wire.roster_change import RosterRow


class AttendanceState(StrEnum):
    """What is known about somebody on the roster."""

    APPROVED = "approved"  # finally approved: the decision can't be undone any more
    WAITING = "waiting"  # photographed; staff's decision is not final or not made
    RETAKE = "retake"  # photographed; no approved photo, and none that waits
    CAMPUS = "campus"  # on the campus list, but not photographed at a booth
    MISSING = "missing"  # never photographed


_BEST_FIRST = (AttendanceState.APPROVED, AttendanceState.WAITING, AttendanceState.RETAKE)


@dataclass(frozen=True, slots=True)
class Photographed:
    """A photo and its state. `person_id`: the record under which it was filed; one graduate can have several
    records."""

    shot_id: str
    person_id: str
    state: AttendanceState
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Group:
    """A class of a major, and how many of its graduates have each state."""

    major: str
    class_name: str
    counts: Counter[AttendanceState]
    missing: tuple[str, ...] = field(repr=False)  # names, in the order of the roster's student numbers

    @property
    def rows(self) -> int:
        """How many graduates of this class the roster has."""
        return self.counts.total()

    @property
    def photographed(self) -> int:
        """How many were photographed at a booth or on campus, whatever staff decided on the photo."""
        return self.rows - self.counts[AttendanceState.MISSING]


@dataclass(frozen=True, slots=True)
class Major:
    """A major's classes, and how many graduates have each state."""

    name: str
    groups: tuple[Group, ...]
    counts: Counter[AttendanceState]


@dataclass(frozen=True, slots=True)
class Attendance:
    """The attendance of a school and year. `without_row`: photos that belong to no row of its roster."""

    groups: tuple[Group, ...]
    without_row: tuple[str, ...]
    double: tuple[str, ...]  # for each row that matches two persons of the office's records: its newest photo
    campus_too: tuple[str, ...] = ()  # for each row that is also on the campus list: its newest photo
    campus_without_row: tuple[str, ...] = ()  # the ids of the campus list's rows that belong to no row of the year

    @property
    def counts(self) -> Counter[AttendanceState]:
        """How many graduates of the school have each state."""
        return _sum(self.groups)

    @property
    def majors(self) -> tuple[Major, ...]:
        """The classes by major."""
        of_major: dict[str, list[Group]] = {}
        for group in self.groups:
            of_major.setdefault(group.major, []).append(group)
        return tuple(Major(name, tuple(some), _sum(some)) for name, some in of_major.items())


@dataclass(frozen=True, slots=True)
class AttendanceStates:
    """The state of each row of a school; None for a row of another year.

    A row is named by its index in the list of rows. `photos`: for each row of the year that has photos, its photos,
    oldest first; `unplaced`: the year's photos that belong to no row; `on_campus`: the rows that are on the list of
    those photographed on campus; `campus_unplaced`: the ids of the list's rows of the year that belong to no row of it.
    """

    of_rows: tuple[AttendanceState | None, ...]
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
    state: AttendanceState
    photos: tuple[Photographed, ...]
    on_campus: bool  # whether the row is also on the list of those photographed on campus


@dataclass(frozen=True, slots=True)
class PhotographedRows:
    """Everybody of a school's year who was photographed at a booth. `unplaced`: photos that belong to no row."""

    rows: tuple[PhotographedRow, ...]
    unplaced: tuple[Photographed, ...]


def best(photos: Iterable[Photographed]) -> AttendanceState | None:
    """The state that these photos give a person; None without photos. An approval counts even if a later photo
    waits.
    """
    reached = {photo.state for photo in photos}
    return next((one for one in _BEST_FIRST if one in reached), None)


def attendance_states(
    rows: RowIndex,
    years: Sequence[str],
    year: str,
    photos: Iterable[Photographed],
    campus: Mapping[str, Numbers] = MappingProxyType({}),
) -> AttendanceStates:
    """Match the school's `photos`, oldest first, to its `rows`; returns the states of the rows of `year`. `years`:
    the year of each row.

    If a row has several photos, the best state counts: an approval counts even if a later photo waits. `campus`: who
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
    of_rows: list[AttendanceState | None] = [AttendanceState.MISSING if of_year == year else None for of_year in years]
    for at in on_campus:
        of_rows[at] = AttendanceState.CAMPUS if years[at] == year else None
    for at, of_row in found.items():
        of_rows[at] = best(of_row)
    nowhere = tuple(
        row_id
        for row_id, place in places.items()
        if (campus[row_id].year or place.year) == year
        and (place.row is None or campus[row_id].year not in (None, years[place.row]))
    )
    return AttendanceStates(tuple(of_rows), found, tuple(unplaced), on_campus, nowhere)


def attendance(found: AttendanceStates, rows: Sequence[RosterRow | None]) -> Attendance:
    """Who of a school's year was photographed, counted by class, with the names of those who are missing.

    `rows`: the school's rows in the order of `found.of_rows`; a row of another year may be None.
    """
    classes: dict[tuple[str, str], list[tuple[RosterRow, AttendanceState]]] = {}
    for row, state in zip(rows, found.of_rows, strict=True):
        if row is not None and state is not None:
            classes.setdefault((row.major, row.class_name), []).append((row, state))
    groups = tuple(_group(major, name, classes[major, name]) for major, name in sorted(classes))
    return Attendance(groups, found.without_row, found.double, found.campus_too, found.campus_unplaced)


def _group(major: str, class_name: str, lines: list[tuple[RosterRow, AttendanceState]]) -> Group:
    lines = sorted(lines, key=lambda line: line[0].student_no)
    missing = tuple(row.name for row, state in lines if state is AttendanceState.MISSING)
    return Group(major, class_name, Counter(state for _, state in lines), missing)


def _sum(groups: Iterable[Group]) -> Counter[AttendanceState]:
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
