"""One season: from schools' dirty encrypted rosters to packs, corrections, letters and the purge, then recounted."""

import ast
import json
import shutil
from pathlib import Path

import pytest

from sim.season import recount as second_reader
from sim.season.played import disagreements
from sim.season.recount import recount
from sim.season.story import OfficeFigures, SeasonStory

pytestmark = [pytest.mark.xdist_group("season"), pytest.mark.timeout(1800)]  # two hundred sessions and five schools


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OfficeFigures]:
    """The season, ten of its people before a booth with real vision, the others before scripted devices."""
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT RUN: poppler is not installed (poppler-utils)")
    folder = tmp_path_factory.mktemp("season") / "season"
    return folder, SeasonStory(folder).play()


def test_every_number_of_the_office_agrees_with_the_files(played: tuple[Path, OfficeFigures]) -> None:
    folder, told = played
    found = recount(folder)
    assert disagreements(told, found) == []
    assert sum(told.photographed.values()) == 200
    assert told.by_vision == 10
    assert sum(one.photos for one in found.values()) == sum(told.approved.values())
    assert sum(len(one.delivered_not_billed) for one in found.values()) == 1, "the one photographed on campus"
    missing = sum(len(one.billed_not_delivered) for one in found.values())
    assert missing == told.faults["to_retake"], "who was photographed, and has no approved photo"


def test_the_season_had_its_faults(played: tuple[Path, OfficeFigures]) -> None:
    told = played[1]
    kinds = ("torn", "sent_twice", "spoilt", "office_down", "power_cut", "came_again", "to_retake")
    assert {kind: told.faults[kind] for kind in kinds if not told.faults[kind]} == {}
    assert len(told.half_days) == 7, "two booths on three half days, the one with real vision on one; signed by two"
    assert {"photos", "identities", "rosters"} <= told.purged.keys()


def test_every_delivered_picture_shows_who_sat_before_the_camera(played: tuple[Path, OfficeFigures]) -> None:
    folder, told = played
    found = recount(folder)
    shown = {student: told.faces[digest] for count in found.values() for student, digest in count.pictures.items()}
    assert len(shown) == sum(count.photos for count in found.values())
    assert [student for student, sat in shown.items() if student != sat] == []


def test_the_second_reader_finds_a_file_that_was_exchanged(played: tuple[Path, OfficeFigures], tmp_path: Path) -> None:
    folder, told = played
    for part in ("packs", "sheets", "letters"):
        shutil.copytree(folder / part, tmp_path / part)
    passwords = json.loads((tmp_path / "packs" / "passwords.json").read_text("utf-8"))
    one, other = [name for name in sorted(passwords) if name.endswith("-1.zip")][:2]
    first, second = tmp_path / "packs" / one, tmp_path / "packs" / other
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    swapped = passwords | {one: passwords[other], other: passwords[one]}
    (tmp_path / "packs" / "passwords.json").write_text(json.dumps(swapped), "utf-8")
    assert disagreements(told, recount(tmp_path)) != []


def test_the_second_reader_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(second_reader.__file__).read_text("utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name.split(".")[0] for name in modules} & {"center", "kiosk", "rules", "wire", "common", "sim"}
