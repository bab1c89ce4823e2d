"""What the pages must describe, and the tests they name: one table each.

What a page shows as an example is run by the tests of its room.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

import center.__main__
from center.accounts.model.roles import Right, Role
from center.shots.model.rank import OfficeFlag
from center.wiring.console import PAGES
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox_rows import ShotState
from rules.profile import Background, BackgroundMode, Check, Consent, IdentificationRule, Prepare, Profile
from rules.season import SeasonRules
from sim.office.fault_proxy import OfficeFault

ROOT = Path(__file__).parents[2]
TESTS = {
    name
    for path in ROOT.glob("tests/**/test_*.py")
    for name in re.findall(r"^def test_(\w+)", path.read_text("utf-8"), re.MULTILINE)
}
FOLDER = BoothPaths(Path("x"))
KEYS = {
    key
    for path in (ROOT / "center").rglob("*.html")
    for key in re.findall(r'data-key="([a-z])"', path.read_text("utf-8"))
}


OF_THE_SEASON = {
    Right.DASHBOARD, Right.SEASON, Right.PASSES, Right.ROSTERS, Right.ATTENDANCE, Right.RECONCILE, Right.DELIVER,
    Right.CORRECTIONS, Right.BILL, Right.JOBS, Right.RETAIN,
}  # fmt: skip


def _values(*kinds: Iterable[object]) -> list[str]:
    return [str(getattr(word, "value", word)) for kind in kinds for word in kind]


DESCRIBED: list[tuple[str, str, list[str]]] = [
    ("office", r"center {}", list(center.__main__.COMMANDS)),
    ("office", r"\| {} \|", _values(Role)),
    ("office", r"`{}`", _values((OfficeFlag.NOT_JUDGED, OfficeFlag.APPROVED_ALREADY))),
    (
        "profiles",
        r"`\[?{}(\.NAME)?\]?`",
        _values(
            sorted(set(Profile.model_fields) - {"name"}),
            *(model.model_fields for model in (Background, Consent, Check, SeasonRules)),
            *(Prepare, BackgroundMode, IdentificationRule),
        ),
    ),
    (
        "security",
        r"(?m)^\| [^|]*`{}`",
        sorted({page.path for page in PAGES if page.right in OF_THE_SEASON and page.path.count("/") == 1}),
    ),
    ("uplink", r"(?m)^\| `{}` \|", _values(ShotState)),
    ("uplink", r"(?m)^Faults: `[a-z_ ]*\b{}\b", _values(OfficeFault)),
    (
        "uplink",
        r"`{}",
        [
            path.name
            for path in (
                *(FOLDER.spool, FOLDER.outbox, FOLDER.roster, FOLDER.secret, FOLDER.lock),
                *(FOLDER.ballast, FOLDER.journal),
            )
        ],
    ),
    (
        "console",
        r"`{}",
        sorted(
            {
                f"/{page.path.split('/')[1]}"
                for page in PAGES
                if page.method == "GET" and page.path.split("/")[1] not in ("", "static", "language", "shots")
            }
        ),
    ),
    ("console", r"(?m)^\| {} \|", sorted(key.upper() for key in KEYS)),
]
"""Page, how it describes a word ({}), the words."""

NAMING = [
    ("uplink", "## What is promised", r"`([a-z0-9_]{12,})`", 20),
    ("office", "## What is tested where", r"`(\w{12,})`", 60),
    ("security", None, r"(?<=[`: ])([a-z][a-z_]{12,}[a-z])…?`", 60),
]
"""Page, section (None: all), what a test's name looks like there (`…`: its beginning or end), how many at least."""


@pytest.mark.parametrize(
    ("page", "form", "word"), [(page, form, word) for page, form, words in DESCRIBED for word in sorted(set(words))]
)
def test_every_word_is_described_on_its_page(page: str, form: str, word: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    assert re.search(form.replace("{}", re.escape(word)), text), f"{word} is not in docs/{page}.md"


@pytest.mark.parametrize(("page", "form", "words"), DESCRIBED)
def test_no_row_of_the_table_is_empty(page: str, form: str, words: list[str]) -> None:
    assert len(words) > 1, (page, form)


@pytest.mark.parametrize(("page", "heading", "form", "least"), NAMING)
def test_every_test_a_page_names_is_there(page: str, heading: str | None, form: str, least: int) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    section = text if heading is None else text.partition(heading)[2].partition("\n## ")[0]
    named = re.findall(form, section)
    assert len(named) > least
    assert [name for name in named if not _is_there(name, whole=heading is not None)] == []
    if heading is not None:
        rows = re.findall(r"^\| (?!-)(.+) \|$", section, re.MULTILINE)
        heads = (" | test", " | held by")
        assert [row for row in rows if not row.endswith(heads) and not re.search(form, row)] == [], (
            "a row without a test"
        )


def _is_there(name: str, *, whole: bool) -> bool:
    if whole:
        return name in TESTS
    return any(test.startswith(name) or test.endswith(name) for test in TESTS)
