"""Print sheets measured on the rendered page, in millimetres; captions read out of the file."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from center.platform.documents.fonts import CHAIN
from center.platform.faults import WrongRequest
from center.print_sheets.model import PrintedPerson, PrintFormat, caption_lines, cut_marks, in_class_order, spots
from center.print_sheets.sheets import VOLUME, checklist, formats, volumes
from rules.profile import Prints, load_profile, profile_names
from wire.roster_change import RosterRow

DPI = 300
MM = DPI / 25.4
PRINTS = load_profile("jiangsu-2019").prints
BLUE, RED, GREEN = (100, 197, 255), (200, 30, 30), (30, 160, 30)
needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="NOT RUN: poppler-utils is not installed")
needs_rare = pytest.mark.skipif(
    not all(font.path.exists() for font in CHAIN), reason="NOT RUN: a font of the fallback chain is not installed"
)


def row(number: int = 1, name: str = "张三", **changes: str) -> RosterRow:
    fields = {
        "year": "2026",
        "school": "南京信息工程大学滨江学院（北圩校区）",
        "major": "计算机科学与技术（中外合作办学）",
        "class_name": "计科2022-1班",
        "student_no": f"2022{number:08d}",
        "id_number": f"3201022004010{number:05d}",
        "name": name,
        "sex": "女",
        "exam_no": "26320102150001",
    }
    return RosterRow(**(fields | changes))


def jpeg(_shot: str = "") -> bytes:
    """A photo that shows how it lies: red at the left top corner, green at the right one."""
    picture = Image.new("RGB", (480, 640), BLUE)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 140, 140), RED)
    draw.rectangle((340, 20, 460, 140), GREEN)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, dpi=(300, 300))
    return out.getvalue()


def made(layout: str, *people: RosterRow, prints: Prints = PRINTS) -> bytes:
    printed = [PrintedPerson(f"{at:032x}", one) for at, one in enumerate(people)]
    ((_, pdf),) = volumes(formats()[layout], prints, printed, jpeg, lambda _done, _total: None, lambda _drawn: None)
    return pdf


def rendered(pdf: bytes, folder: Path) -> list[np.ndarray]:
    (folder / "x.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-png", folder / "x.pdf", folder / "page"], check=True)
    return [np.asarray(Image.open(path)) for path in sorted(folder.glob("page*.png"))]


def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "t.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-raw", folder / "t.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout


def near(page: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    found: np.ndarray = np.abs(page.astype(int) - colour).max(axis=2) < 40
    return found


@needs_poppler
@pytest.mark.parametrize("name", sorted(formats()))
def test_pictures_have_their_size_and_place_in_millimetres_and_lie_upright(name: str, tmp_path: Path) -> None:
    layout = formats()[name]
    (page,) = rendered(made(name, row()), tmp_path)
    height, width = page.shape[:2]
    assert (width / MM, height / MM) == pytest.approx(layout.paper_mm, abs=0.1)
    (places,) = spots(layout, PRINTS, 1)
    assert len(places) == PRINTS.count == 6
    for spot in places:
        left, top = round((spot.x - 0.5) * MM), round((spot.y - 0.5) * MM)
        part = page[max(0, top) : top + round(45 * MM), max(0, left) : left + round(34 * MM)]
        ink = near(part, BLUE) | near(part, RED) | near(part, GREEN)
        rows, columns = np.flatnonzero(ink.mean(axis=1) > 0.5), np.flatnonzero(ink.mean(axis=0) > 0.5)
        box = (columns[0] + max(0, left), rows[0] + max(0, top), np.ptp(columns) + 1, np.ptp(rows) + 1)
        assert [value / MM for value in box] == pytest.approx([spot.x, spot.y, 33, 44], abs=1.5 / MM)
        red, green = np.argwhere(near(part, RED)).mean(axis=0), np.argwhere(near(part, GREEN)).mean(axis=0)
        assert red[1] < green[1], "mirrored"
        assert red[0] < part.shape[0] / 2, "upside down"


@needs_poppler
def test_a_picture_is_in_the_file_once_as_it_is_at_300_dpi(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(made("six-inch", row()))
    command = ["pdfimages", "-list", str(tmp_path / "x.pdf")]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert len(listed) == PRINTS.count
    assert len({line.split()[10] for line in listed}) == 1, "one object, used six times"
    for line in listed:
        width, height, x_ppi, y_ppi = (int(line.split()[at]) for at in (3, 4, 12, 13))
        assert (width, height) == (480, 640)
        assert min(x_ppi, y_ppi) >= 300
    assert jpeg() in (tmp_path / "x.pdf").read_bytes(), "encoded anew"


@needs_poppler
@needs_rare
@pytest.mark.parametrize(
    "name",
    ["张三", "𠮷野", "阿卜杜热合曼·买买提依明·阿卜杜", "𪚥𫠝", "㐂", "\U00030edd\U00030ede"],
    ids=["usual", "B", "long", "E", "A", "G"],
)
def test_a_name_is_on_paper_and_in_the_text_layer_as_it_is(name: str, tmp_path: Path) -> None:
    pdf = made("a4", row(name=name))
    assert text_of(pdf, tmp_path).count(name) == PRINTS.count
    fonts = subprocess.run(["pdffonts", tmp_path / "t.pdf"], check=True, capture_output=True, text=True).stdout
    lines = fonts.splitlines()[2:]
    assert lines
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines), f"not embedded: {fonts}"


@needs_poppler
def test_what_no_font_has_is_printed_as_its_number(tmp_path: Path) -> None:
    assert "(U+E863)" in text_of(made("a4", row(name="王\ue863")), tmp_path)


@needs_poppler
def test_a_caption_says_what_the_notice_asks_and_stays_within_its_picture(tmp_path: Path) -> None:
    one = row(school="很长的学校名称" * 4, major="很长的专业名称" * 3)
    for name, layout in formats().items():
        (tmp_path / name).mkdir()
        pdf = made(name, one)
        said = text_of(pdf, tmp_path / name)
        for value in (one.school, one.major, one.class_name, one.student_no, one.id_number, one.name):
            assert said.replace("\n", "").count(value) == PRINTS.count, value
        (page,) = rendered(pdf, tmp_path / name)
        dark = page.max(axis=2) < 140
        for spot in next(spots(layout, PRINTS, 1)):
            strip = dark[round((spot.y + 44.3) * MM) : round((spot.y + 44 + layout.caption_mm - 0.3) * MM)]
            beside = [
                round((spot.x - 0.9) * MM),
                round((spot.x - 0.15) * MM),
                round((spot.x + 33.15) * MM),
                round((spot.x + 33.45) * MM),
            ]
            assert strip[:, round(spot.x * MM) : round((spot.x + 33) * MM)].any()
            assert not strip[:, beside[0] : beside[1]].any(), "over the left edge"
            assert not strip[:, beside[2] : beside[3]].any(), "over the right edge"


def test_sheets_follow_the_class_order_and_come_in_files_of_so_many_people() -> None:
    people = [row(3, class_name="2班"), row(2, class_name="1班"), row(1, class_name="2班"), row(4, major="a")]
    ordered = in_class_order([PrintedPerson(str(at), one) for at, one in enumerate(people)])
    assert [one.row.student_no[-1] for one in ordered] == ["4", "2", "1", "3"]
    many = [PrintedPerson(f"{at:032x}", row(at)) for at in range(VOLUME + 1)]
    progress: list[tuple[int, int]] = []
    names = [
        name
        for name, _ in volumes(
            formats()["six-inch"],
            PRINTS,
            many,
            jpeg,
            lambda done, total: progress.append((done, total)),
            lambda _drawn: None,
        )
    ]
    assert names == ["印刷版-01.pdf", "印刷版-02.pdf"]
    assert progress[-1] == (VOLUME + 1, VOLUME + 1)


def test_the_same_people_give_the_same_bytes() -> None:
    assert made("six-inch", row()) == made("six-inch", row())


@pytest.mark.parametrize("profile", profile_names())
def test_every_profile_has_a_format_that_holds_its_pictures(profile: str) -> None:
    prints = load_profile(profile).prints
    assert [one.name for one in formats().values() if not one.fault(prints)]


def test_pictures_that_do_not_fit_a_format_are_refused() -> None:
    wide = PRINTS.model_copy(update={"width_mm": 60.0})
    with pytest.raises(WrongRequest, match="lie over each other"):
        made("six-inch", row(), prints=wide)
    many = PRINTS.model_copy(update={"count": 8})
    with pytest.raises(WrongRequest, match="do not fit on a sheet"):
        made("six-inch", row(), prints=many)
    with pytest.raises(ValueError, match="lines need"):
        PrintFormat(**(formats()["six-inch"].model_dump() | {"caption_pt": 9}))


@given(st.sampled_from(sorted(formats())), st.integers(1, 6), st.integers(1, 40))
def test_no_picture_lies_over_another_or_over_the_edge_and_nobody_is_on_two_pages(
    name: str, count: int, people: int
) -> None:
    layout, prints = formats()[name], PRINTS.model_copy(update={"count": count})
    everybody = list(spots(layout, prints, people))
    assert [len(places) for places in everybody] == [count] * people
    seen = {(spot.page, spot.x, spot.y) for places in everybody for spot in places}
    assert len(seen) == count * people
    assert [places[0].page for places in everybody] == sorted(places[0].page for places in everybody)
    for places in everybody:
        assert len({spot.page for spot in places}) == 1
        for spot in places:
            assert 0 <= spot.x <= layout.paper_mm[0] - prints.width_mm
            assert 0 <= spot.y <= layout.paper_mm[1] - prints.height_mm - layout.caption_mm


def _lines(layout: PrintFormat) -> Iterator[tuple[float, float, float, float]]:
    for spot in next(spots(layout, PRINTS, 1)):
        yield from cut_marks(spot, PRINTS, layout.caption_mm)


@pytest.mark.parametrize("name", sorted(formats()))
def test_no_cut_mark_runs_into_a_picture(name: str) -> None:
    layout = formats()[name]
    for x1, y1, x2, y2 in _lines(layout):
        for spot in next(spots(layout, PRINTS, 1)):
            inside_x = spot.x + 0.05 < (x1 + x2) / 2 < spot.x + 32.95
            inside_y = spot.y + 0.05 < (y1 + y2) / 2 < spot.y + 43.95
            assert not (inside_x and inside_y)
        assert caption_lines(layout, row())


@needs_poppler
def test_the_checklist_has_everybody_with_a_picture_by_class(tmp_path: Path) -> None:
    people = [row(number, name=f"人{number}号", class_name=f"{number % 2 + 1}班") for number in range(40)]
    pdf = checklist(
        "示范大学", [PrintedPerson(f"{at:032x}", one) for at, one in enumerate(people)], jpeg, lambda _drawn: None
    )
    said = text_of(pdf, tmp_path)
    for one in people:
        assert said.count(one.student_no) == 1
    assert said.count("示范大学毕业生图像核对表") == 4, "two pages a class"
    listed = subprocess.run(
        ["pdfimages", "-list", tmp_path / "t.pdf"], check=True, capture_output=True, text=True
    ).stdout
    assert len(listed.splitlines()) - 2 == len(people), "a small picture each"
