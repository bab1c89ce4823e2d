"""The cross-check of what goes to a school: it compares each picture with the person data that the booth sealed with
it.

A mistake in the office's records is copied into everything made from them. If roster rows are shifted by one, then the
plan, the manifest, the sheets and the letter all have the same mistake and agree with each other. So the cross-check
does not use these records. It compares the finished product (the lines, file names and pictures of the archive, and
what was drawn where on paper) directly with the sealed envelopes. Such an envelope has the ID number, the student
number and the name that the booth knew. At least two of these three must be beside the picture; one may have been
corrected since. If staff assigned a person to a roster row, that row's student number counts, too.
"""

import hashlib
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pyzipper
from sqlalchemy import select

from center.audit.service import Audit
from center.delivery.model import MANIFEST, MANIFEST_COLUMNS, SIZES_COLUMNS, SIZES_LIST
from center.identity.model import Way
from center.identity.tables import AnswerRow
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.documents.archive import INNER
from center.platform.documents.paper import Drawn
from center.platform.faults import Conflict
from center.platform.foreign_tables.reader import read_bytes
from center.platform.office_keys import OfficeKeys
from center.print_sheets.sheets import thumb
from center.recrop.service import Recropping
from center.shots.identities import people_on
from rules.names import clean_code, fold_name, show_name
from wire.manifest import Person

_NEEDED = 2
_PHOTO = ".jpg"
_MOST_NAMED = 5
_WITHDRAWN = "作废"
_ON_PAPER = (
    "held back, nothing was given out: {count} pictures on paper do not stand with their person's numbers; shots: "
    "{shots}. Look at these photos and at the roster rows of their people, correct what is wrong, then make it again"
)
_IN_PACK = (
    "held back, nothing was given out: {count} lines of the manifest are not of the person on their picture, {left} "
    "pictures are in no line; shots: {shots}. Look at these photos and at the roster rows of their people, correct "
    "what is wrong, then make it again"
)


class HeldBack(Conflict):
    """A product is held back because some of its pictures are next to somebody else's name or number."""

    def __init__(self, message: str, shot_ids: Sequence[str], **values: object) -> None:
        """`message`: must contain `{shots}`, which becomes the list of shots."""
        named = ", ".join(sorted(set(shot_ids))[:_MOST_NAMED]) or "-"
        super().__init__(message, shots=named, **values)
        self.shot_ids = tuple(shot_ids)


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo that may be given out, and what the booth knew about its person."""

    shot_id: str
    facts: frozenset[str] = field(repr=False)  # ID number, student number, name, as far as they are known

    def matches(self, words: str) -> bool:
        """Whether the words beside a picture are about this person."""
        return sum(fact in words for fact in self.facts) >= min(_NEEDED, len(self.facts))


class CrossCheck:
    """The cross-check of one product: `paper` checks what was drawn on paper before it becomes a file, `archive` checks
    a finished archive.

    `seen`: SHA-256 of each photo, of its small copy and of its further sizes -> the shots that have these bytes, with
    what is known of their people. Nearly always this is one shot.
    """

    def __init__(self, seen: Mapping[str, Sequence[Seen]]) -> None:
        self._seen = seen

    def paper(self, drawn: Iterable[Drawn]) -> None:
        """Compare each picture on paper with the words below or beside it. Raises `HeldBack`."""
        pictures = [one for one in drawn if one.sha256]
        words: dict[int, list[Drawn]] = {}
        for one in drawn:
            if not one.sha256:
                words.setdefault(one.page, []).append(one)
        wrong = [
            shot_id
            for picture in pictures
            for shot_id in self._wrong(picture.sha256, _caption_of(picture, pictures, words.get(picture.page, [])))
        ]
        if wrong:
            raise HeldBack(_ON_PAPER, wrong, count=len(wrong))

    def archive(self, path: Path, password: str) -> None:
        """Compare each line of a finished pack's manifest with the file that it names. Raises `HeldBack`."""
        # The inner archive is read directly from the encrypted file, and some parts repeatedly, because a whole pack
        # would fill the memory.
        with (
            pyzipper.AESZipFile(path) as outer,
            outer.open(INNER, pwd=password.encode("ascii")) as inner,
            zipfile.ZipFile(inner) as files,
        ):
            left = {name for name in files.namelist() if name.endswith(_PHOTO)}
            lines = list(_lines(files.read(MANIFEST), MANIFEST_COLUMNS))
            if SIZES_LIST in files.namelist():
                lines += [one for one in _lines(files.read(SIZES_LIST), SIZES_COLUMNS) if one["文件"]]
            wrong: list[str] = []
            for line in lines:
                if line.get("变更") == _WITHDRAWN:
                    continue
                data = files.read(line["文件"]) if line["文件"] in left else b""
                left.discard(line["文件"])
                wrong += self._wrong_line(line, hashlib.sha256(data).hexdigest())
        if wrong or left:
            raise HeldBack(_IN_PACK, wrong, count=len(wrong), left=len(left))

    def _wrong_line(self, line: Mapping[str, str], sha256: str) -> list[str]:
        words = _folded(line["身份证号"], line["学号"], line["姓名"])
        if sha256 != line["SHA-256"] or line["学号"] not in PurePosixPath(line["文件"]).stem:
            return [one.shot_id for one in self._seen.get(sha256, ())] or [""]
        return self._wrong(sha256, words)

    def _wrong(self, sha256: str, words: str) -> list[str]:
        """The ids of this picture's shots if the words beside it are somebody else's; [""] if it may not be given out;
        else empty."""
        seen = self._seen.get(sha256, ())
        if any(one.matches(words) for one in seen):
            return []
        return [one.shot_id for one in seen] or [""]


def _lines(book: bytes, columns: Sequence[tuple[str, int]]) -> Iterator[dict[str, str]]:
    """The lines of a list in a pack, each as title -> text."""
    (sheet,) = read_bytes(book)
    for row in sheet.rows[1:]:
        yield dict(zip((title for title, _ in columns), (str(cell or "") for cell in row.cells), strict=False))


def _caption_of(picture: Drawn, pictures: Collection[Drawn], words: Iterable[Drawn]) -> str:
    """The words that belong to a picture: those in the strip below it, else those in its row of a table."""
    under = [
        one.text
        for one in words
        if abs(one.x - picture.x) < 0.5 and 0 <= one.y - (picture.y + picture.height) < _next(picture, pictures)
    ]
    in_row = [one.text for one in words if picture.y - 1 <= one.y < picture.y + picture.height]
    return _folded(*(under or in_row))


def _next(picture: Drawn, pictures: Iterable[Drawn]) -> float:
    """The distance in mm from a picture's lower edge to the next picture below it."""
    edge = picture.y + picture.height
    gaps = [one.y - edge for one in pictures if one.page == picture.page and one.y >= edge]
    return min(gaps, default=1_000.0)


def _folded(*words: str) -> str:
    return "\n".join(fold_name(show_name(word)) for word in words)


class CrossChecks:
    """Makes the cross-checks, and records in the audit what was held back."""

    def __init__(
        self, database: Database, office_keys: OfficeKeys, audit: Audit, recrops: Recropping, clock: Clock
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._recrops = recrops
        self._clock = clock

    def of(self, shot_ids: Collection[str], *, sizes: bool = False) -> CrossCheck:
        """The cross-check of products made of these shots and of their small copies. `sizes`: whether the products have
        the shots' further sizes, too.

        Raises `Unavailable`.
        """
        seen: dict[str, list[Seen]] = {}
        put = self._put_by_staff(sorted(shot_ids))
        for shot_id in sorted(shot_ids):
            photo, person = self._recrops.with_person(shot_id)
            one = Seen(shot_id, _facts(person) | put.get(shot_id, frozenset()))
            sized = [each.jpeg for each in self._recrops.sized(shot_id) if each.jpeg is not None] if sizes else []
            for jpeg in (photo, thumb(photo), *sized):
                seen.setdefault(hashlib.sha256(jpeg).hexdigest(), []).append(one)
        return CrossCheck(seen)

    def held_back(self, who: str, subject: str, fault: HeldBack) -> None:
        """Record in the audit what was held back."""
        with self._database.write() as session:
            detail = {"shots": sorted(set(fault.shot_ids))[:_MOST_NAMED]}
            self._audit.append(session, self._clock(), who, "delivery.held_back", subject, detail)

    def _put_by_staff(self, shot_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Shot -> the student number of the roster row to which staff assigned its person; other shots are left out."""
        ways = (Way.ATTACHED.value, Way.PROVISIONAL.value)
        put: dict[str, frozenset[str]] = {}
        with self._database.read() as session:
            for some in batched(shot_ids):
                query = select(AnswerRow.shot_id).where(
                    AnswerRow.shot_id.in_(some), AnswerRow.way.in_(ways), AnswerRow.withdrawn_at.is_(None)
                )
                people = people_on(session, self._office_keys, set(session.scalars(query)))
                for shot_id, person in people.items():
                    put[shot_id] = frozenset({_code(person.student_no)} if person.student_no else ())
        return put


def _facts(person: Person) -> frozenset[str]:
    numbers = {_code(number) for number in (person.id_number, person.student_no) if number}
    return frozenset(numbers | ({fold_name(show_name(person.name))} if person.name.strip() else set()))


def _code(number: str) -> str:
    return fold_name(clean_code(number))
