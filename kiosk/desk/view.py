"""Turns the state of the desk into words of one language. The result has only values for the page's script, and no
code."""

from pydantic import JsonValue

from common.catalog import Catalog, read_messages
from kiosk.core.session.state import Reason
from kiosk.desk.shot import DeskPerson
from kiosk.desk.station import StationState
from kiosk.desk.studio import DeskPhoto
from kiosk.ports.roster import RosterMatch
from kiosk.text.catalog import for_staff, load
from kiosk.text.consent import CONSENT_ROWS
from kiosk.vision.checks.checkup import CheckRow
from rules.check_words import check_messages
from rules.checks import CheckId, Verdict
from rules.documents import DocumentKind
from rules.idnumber import mask_id_number
from rules.names import mask_name
from rules.profile import Profile
from rules.season import SeasonState

Shown = dict[str, JsonValue]

_SEEN_BY_STAFF = CheckId.LIVE_PERSON.value
"""The check that a living person is before the lens. It needs a person who moves, so a single picture is not enough for
it. At the desk, staff sit opposite the person."""
_LISTED_RESULTS = (Verdict.FAIL.value, Verdict.WARN.value, Verdict.UNKNOWN.value)


def desk_words(language: str) -> Catalog:
    """The words of the booth, and words that only the desk uses."""
    own = read_messages("kiosk.desk", f"text/{language}.toml")
    names = check_messages(language, {"name": "name.{check}"})
    return Catalog(language, {**load(language).messages, **names, **own}, "kiosk/desk/text")


class DeskView:
    """Puts the state of the station into words."""

    def __init__(self, language: str, profile: Profile, keep_days: int) -> None:
        """`language`: the language of the booth's screens."""
        self._language = for_staff(language)
        self._words = desk_words(self._language)
        self._profile = profile
        self._keep_days = keep_days

    def fixed(self, *, folder: bool, webcam: bool) -> Shown:
        """The values that never change: the page's texts, the choices, the consent."""
        text, consent = self._words.text, self._profile.consent
        values = {"days": consent.retention_days, "keep_days": self._keep_days}
        lines: list[JsonValue] = [
            [text(f"consent.{row}"), text(f"consent.{row}_text", **values)] for row in CONSENT_ROWS
        ]
        lines.append(["", text("consent.never")])
        kinds: list[JsonValue] = [[kind.value, text(f"kind.{kind.value}")] for kind in DocumentKind]
        reasons: list[JsonValue] = [[reason.value, text(f"button.reason_{reason.value}")] for reason in Reason]
        return {
            "language": self._language.replace("_", "-"),
            "text": {key: words for key, words in self._words.messages.items() if key.startswith("page.")},
            "kinds": kinds,
            "reasons": reasons,
            "consent": lines,
            "folder": folder,
            "webcam": webcam,
        }

    def state(self, station: StationState, waiting: int, parked: int, *, sends: bool = True) -> Shown:
        """The values that the page shows at this moment. `waiting`, `parked`: how many shots of the outbox wait, and
        how many are parked; `sends`: whether the uplink runs."""
        text = self._words.text
        trouble: list[JsonValue] = [
            f"{text(fault)} {text('remedy.' + fault.removeprefix('fault.'))}" for fault in station.trouble
        ]
        if not sends:
            trouble.append(text("page.not_sending"))
        return {
            "step": station.step.value,
            "said": text(station.text_id, **station.values) if station.text_id else "",
            "rows": [self._row(row) for row in station.rows],
            "person": None if station.who is None else self._person(station.who),
            "photo": None if station.made is None else self._photo(station.made, station.made_number),
            "names": list(station.names),
            "older": text("photo.older", count=station.older) if station.older else "",
            "receipt": station.receipt,
            "left": text("done.left", count=station.left) if station.left else "",
            "season": "" if station.season is SeasonState.OPEN else text(f"season.{station.season.value}"),
            "trouble": trouble,
            "counts": text("page.counts", saved=station.saved, waiting=waiting, parked=parked),
        }

    def _row(self, found: RosterMatch) -> str:
        row = found.row
        return f"{row.school} · {row.year} · {row.major} · {row.class_name} · {mask_name(row.name)}"

    def _person(self, who: DeskPerson) -> Shown:
        row, typed = None if who.row is None else who.row.row, who.typed
        name, number = (typed.name, who.number or "") if row is None else (row.name, who.number or row.id_number)
        school = self._words.text("photo.no_row") if row is None else f"{row.school} · {row.class_name}"
        done = who.row is not None and who.row.photographed
        return {
            "name": mask_name(name),
            "number": mask_id_number(number) if number else "—",
            "school": school,
            "note": self._words.text("photo.campus") if done else "",
        }

    def _photo(self, made: DeskPhoto, number: int) -> Shown:
        findings: list[JsonValue] = [
            ["fail", self._words.text(f"picture.{doubt.value}")] for doubt in made.picture_doubts
        ]
        findings += [
            self._finding(row)
            for row in made.photo.checks
            if row["verdict"] in _LISTED_RESULTS and row["id"] != _SEEN_BY_STAFF
        ]
        return {"number": number, "ready": made.judgement.ready, "findings": findings}

    def _finding(self, row: CheckRow | object) -> list[JsonValue]:
        assert isinstance(row, dict)
        words = row["message"]
        assert isinstance(words, dict)
        verdict, said = str(row["verdict"]), str(words[self._language[:2]])
        if verdict == Verdict.UNKNOWN.value:
            said = self._words.text("photo.unknown", check=self._words.text(f"name.{row['id']}"))
        return [verdict, said]
