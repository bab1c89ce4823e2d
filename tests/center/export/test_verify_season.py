"""An exported season is recounted from its files; whatever is changed in it is found, also where it is signed anew."""

import ast
import copy
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from center.__main__ import main
from center.export import verifying
from center.export.verifying import KEYS, recount, verify_folder
from sim.season.schools import made_schools
from sim.season.story import SeasonStory

pytestmark = pytest.mark.xdist_group("season")

Season = tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]
Tampering = Callable[[dict[str, list[dict[str, Any]]], dict[str, Any], random.Random], None]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small season's export, and the office's public key."""
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT RUN: poppler is not installed (poppler-utils)")
    folder = tmp_path_factory.mktemp("export") / "season"
    SeasonStory(folder, schools=2, each=20, graduates=34, vision=0).play()
    return folder / "export", (folder / "export.key").read_text("ascii")


@pytest.fixture(scope="module")
def season(exported: tuple[Path, str]) -> Season:
    folder = exported[0]
    lines = {name: [json.loads(one) for one in (folder / f"{name}.jsonl").read_bytes().splitlines()] for name in KEYS}
    return lines, json.loads((folder / "counts.json").read_text("utf-8"))


def drop(name: str) -> Tampering:
    def tamper(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
        lines[name].pop(chance.randrange(len(lines[name])))

    return tamper


def double(name: str, key: str) -> Tampering:
    """A line once more under another id: an invented photo, pack, letter."""

    def tamper(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
        one = dict(chance.choice(lines[name]))
        one[key] = f"{chance.getrandbits(128):032x}" if isinstance(one[key], str) else 9_000 + chance.randrange(999)
        lines[name].append(one)

    return tamper


def change(name: str, key: str, *values: object) -> Tampering:
    def tamper(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
        one = chance.choice(lines[name])
        one[key] = chance.choice([value for value in values if value != one[key]])

    return tamper


def add(name: str, key: str) -> Tampering:
    def tamper(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
        chance.choice(lines[name])[key] += chance.choice((-1_200, -1, 1, 1_200))

    return tamper


def exchange(name: str, *keys: str) -> Tampering:
    """Two lines of different people exchange something: a face, a row, a bill."""

    def tamper(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
        one = chance.choice(lines[name])
        key = chance.choice(keys)
        other = chance.choice([line for line in lines[name] if line[key] != one[key]])
        one[key], other[key] = other[key], one[key]

    return tamper


def other_school(name: str) -> Tampering:
    def tamper(lines: dict[str, list[dict[str, Any]]], counts: dict[str, Any], chance: random.Random) -> None:
        one = chance.choice(lines[name])
        one["school"] = chance.choice([school for school in counts["schools"] if school != one["school"]])

    return tamper


def counted(_: dict[str, list[dict[str, Any]]], counts: dict[str, Any], chance: random.Random) -> None:
    mine = counts["schools"][chance.choice(sorted(counts["schools"]))]
    mine[chance.choice(sorted(mine))] += chance.choice((-1, 1))


def signed_by_one(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
    one = chance.choice(lines["half_days"])
    one["second_by"] = one["first_by"]


def lost_from_a_half_day(lines: dict[str, list[dict[str, Any]]], _: dict[str, Any], chance: random.Random) -> None:
    one = chance.choice(lines["half_days"])
    one["shots"].pop(chance.choice(sorted(one["shots"])))


def cheaper(_: dict[str, list[dict[str, Any]]], counts: dict[str, Any], chance: random.Random) -> None:
    counts["prices"]["jiangsu-2019"]["fen"] = chance.choice((1_000, 1_500))


TAMPERINGS: dict[str, Tampering] = {
    **{f"drop a line of {name}": drop(name) for name in KEYS if name != "rows"},
    "drop a roster row": drop("rows"),
    **{f"invent a line of {name}": double(name, key) for name, key in
       (("rows", "row"), ("photos", "shot"), ("deliveries", "delivery"), ("letters", "letter"),
        ("payments", "payment"), ("delivery_items", "shot"), ("letter_items", "row"))},
    "another standing": change("photos", "standing", "approved", "waiting", "retake"),
    "another half day": change("photos", "half_day", "2026-09-01-am", "2026-09-01-pm", "2026-09-02-am"),
    "another person on a photo": exchange("photos", "person"),
    "another row for a photo": exchange("photos", "row"),
    "another booth": exchange("photos", "booth"),
    "another kind of change": change("delivery_items", "change", "new", "replaced", "withdrawn"),
    "another pack": exchange("delivery_items", "delivery"),
    "a swapped face in a pack": exchange("delivery_items", "shot", "person", "row"),
    "another letter": exchange("letter_items", "letter"),
    "a bill for another": exchange("letter_items", "row", "person", "shot"),
    "another amount of a line": add("letter_items", "fen"),
    "another amount of a letter": add("letters", "fen"),
    "another payment": add("payments", "fen"),
    "another number of a letter": change("letters", "number", 1, 2, 3),
    "another number of a pack": change("deliveries", "number", 1, 2, 3),
    "a cancelled letter": change("letters", "cancelled", True),
    "rows of another school": other_school("rows"),
    "photos of another school": other_school("photos"),
    "a pack of another school": other_school("deliveries"),
    "a letter of another school": other_school("letters"),
    "another count": counted,
    "signed by one": signed_by_one,
    "a shot lost from a half day": lost_from_a_half_day,
    "another count of a booth": change("half_days", "counted", 1, 99),
    "another price": cheaper,
}  # fmt: skip


def test_a_season_as_it_was_agrees(exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = exported
    assert list(verify_folder(folder, key)) == []
    assert main(["verify-season", str(folder), "--key", key]) == 0
    assert "agrees" in capsys.readouterr().out


def test_all_of_a_thousand_seeded_tamperings_are_found_though_signed_anew(season: Season) -> None:
    missed = []
    kinds = sorted(TAMPERINGS)
    for seed in range(1_000):
        lines, counts = copy.deepcopy(season)
        kind = kinds[seed % len(kinds)]
        TAMPERINGS[kind](lines, counts, random.Random(seed))
        if (lines, counts) == season:
            continue
        if not list(recount(lines, counts)):
            missed.append((seed, kind))
    assert missed == []


def test_whatever_is_changed_in_the_files_breaks_the_seal(exported: tuple[Path, str], tmp_path: Path) -> None:
    folder, key = exported
    for seed in range(60):
        mine = tmp_path / str(seed)
        shutil.copytree(folder, mine)
        chance = random.Random(seed)
        path = chance.choice(sorted(mine.iterdir()))
        match seed % 4:
            case 0:
                data = bytearray(path.read_bytes())
                data[chance.randrange(len(data))] ^= 1
                path.write_bytes(bytes(data))
            case 1:
                path.write_bytes(path.read_bytes()[:-1])
            case 2:
                path.unlink()
            case _:
                (mine / "more.jsonl").write_text("{}")
        assert list(verify_folder(mine, key)), path.name


def test_another_offices_key_is_refused(exported: tuple[Path, str]) -> None:
    for key in ("00" * 32, "abc", ""):
        assert ["not signed" in one for one in verify_folder(exported[0], key)] == [True]


def test_a_folder_that_is_no_export_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-season", str(tmp_path / "none"), "--key", "00" * 32]) == 2
    (tmp_path / "photos.jsonl").write_text("")
    assert main(["verify-season", str(tmp_path), "--key", "00" * 32]) == 1
    assert "too few" in capsys.readouterr().out


def test_no_name_and_no_number_of_anybody_is_exported(exported: tuple[Path, str]) -> None:
    folder = exported[0]
    said = "".join(path.read_text("utf-8") for path in folder.iterdir())
    for school in made_schools(2, 20):
        for row in school.rows:
            for secret in (row.id_number, row.name, row.student_no, row.exam_no):
                assert f'"{secret}"' not in said


def test_the_verifier_imports_nothing_of_the_office() -> None:
    tree = ast.parse(Path(verifying.__file__).read_text("utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in modules} & {"center", "kiosk", "rules", "wire", "common", "sim"}
    code = "import sys, center.export.verifying; print([n for n in sys.modules if n.startswith('center.')])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.decode()
    assert "service" not in said
