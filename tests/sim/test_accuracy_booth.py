"""Photographed people in the whole booth: how their visits are counted, and that they come at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.accuracy.bars import bars_of_booth
from bench.accuracy.booth import Visit, Visitor, booth_figures, visit, visitors
from rules.checks import CheckId

GOOD = Visit("neutral", "001", smiles=False, photo=True, takes=1, seconds=22.0, told=("guide.hold_still",))


def test_only_a_first_take_without_a_failed_check_and_without_a_long_wait_is_clean() -> None:
    assert GOOD.clean
    assert not replace(GOOD, takes=2).clean
    assert not replace(GOOD, failed=("neutral",), flags=("required_failed",)).clean
    assert not replace(GOOD, flags=("tried_in_vain",)).clean
    assert not replace(GOOD, photo=False, help="no_legal_photo").clean


def test_visits_are_counted_by_set_and_together_and_who_could_not_be_seated_is_named() -> None:
    found = [
        GOOD,
        replace(GOOD, set="rest", who="a", faulty=True, takes=2, seconds=40.0, told=("guide.chin_up", "guide.chin_up")),
        replace(GOOD, set="rest", who="b", photo=False, help="no_legal_photo"),
        Visit("close", "c", smiles=False, unseated="cut too tightly"),
    ]
    study = booth_figures(found)
    everybody = study["rest"]["all"]
    assert (everybody["photo"]["count"], everybody["photo"]["of"], everybody["clean"]["count"]) == (2, 3, 1)
    assert (everybody["clean_of_faultless"]["count"], everybody["clean_of_faultless"]["of"]) == (1, 2)
    assert everybody["seconds"] == [31.0, 38.2, 40.0]
    assert everybody["instructions"] == {"guide.hold_still": 2, "guide.chin_up": 1}, "once a person"
    assert everybody["unseated"] == ["close/c"]
    assert study["rest"]["close"]["photo"]["share"] is None
    assert [one["who"] for one in study["not_clean"]] == ["rest/a", "rest/b"]


def test_a_smile_is_caught_unless_its_first_take_is_clean() -> None:
    smiling = [replace(GOOD, who=str(k), smiles=True, failed=("neutral",) if k else ()) for k in range(10)]
    study = booth_figures([GOOD, *smiling])
    assert (study["smiles"]["caught"]["count"], study["smiles"]["passed"]) == (9, ["0"])
    held = {bar.promise: bar.holds for bar in bars_of_booth({"booth": study})}
    assert held == {
        "people at rest in the booth: a photo": True,
        "people at rest in the booth: the first take, no check failed": True,
        "smiles at the shot, caught": True,
    }


def test_without_portraits_nothing_is_promised() -> None:
    assert [bar.holds for bar in bars_of_booth({"booth": None})] == [None]


def test_a_fringe_is_right_to_fail(tmp_path: Path) -> None:
    (tmp_path / "neutral").mkdir()
    (tmp_path / "smiling").mkdir()
    for name in ("neutral/1.jpg", "neutral/2.jpg", "smiling/2.jpg"):
        (tmp_path / name).touch()
    head = "id,pupil_l_x,pupil_l_y,pupil_r_x,pupil_r_y,hair_top_y,chin_y,face_l_x,face_r_x,brows_covered"
    (tmp_path / "labels.csv").write_text(f"{head}\n1,1,1,2,1,0,3,0,3,yes\n", encoding="utf-8")
    first, second, smiling = visitors(tmp_path)
    assert first.shows == {CheckId.HAIR_BROWS, CheckId.HAIR_EYES}
    assert (second.shows, second.smiling) == (frozenset(), None)
    assert smiling == replace(second, smiling=tmp_path / "smiling" / "2.jpg")


def test_a_folder_with_nobody_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no portraits"):
        visitors(tmp_path)


def test_a_portrait_without_a_face_is_not_seated(tmp_path: Path) -> None:
    (tmp_path / "grey.jpg").write_bytes(b"no picture")
    seen = visit(Visitor("neutral", tmp_path / "grey.jpg"), "national-2017")
    assert seen.unseated is not None
    assert "grey.jpg is not a picture" in seen.unseated


@pytest.mark.slow
def test_a_photographed_graduate_leaves_with_a_photo(request: pytest.FixtureRequest) -> None:
    folder = request.config.getoption("--faces")
    if folder is None:
        pytest.skip("NOT RUN, no portraits: give a labelled folder with --faces FOLDER")
    seen = visit(visitors(Path(folder))[-1], "national-2017")
    assert seen.photo
    assert "guide.hold_still" in seen.told
