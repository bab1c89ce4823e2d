"""Words, templates and colours: both languages whole, nothing inline, everything readable."""

import ast
import re
import string
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest

from center.accounts.model.roles import Role
from center.attendance.model import AbsenceReason
from center.backup.backup_job import BACKUP
from center.billing.letter_jobs import LETTERS
from center.booths.model import Health
from center.calls.model import WaiverGround
from center.chain_check.chain_jobs import CHAIN
from center.corrections.model import CaseKind, CaseState
from center.delivery.service import PACK
from center.identity import model as identity
from center.identity.model import Way
from center.intake.filing_again import StoredFile
from center.mail.service import MAIL
from center.passes.model import PassReason
from center.platform.foreign_tables.values import UNREADABLE
from center.print_sheets import service as prints
from center.prints.print_jobs import SHEETS
from center.receipts.service import ReceiptState
from center.retention.model import FoundBy, RequestKind, Retained
from center.retention.purge_job import PURGE
from center.review.model.reasons import KEYS
from center.roster.model.findings import MESSAGES, NO_ROSTER, Kind, NoRoster
from center.shots.model.rank import OfficeFlag
from center.shots.model.shot import State
from center.shots.model.staff_decision import REASONS
from center.web.catalog import catalog
from center.wiring.audited_words import BEGINS
from common.catalog import SHORT_NAMES
from kiosk.core.session.state import Flag
from rules.checks import CheckId, Verdict
from rules.spec import PhotoLimit

ROOT = files("center.web")
CENTER = Path(__file__).parents[3] / "center"
BOOTHS_WORDS = files("kiosk").joinpath("text/en.toml").read_text("utf-8")
TEMPLATES = {path.name: path.read_text("utf-8") for path in CENTER.glob("*/templates/*.html")}
CODE = [path.read_text("utf-8") for path in CENTER.rglob("*.py")]
ACTIONS = {
    found.replace(".", "_")
    for source in CODE
    for found in re.findall(r'append\([^()]*(?:\(\))?[^()]*"([a-z]+\.[a-z_]+)"', source)
}


def noted() -> Iterator[tuple[str, str, ast.expr]]:
    """What entries of the audit note, where the code writes it as a dictionary: action ("" if it is computed), name of
    the detail, its value in the code.
    """
    functions = [one for source in CODE for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    for function in functions:
        for call in ast.walk(function):
            if not (isinstance(call, ast.Call) and re.search(r"(?i)audit\)?\.append$", ast.unparse(call.func))):
                continue
            action = call.args[3].value if isinstance(call.args[3], ast.Constant) else ""
            for given in call.args[5:]:
                variables = {one.id for one in ast.walk(given) if isinstance(one, ast.Name)}
                made = [
                    one.value
                    for one in ast.walk(function)
                    if (isinstance(one, ast.Assign) and ast.unparse(one.targets[0]).split("[")[0] in variables)
                    or (isinstance(one, ast.AnnAssign) and one.value and ast.unparse(one.target) in variables)
                ]
                for part in (
                    one for value in [given, *made] if value for one in ast.walk(value) if isinstance(one, ast.Dict)
                ):
                    for key, value in zip(part.keys, part.values, strict=True):
                        if isinstance(key, ast.Constant):
                            yield str(action), str(key.value), value


NOTED = list(noted())
WORDS: dict[str, Iterable[str]] = {
    "booth.check_released check": CheckId,
    "booth.check_released ground": WaiverGround,
    "correction.closed state": CaseState,
    "correction.opened kind": CaseKind,
    "data.held found_by": FoundBy,
    "data.requested found_by": FoundBy,
    "data.requested kind": RequestKind,
    "job.cancelled kind": {BACKUP, CHAIN, LETTERS, MAIL, PACK, PURGE, SHEETS},
    "attendance.noted reason": AbsenceReason,
    "pass.issued reason": PassReason,
    "prints.released ground": prints.Ground,
    "season.changed to": {"usual", "closed"},
    "season.changed what": {"window", "hours", "day", "year"},
    "second.settled outcome": {"first", "back"},
    "shot.rejected reasons": REASONS,
    "shot.settled flags": {*Flag, *OfficeFlag},
    "shot.settled ground": identity.Ground,
    "shot.settled way": Way,
    "user.added role": Role,
    "user.confirmed role": Role,
}
"""Action and name of each detail of the audit whose values are words -> these words."""


CSS = ROOT.joinpath("static/console.css").read_text("utf-8")


def test_both_languages_say_the_same_with_the_same_values() -> None:
    one, other = (catalog(language).messages for language in SHORT_NAMES)
    assert set(one) == set(other)
    for name in one:
        wanted = [{field for _, field, _, _ in string.Formatter().parse(text[name]) if field} for text in (one, other)]
        assert wanted[0] == wanted[1], name


def test_every_word_a_page_asks_for_is_there() -> None:
    asked = {
        found[1]
        for source in [*TEMPLATES.values(), *CODE]
        for found in re.finditer(r"(?:\bt|\.text)\(\s*['\"]([a-z_0-9.]+)['\"]\s*[,)]", source)
    }
    assert len(asked) > 120
    assert asked <= set(catalog("en").messages)


def names(group: str) -> set[str]:
    return {name.removeprefix(f"{group}.") for name in catalog("en").messages if name.startswith(f"{group}.")}


@pytest.mark.parametrize(
    ("group", "wanted"),
    [
        ("check", {check.value for check in CheckId}),
        ("reason", set(REASONS)),
        ("flag", {flag.value for flag in (*Flag, *OfficeFlag)}),
        ("state", {state.value for state in State}),
        ("verdict", {verdict.value for verdict in Verdict}),
        ("role", {role.value for role in Role}),
        ("health", {health.value for health in Health}),
        ("guides", {limit.value for limit in PhotoLimit}),
        ("receipt", {state.value for state in ReceiptState}),
        ("fault", set(tomllib.loads(BOOTHS_WORDS)["fault"])),
        ("roster_finding", {kind.value for kind in Kind}),
        ("roster_fault", {kind.value for kind in NoRoster}),
        ("audit_action", ACTIONS),
        ("audit_detail", {name for _, name, _ in NOTED} | {"what", "to", "day", *StoredFile, *Retained} - {"audit"}),
        ("job_kind", set(WORDS["job.cancelled kind"])),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_name_has_its_word(group: str, wanted: set[str]) -> None:
    assert wanted <= names(group)


def test_every_word_that_the_audit_notes_has_its_text() -> None:
    written = {f"{action} {name}" for action, name, value in NOTED if ast.unparse(value).endswith(".value")}
    assert len(written) > 5
    assert written <= set(BEGINS), "a stored word would be shown as it is, in English on the Chinese page"
    assert set(WORDS) == set(BEGINS)
    for name, words in WORDS.items():
        assert {f"{BEGINS[name]}{word}" for word in words} <= set(catalog("en").messages), name


def test_the_page_says_of_a_roster_what_the_command_says() -> None:
    words = catalog("en").messages
    for kind, (_, said) in MESSAGES.items():
        assert words[f"roster_finding.{kind.value}"] == said
    for fault, said in NO_ROSTER.items():
        assert words[f"roster_fault.{fault.value}"].lower() == said.lower()
    for unreadable, said in UNREADABLE.items():
        assert words[f"table_fault.{unreadable.value}"].lower() == said.lower()


def test_every_reason_has_a_key_of_its_own() -> None:
    assert set(KEYS) == set(REASONS)
    assert len(set(KEYS.values())) == len(KEYS)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_nothing_in_a_template_is_inline_or_from_elsewhere(name: str) -> None:
    source = TEMPLATES[name]
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|\bjs:", source)
    assert not re.search(r"<script(?![^>]*\bsrc=\"(?:\{\{ static|/travel/))", source)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", source)
    # The QR code, and the manual read from our own file: what is no Markdown in it was escaped.
    assert source.count("|safe") == (1 if name in ("account_new.html", "booths.html", "manual.html") else 0)


def test_every_form_that_changes_something_carries_the_token() -> None:
    for name, source in TEMPLATES.items():
        for form in re.findall(r"<form\b[^>]*>.*?</form>", source, re.DOTALL):
            opening = form[: form.index(">")]
            # Without a login there is no token: what these change is held by the origin and SameSite cookies.
            public = any(f'action="{path}"' in opening for path in ("/login", "/r", "/number", "/number/back"))
            if 'method="get"' in opening or public:
                continue
            assert "parts.csrf()" in form or 'hx-include="#carry"' in opening, (name, opening)


def variables() -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", CSS))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""

    def light(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_words_can_be_read_on_their_grounds() -> None:
    colour = variables()
    pairs = [
        *product(("ink", "soft", "primary", "no", "good", "care"), ("card", "page")),
        *(("card", button) for button in ("primary", "primary-pressed", "good", "good-pressed")),
        ("care", "care-tint"),
        ("no-pressed", "no-tint"),
        ("primary-pressed", "primary-tint"),
        ("soft", "primary-tint"),
    ]
    for words, ground in pairs:
        assert contrast(colour[words], colour[ground]) >= 4.5, (words, ground)


def test_the_pages_script_makes_no_code_of_text_keeps_nothing_and_hears_no_other_window() -> None:
    script = ROOT.joinpath("static/console.js").read_text("utf-8")
    assert "addEventListener" in script
    makes_code = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(['\"]"
    keeps = r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\."
    assert not re.search(rf"{makes_code}|{keeps}|postMessage|['\"]message['\"]", script)


def test_the_office_speaks_to_nobody_but_by_the_modules_that_are_known_to() -> None:
    libraries = r"requests|httpx|aiohttp|urllib\.request|urllib3|http\.client|ftplib|smtplib|minio|boto3|obstore"
    clients = rf"^\s*(?:import|from) ({libraries})"
    found = {
        (path.relative_to(CENTER).as_posix(), module)
        for path in CENTER.rglob("*.py")
        for module in re.findall(clients, path.read_text("utf-8"), re.MULTILINE)
    }
    assert found == {("mail/smtp.py", "smtplib"), ("platform/photos.py", "obstore")}, (
        "docs/security.md, 1.3.6, says whom the office calls"
    )
