"""A photo at the desk: identified, judged, cut, sealed and saved as at a booth, with its origin."""

import io
from pathlib import Path

import pytest
from PIL import Image

from kiosk.desk.studio import Studio
from kiosk.desk.view import DeskView
from kiosk.text.catalog import load
from kiosk.vision.checks.genuine import PictureDoubt
from rules.filecheck import check_file
from rules.idnumber import mask_id_number
from rules.profile import load_profile
from tests.desk.conftest import CONSENT, ID_NUMBER, ROW, STUDENT, Desk, a_desk

PROFILE = load_profile("jiangsu-2019")


def use(desk: Desk, portrait: bytes, **form: str) -> dict[str, object]:
    state = desk.post("/file", portrait)
    assert state["photo"], state["said"]
    desk.post("/use", form)
    return desk.until(lambda state: state["step"] == "done")


def test_a_camera_file_becomes_a_sealed_shot_of_the_roster_s_person(desk: Desk, portrait: bytes) -> None:
    state = desk.post("/who", CONSENT | {"code": STUDENT, "kind": "id_card", "number": ID_NUMBER})
    assert state["step"] == "photo"
    person = state["person"]
    assert isinstance(person, dict)
    assert person["name"] == "王*", "the screen shows no whole name"
    assert person["number"] == mask_id_number(ID_NUMBER)
    done = use(desk, portrait)
    (shot,) = desk.saved()
    manifest = shot.manifest
    assert manifest.booth_id == "desk-1"
    assert manifest.person.student_no == STUDENT
    assert manifest.identified_by == "both"
    assert "staff_desk" in manifest.flags
    assert not {"code_only", "provisional_row", "other_document"} & set(manifest.flags)
    assert manifest.receipt == done["receipt"]
    assert manifest.consent_version == PROFILE.consent.version
    assert check_file(shot.photo, PROFILE.photo) == ()
    assert shot.original is not None, "staff at the office can cut it anew"
    assert {row["id"] for row in manifest.checks} >= {"one_face", "position", "file", "live_person"}


def test_nothing_is_looked_up_before_the_graduate_agrees(desk: Desk) -> None:
    state = desk.post("/who", {"code": STUDENT})
    assert state["step"] == "who"
    assert "同意" in str(state["said"])


def test_a_student_number_alone_is_flagged_as_at_a_booth(desk: Desk, portrait: bytes) -> None:
    desk.post("/who", CONSENT | {"code": STUDENT})
    use(desk, portrait)
    (shot,) = desk.saved()
    assert shot.manifest.identified_by == "code"
    assert {"staff_desk", "code_only"} <= set(shot.manifest.flags)


def test_a_passport_on_no_roster_gets_a_provisional_row(desk: Desk, portrait: bytes) -> None:
    form = CONSENT | {"kind": "passport", "number": "e1234567"}
    assert "姓名" in str(desk.post("/who", form)["said"]), "staff complete the row by the name"
    desk.post("/who", form | {"name": "ANNA LEE"})
    use(desk, portrait)
    (shot,) = desk.saved()
    assert shot.manifest.person.id_number == "E1234567"
    assert shot.manifest.person.name == "ANNA LEE"
    assert {"staff_desk", "other_document", "provisional_row"} <= set(shot.manifest.flags)


def test_a_passport_beside_the_student_number_keeps_the_row_s_own_number(desk: Desk, portrait: bytes) -> None:
    form = CONSENT | {"code": STUDENT, "kind": "passport", "number": "E1234567"}
    assert "不是同一人" in str(desk.post("/who", form | {"name": "李四"})["said"])
    assert desk.post("/who", form | {"name": "王小明"})["step"] == "photo"
    use(desk, portrait)
    (shot,) = desk.saved()
    assert shot.manifest.person.id_number == ID_NUMBER, "by it the photo is delivered"
    assert "other_document" in shot.manifest.flags


def test_a_number_and_a_document_of_two_people_go_no_further(desk: Desk) -> None:
    state = desk.post("/who", CONSENT | {"code": STUDENT, "kind": "id_card", "number": "11010519900101111X"})
    assert state["step"] == "who"
    assert "不是同一人" in str(state["said"])


@pytest.mark.parametrize(
    ("kind", "number", "told"),
    [
        ("id_card", "110105194912310021", "校验码"),
        ("id_card", "1101051949", "18 位"),
        ("passport", "ABCDEFGH", "护照号"),
        ("hm_permit", "A12345678", "港澳"),
        ("taiwan_permit", "123", "台胞证"),
        ("ticket", "1", "证件种类"),
    ],
)
def test_a_wrong_number_is_named_by_its_kind(desk: Desk, kind: str, number: str, told: str) -> None:
    said = str(desk.post("/who", CONSENT | {"kind": kind, "number": number})["said"])
    assert told in said
    assert number not in said


def test_a_picture_without_a_person_or_of_no_format_is_explained(desk: Desk, portrait: bytes) -> None:
    desk.post("/who", CONSENT | {"code": STUDENT})
    assert "不是可识别的图片" in str(desk.post("/file", b"no picture")["said"])
    assert "不完整" in str(desk.post("/file", portrait[: len(portrait) // 2])["said"])
    assert desk.post("/use")["step"] == "photo", "nothing can be used yet"
    assert desk.saved() == []


def test_a_screenshot_is_told_before_it_is_used(desk: Desk, portrait: bytes) -> None:
    picture = Image.open(io.BytesIO(portrait))
    bars = Image.new("RGB", (picture.width, picture.height + 400), (0, 0, 0))
    bars.paste(picture, (0, 200))
    out = io.BytesIO()
    bars.save(out, "PNG")
    desk.post("/who", CONSENT | {"code": STUDENT})
    photo = desk.post("/file", out.getvalue())["photo"]
    assert isinstance(photo, dict)
    assert any("截屏" in words for _, words in photo["findings"])


def test_an_exception_is_flagged_by_its_check_and_nothing_else(desk: Desk, portrait: bytes) -> None:
    desk.post("/who", CONSENT | {"code": STUDENT})
    use(desk, portrait, reason="eyes", wrong="yes")
    (shot,) = desk.saved()
    assert {"exception_eyes", "data_wrong"} <= set(shot.manifest.flags)
    assert "required_failed" not in shot.manifest.flags


def test_who_was_photographed_on_campus_is_reported_and_flagged(tmp_path: Path, portrait: bytes) -> None:
    with a_desk(tmp_path, photographed=True) as desk:
        state = desk.post("/who", CONSENT | {"code": STUDENT})
        person = state["person"]
        assert isinstance(person, dict)
        assert "已有照片" in str(person["note"])
        use(desk, portrait)
        (shot,) = desk.saved()
    assert "by_appointment" in shot.manifest.flags


@pytest.mark.parametrize("grey", [False, True])
def test_what_the_clerk_is_told_of_a_photo_reviewers_are_told(desk: Desk, portrait: bytes, *, grey: bool) -> None:
    if grey:
        out = io.BytesIO()
        Image.open(io.BytesIO(portrait)).convert("L").convert("RGB").save(out, "JPEG", quality=92)
        portrait = out.getvalue()
    desk.post("/who", CONSENT | {"code": STUDENT})
    photo = desk.post("/file", portrait)["photo"]
    assert isinstance(photo, dict)
    words = {load("zh_CN").text(f"picture.{doubt.value}") for doubt in PictureDoubt}
    doubted = bool(words & {said for _, said in photo["findings"]})
    desk.post("/use")
    desk.until(lambda state: state["step"] == "done")
    (shot,) = desk.saved()
    assert ("picture_doubted" in shot.manifest.flags) is doubted is grey


def test_two_rows_of_one_person_are_chosen_between(tmp_path: Path, portrait: bytes) -> None:
    second = ROW.model_copy(update={"student_no": "2650002", "major": "英语", "class_name": "英语2班"})
    with a_desk(tmp_path, rows=(ROW, second)) as desk:
        state = desk.post("/who", CONSENT | {"kind": "id_card", "number": ID_NUMBER})
        assert state["step"] == "row"
        assert desk.post("/choose", {"number": "7"})["step"] == "row"
        desk.post("/choose", {"number": "1"})
        use(desk, portrait)
        (shot,) = desk.saved()
    assert shot.manifest.person.student_no == "2650002"


def test_only_pictures_that_came_since_are_offered_and_they_are_deleted_once_saved(desk: Desk, portrait: bytes) -> None:
    (desk.pictures / "DSC_0001.JPG").write_bytes(portrait)
    state = desk.post("/who", CONSENT | {"code": STUDENT})
    assert state["names"] == []
    assert "1" in str(state["older"])
    assert desk.post("/open", {"name": "DSC_0001.JPG"})["photo"] is None, "it may be another person's"
    assert desk.post("/open", {"name": "../desk/outbox.sqlite3"})["photo"] is None
    (desk.pictures / "DSC_0002.JPG").write_bytes(portrait)
    assert desk.get("/state").json()["names"] == ["DSC_0002.JPG"]
    assert desk.post("/open", {"name": "DSC_0002.JPG"})["photo"]
    desk.post("/use")
    desk.until(lambda state: state["step"] == "done")
    assert [file.name for file in desk.pictures.iterdir()] == ["DSC_0001.JPG"]


def test_pictures_stay_where_the_configuration_says_so(tmp_path: Path, portrait: bytes) -> None:
    with a_desk(tmp_path, keep=True) as desk:
        desk.post("/who", CONSENT | {"code": STUDENT})
        (desk.pictures / "DSC_0002.JPG").write_bytes(portrait)
        desk.post("/open", {"name": "DSC_0002.JPG"})
        desk.post("/use")
        desk.until(lambda state: state["step"] == "done")
        assert (desk.pictures / "DSC_0002.JPG").exists()


def test_the_next_person_sees_nothing_of_the_one_before(
    desk: Desk, portrait: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied = []

    def forget(studio: Studio) -> None:
        emptied.append(studio)

    monkeypatch.setattr(Studio, "forget", forget)
    desk.post("/who", CONSENT | {"code": STUDENT})
    number = desk.post("/file", portrait)["photo"]
    assert isinstance(number, dict)
    assert desk.get(f"/photo.jpg?number={number['number']}").status_code == 200
    assert emptied == []
    state = desk.post("/next")
    assert len(emptied) == 1, "the networks, too"
    assert (state["step"], state["person"], state["photo"], state["receipt"]) == ("who", None, None, "")
    assert desk.get(f"/photo.jpg?number={number['number']}").status_code == 404
    assert desk.get("/receipt.svg").status_code == 404


@pytest.mark.parametrize(("language", "shown"), [("en", "en"), ("zh_TW", "zh-CN")])
def test_the_page_is_in_a_language_that_staff_have_words_in(language: str, shown: str) -> None:
    assert DeskView(language, PROFILE, 7).fixed(folder=False, webcam=False)["language"] == shown


def test_nothing_personal_is_in_a_name_or_a_log(
    desk: Desk, portrait: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.post("/who", CONSENT | {"code": STUDENT, "kind": "id_card", "number": ID_NUMBER, "name": "王小明"})
    use(desk, portrait)
    said = caplog.text + "".join(capfd.readouterr())
    names = " ".join(str(path) for path in desk.folder.rglob("*"))
    assert not [word for word in (STUDENT, ID_NUMBER, "王小明") if word in said + names]
