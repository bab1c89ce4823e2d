"""Who of a roster was photographed: roster rows against photos, counted by major and class.

Pure. Every row has one standing and every photo is somebody's or named as without a row: nothing drops out of the sum.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from center.roster.model.matching import Numbers, RowIndex, SchoolRows
from wire.roster_change import RosterRow


class Standing(StrEnum):
    """How far somebody on the roster is."""

    APPROVED = "approved"  # for good: no undo is open any more
    WAITING = "waiting"  # photographed; staff have not decided for good
    RETAKE = "retake"  # photographed; no photo that holds, and none that waits
    CAMPUS = "campus"  # on the list of those photographed on campus, and not at a booth
    MISSING = "missing"  # never photographed


_BEST_FIRST = (Standing.APPROVED, Standing.WAITING, Standing.RETAKE)


@dataclass(frozen=True, slots=True)
class Photographed:
    """A photo as it stands. `person_id`: the same for all photos of one person, as the office knows it."""

    shot_id: str
    person_id: str
    standing: Standing
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Group:
    """A class of a major, and how many of it stand where."""

    major: str
    class_name: str
    counts: Counter[Standing]
    missing: tuple[str, ...] = field(repr=False)  # names, in the order of the roster's student numbers

    @property
    def rows(self) -> int:
        """How many the roster has."""
        return self.counts.total()

    @property
    def photographed(self) -> int:
        """How many came, whatever became of the photo."""
        return self.rows - self.counts[Standing.MISSING]


@dataclass(frozen=True, slots=True)
class Attendance:
    """A school's year. `without_row`: photos of nobody on its roster."""

    groups: tuple[Group, ...]
    without_row: tuple[str, ...]
    double: tuple[str, ...]  # the newest photo of each row that two persons of the office's records lay claim to
    campus_too: tuple[str, ...] = ()  # the newest photo of each row that is on the campus list, too

    @property
    def counts(self) -> Counter[Standing]:
        """How many of the school stand where."""
        return sum((group.counts for group in self.groups), Counter())


@dataclass(frozen=True, slots=True)
class Standings:
    """Where each row of a school stands, None: it is of another year."""

    of_rows: tuple[Standing | None, ...]
    without_row: tuple[str, ...]
    double: tuple[str, ...]
    campus_too: tuple[str, ...]


def standings(
    rows: RowIndex, years: Sequence[str], year: str, photos: Iterable[Photographed], campus: Iterable[Numbers] = ()
) -> Standings:
    """Match the school's `photos`, oldest first, to its rows (of `years`), and tell how those of `year` stand.

    Of several photos of one row the best standing counts: a photo waiting again takes no approval away. `campus`: who
    is on the list of those photographed on campus.
    """
    found: dict[int, list[Photographed]] = {}
    without_row: list[str] = []
    for photo in photos:
        place = rows.place(photo.numbers)
        if place.row is not None:
            found.setdefault(place.row, []).append(photo)
        elif place.year == year:
            without_row.append(photo.shot_id)
    on_campus = {place.row for place in map(rows.place, campus) if place.row is not None}
    of_rows: list[Standing | None] = []
    for at, of_year in enumerate(years):
        if of_year != year:
            of_rows.append(None)
            continue
        reached = {photo.standing for photo in found.get(at, ())}
        best = next(
            (one for one in _BEST_FIRST if one in reached), Standing.CAMPUS if at in on_campus else Standing.MISSING
        )
        of_rows.append(best)
    double = tuple(
        some[-1].shot_id
        for at, some in sorted(found.items())
        if years[at] == year and len({one.person_id for one in some}) > 1
    )
    both = sorted(at for at in found.keys() & on_campus if years[at] == year)
    campus_too = tuple(found[at][-1].shot_id for at in both)
    return Standings(tuple(of_rows), tuple(without_row), double, campus_too)


def attendance(
    rows: SchoolRows, year: str, photos: Iterable[Photographed], campus: Iterable[Numbers] = ()
) -> Attendance:
    """Who of a school's year came, by class, the missing by name."""
    found = standings(rows, [row.year for row in rows.rows], year, photos, campus)
    classes: dict[tuple[str, str], list[tuple[RosterRow, Standing]]] = {}
    for row, standing in zip(rows.rows, found.of_rows, strict=True):
        if standing is not None:
            classes.setdefault((row.major, row.class_name), []).append((row, standing))
    groups = tuple(_group(major, name, classes[major, name]) for major, name in sorted(classes))
    return Attendance(groups, found.without_row, found.double, found.campus_too)


def _group(major: str, class_name: str, lines: list[tuple[RosterRow, Standing]]) -> Group:
    lines = sorted(lines, key=lambda line: line[0].student_no)
    missing = tuple(row.name for row, standing in lines if standing is Standing.MISSING)
    return Group(major, class_name, Counter(standing for _, standing in lines), missing)


def reminder(school: str, groups: Iterable[Group]) -> str:
    """The missing by class, ready to paste into a chat: names, and no number of anybody."""
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
"""Title and width of the memo of who is missing and why; no ID number in it."""
