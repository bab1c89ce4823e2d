"""The desk: it identifies one person after another, makes the photo and saves it.

Every method may be called from any thread. A lock lets only one method work at a time (a photo takes about a second).
When staff ask for the next person, everything about the present person is deleted.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from kiosk.core.events import DeviceFailed, DeviceRecovered, Event, Saved, SaveFailed
from kiosk.core.identity import Identification
from kiosk.core.session.identify import Finding
from kiosk.core.session.state import Reason
from kiosk.desk.identify import DeskFinding, Typed, identify
from kiosk.desk.pictures import PictureFolder, delete_pictures
from kiosk.desk.shot import DeskPerson, desk_flags, manifest_of
from kiosk.desk.studio import DeskPhoto, Studio
from kiosk.desk.webcam import Webcam
from kiosk.ports.clock import Clock
from kiosk.ports.frames import Rgb
from kiosk.ports.outbox import ShotSaver
from kiosk.ports.roster import Roster, RosterMatch
from kiosk.vision.photo.finish import FinishRefused
from kiosk.vision.photo.picture import BadPicture, decode_picture, read_picture
from rules.documents import DocumentError, DocumentKind, parse_document
from rules.names import clean_code, clean_name
from rules.profile import Profile
from rules.season import SeasonState, SeasonTable, season_state

LONGEST_FIELD = 100


class Step(StrEnum):
    """How far the desk is with the present person."""

    WHO = "who"
    ROW = "row"  # several rows are possible, and staff choose one
    PHOTO = "photo"
    SAVING = "saving"
    DONE = "done"


@dataclass(slots=True)
class _Person:
    """Everything that the desk knows about the present person. The next person gets a new object."""

    step: Step = Step.WHO
    text_id: str = ""  # the id of the text that staff read; "": no text
    values: Mapping[str, object] = field(default_factory=dict)  # the values in that text
    found: DeskFinding | None = None
    typed: Typed = field(default_factory=Typed)
    consented: datetime | None = None
    who: DeskPerson | None = None
    made: DeskPhoto | None = None
    made_number: int = 0
    made_at: datetime | None = None
    opened: list[Path] = field(default_factory=list)
    request: int = 0
    receipt: str = ""
    left: int = 0  # how many pictures could not be deleted


class DeskStation:
    """The desk, as described at the top of this module. `season`: returns the season's table that is in force now."""

    def __init__(
        self,
        booth_id: str,
        profile: Profile,
        roster: Roster,
        studio: Studio,
        saver: ShotSaver,
        season: Callable[[], SeasonTable],
        clock: Clock,
        pictures: PictureFolder,
        webcam: Webcam | None = None,
        *,
        keep_pictures: bool = False,
    ) -> None:
        self._booth_id = booth_id
        self._profile = profile
        self._roster = roster
        self._studio = studio
        self._saver = saver
        self._season = season
        self._clock = clock
        self._pictures = pictures
        self._webcam = webcam
        self._keep_pictures = keep_pictures
        self._lock = threading.RLock()
        self._person = _Person()
        self._requests = 0
        self._made = 0
        self._saved = 0
        self._trouble: dict[str, None] = {}

    def emit(self, event: Event) -> None:
        """Handle an event of the shot saver, which calls this on its own thread."""
        with self._lock:
            match event:
                case Saved(request=request, receipt=receipt) if request == self._person.request:
                    self._is_saved(receipt)
                case SaveFailed(request=request) if request == self._person.request:
                    self._person.text_id = "saving.again"  # the saver tries again until the shot is saved
                case DeviceFailed(fault=fault):
                    self._trouble[fault] = None
                case DeviceRecovered(fault=fault):
                    self._trouble.pop(fault, None)

    def identify(self, form: Mapping[str, str]) -> None:
        """Look for the person whose `code`, `kind`, `number` and `name` staff typed. The form also says that the person
        has consented (`consent`)."""
        with self._lock:
            if self._person.step not in (Step.WHO, Step.ROW):
                return
            self._person = person = _Person(consented=self._clock.wall().moment)
            if form.get("consent") != "yes":
                person.text_id = "who.no_consent"
                return
            typed = self._typed(form)
            if isinstance(typed, str):
                person.text_id = typed
                return
            person.typed, person.found = typed, identify(typed, self._roster, self._profile.identification)
            self._follow(person, person.found)

    def choose(self, number: int) -> None:
        """Choose the row (from 0) that the person's photo is for."""
        with self._lock:
            found = self._person.found
            if self._person.step is Step.ROW and found is not None and 0 <= number < len(found.rows):
                self._take(self._person, found, found.rows[number])

    def receive(self, data: bytes) -> None:
        """Make the photo from a picture that staff chose. `data`: the bytes of its file."""
        with self._lock:
            if self._person.step is Step.PHOTO:
                self._judge(lambda: decode_picture(data, Path("picture")))

    def open(self, name: str) -> None:
        """Make the photo from a picture in the folder. `name`: the name of its file."""
        with self._lock:
            path = self._pictures.path(name)
            if self._person.step is Step.PHOTO and path is not None:
                if path not in self._person.opened:
                    self._person.opened.append(path)
                self._judge(lambda: read_picture(path))

    def shoot(self) -> None:
        """Take a picture with the webcam, and make the photo from it."""
        with self._lock:
            if self._person.step is Step.PHOTO and self._webcam is not None:
                picture = self._webcam.shoot()
                if picture is None:
                    self._person.made, self._person.text_id = None, "photo.no_webcam"
                else:
                    self._judge(lambda: picture)

    def drop(self) -> None:
        """Drop the photo that is shown, so that staff can choose another picture."""
        with self._lock:
            if self._person.step is Step.PHOTO:
                self._person.made, self._person.text_id = None, ""

    def use(self, reason: str, *, data_wrong: bool) -> None:
        """Save the photo. `reason`: the reason why a check can't be met (`Reason`); "": none."""
        with self._lock:
            person = self._person
            if person.step is not Step.PHOTO or person.made is None or person.who is None or person.made_at is None:
                return
            asked = Reason(reason) if reason in set(Reason) else None
            now, made = self._clock.wall(), person.made
            flags = desk_flags(person.who, made, self._season_now(), asked, data_wrong=data_wrong)
            manifest = manifest_of(
                self._booth_id,
                self._profile,
                person.who,
                made,
                flags,
                person.made_at,
                now,
                {"kiosk": version("makeup-booth")},
            )
            self._requests += 1
            person.request, person.step, person.text_id = self._requests, Step.SAVING, ""
            self._saver.save(self._requests, manifest, made.photo.jpeg, made.photo.original)

    def next(self) -> None:
        """Forget this person; does nothing while a photo is being saved."""
        with self._lock:
            if self._person.step is not Step.SAVING:
                self._forget()

    def photo(self, number: int) -> bytes | None:
        """The finished photo with this number; None if there is none. Each new photo gets a new number."""
        with self._lock:
            made = self._person.made
            return made.photo.jpeg if made is not None and self._person.made_number == number else None

    def state(self) -> "StationState":
        """The values that the page shows now."""
        with self._lock:
            person, season = self._person, self._season_now()
            return StationState(
                person.step,
                person.text_id,
                person.values,
                () if person.found is None or person.step is not Step.ROW else person.found.rows,
                person.who,
                person.made,
                person.made_number,
                tuple(self._pictures.new()) if person.step is Step.PHOTO else (),
                self._pictures.older() if person.step is Step.PHOTO else 0,
                person.receipt,
                person.left,
                season,
                tuple(self._trouble),
                self._saved,
            )

    def _typed(self, form: Mapping[str, str]) -> Typed | str:
        """The typed data, or the id of a text that says what is wrong with them."""
        code, name = clean_code(form.get("code", ""))[:LONGEST_FIELD], clean_name(form.get("name", ""))[:LONGEST_FIELD]
        number, wall = form.get("number", "")[:LONGEST_FIELD], self._clock.wall()
        if not clean_code(number):
            return Typed(code, name) if code else "who.nothing"
        try:
            kind = DocumentKind(form.get("kind", ""))
            document = parse_document(kind, number, wall.moment.date() if wall.synced else None)
        except DocumentError as fault:
            return f"number.{fault.fault if fault.kind is DocumentKind.ID_CARD else fault.kind.value}"
        except ValueError:
            return "who.no_kind"
        return Typed(code, name, document)

    def _follow(self, person: _Person, found: DeskFinding) -> None:
        match found.finding:
            case Finding.PERSON if not found.rows and not person.typed.name:
                person.text_id = "who.no_name"
            case Finding.PERSON:
                self._take(person, found, found.rows[0] if found.rows else None)
            case Finding.SCHOOLS | Finding.RECORDS | Finding.UNCLEAR:
                person.step = Step.ROW
            case other:
                person.text_id = f"who.{other.value}"

    def _take(self, person: _Person, found: DeskFinding, row: RosterMatch | None) -> None:
        by = found.by or Identification.CODE
        assert person.consented is not None, "nobody is identified before the consent"
        person.who = DeskPerson(person.typed, row, by, person.consented, found.number)
        person.step, person.text_id = Step.PHOTO, ""
        self._pictures.begin()
        if self._webcam is not None:
            self._webcam.start()

    def _judge(self, read: Callable[[], Rgb]) -> None:
        person = self._person
        person.made, person.text_id = None, ""
        try:
            result = self._studio.make(read())
        except BadPicture as fault:
            person.text_id, person.values = f"picture.{fault.fault.value}", fault.values
            return
        if isinstance(result, FinishRefused):
            person.text_id = f"finish.{result.fault.value}"
            return
        self._made += 1
        person.made, person.made_number, person.made_at = result, self._made, self._clock.wall().moment

    def _is_saved(self, receipt: str) -> None:
        person = self._person
        self._saved += 1
        person.left = 0 if self._keep_pictures else delete_pictures(person.opened)
        person.step, person.receipt, person.text_id = Step.DONE, receipt, ""
        person.made, person.opened = None, []
        self._rest()

    def _forget(self) -> None:
        self._person = _Person()
        self._rest()

    def _rest(self) -> None:
        self._studio.forget()
        if self._webcam is not None:
            self._webcam.stop()

    def _season_now(self) -> SeasonState:
        wall = self._clock.wall()
        return season_state(wall.moment, wall.synced, self._season()).state


@dataclass(frozen=True, slots=True)
class StationState:
    """The values that the page shows at one moment."""

    step: Step
    text_id: str
    values: Mapping[str, object]
    rows: tuple[RosterMatch, ...] = field(repr=False)
    who: DeskPerson | None
    made: DeskPhoto | None
    made_number: int
    names: tuple[str, ...]
    older: int
    receipt: str = field(repr=False)
    left: int
    season: SeasonState
    trouble: tuple[str, ...]
    saved: int
