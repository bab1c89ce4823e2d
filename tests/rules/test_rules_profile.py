"""Profiles are strict data: what they hold, and what is refused."""

import re
from pathlib import Path

import pytest

from rules.check_words import check_unit
from rules.checks import GUIDANCE_ORDER, LIVE_ONLY, CheckId, Limit, Policy
from rules.profile import (
    BackgroundMode,
    IdentificationRule,
    Prepare,
    Profile,
    ProfileError,
    load_profile,
    profile_names,
    read_profile,
)
from rules.season import load_season

JIANGSU = Path(__file__).parents[2] / "rules" / "profiles" / "jiangsu-2019.toml"


def edited(old: str, new: str) -> str:
    """The default profile's text with one place changed."""
    text = JIANGSU.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def test_both_profiles_come_with_the_booth() -> None:
    assert profile_names() == ("jiangsu-2019", "jiangsu-2025", "national-2017")


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_is_whole(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.title.zh
    assert profile.title.en
    assert profile.prepare
    assert set(profile.checks) == set(CheckId)
    assert load_season(profile.season)
    sheet = profile.prints
    assert sheet.width_mm / sheet.height_mm == profile.photo.width_px / profile.photo.height_px


@pytest.mark.parametrize("check", CheckId)
def test_what_a_check_measures_is_the_same_in_every_profile_and_said_in_chinese(check: CheckId) -> None:
    assert len({load_profile(name).checks[check].unit for name in profile_names()}) == 1
    assert re.search(r"[㐀-鿿]", check_unit(check, "zh_CN") or ""), "say it in rules/check_words.toml"


@pytest.mark.parametrize("name", profile_names())
def test_both_profiles_hold_the_national_file_and_geometry(name: str) -> None:
    photo = load_profile(name).photo
    assert (photo.width_px, photo.height_px, photo.dpi) == (480, 640, 300)
    assert (photo.bytes_min, photo.bytes_max, photo.jpeg_quality_min) == (30_720, 40_000, 60)
    assert (photo.hair_top_px.min, photo.hair_top_px.max) == (50, 110)
    assert (photo.eyes_px.min, photo.eyes_px.max) == (200, 300)
    assert (photo.face_width_px.min, photo.face_width_px.max) == (180, 300)
    assert (photo.centre_px.min, photo.centre_px.max) == (228, 252)
    assert photo.min_margin_px == 5
    assert photo.max_scale == 1


def test_the_two_notices_differ_where_they_say_so() -> None:
    jiangsu, national = load_profile("jiangsu-2019"), load_profile("national-2017")
    assert Prepare.WHITE_TOP in jiangsu.prepare
    assert Prepare.WHITE_TOP not in national.prepare
    assert jiangsu.checks[CheckId.GLASSES].policy is Policy.REQUIRED
    assert national.checks[CheckId.GLASSES].policy is Policy.OFF
    assert national.checks[CheckId.GLARE].policy is Policy.REQUIRED
    assert national.checks[CheckId.TOP_CONTRAST].policy is Policy.REQUIRED


def test_the_reported_profile_differs_only_where_its_reports_say_so() -> None:
    notice, reported = load_profile("jiangsu-2019"), load_profile("jiangsu-2025")
    assert reported.source.startswith("reported: ")
    assert (notice.fee_yuan, notice.prints.count) == (12, 6)
    assert (reported.fee_yuan, reported.prints.count) == (15, 5)
    assert Prepare.GLASSES_CLEAR in reported.prepare
    assert reported.checks[CheckId.GLASSES].policy is Policy.OFF
    differing = {check for check in CheckId if notice.checks[check] != reported.checks[check]}
    assert differing == {CheckId.GLASSES}
    assert reported.checks[CheckId.GLASSES].source.startswith("reported: ")


@pytest.mark.parametrize("name", ["jiangsu-2019", "jiangsu-2025"])
def test_jiangsu_asks_for_both_papers_and_accepts_either(name: str) -> None:
    profile = load_profile(name)
    assert profile.to_bring is IdentificationRule.BOTH
    assert profile.identification is IdentificationRule.EITHER


def test_the_default_profile_says_what_the_notice_says() -> None:
    profile = load_profile("jiangsu-2019")
    assert profile.identification is IdentificationRule.EITHER
    assert profile.background.rgb == (100, 197, 255)
    assert profile.background.mode is BackgroundMode.REPLACE
    assert profile.takes == 3
    assert profile.prints.count == 6
    assert "id_number" not in profile.file_name


def test_guidance_names_every_check_once_and_puts_the_face_first_and_expression_last() -> None:
    assert sorted(GUIDANCE_ORDER) == sorted(CheckId)
    steps = [
        CheckId.ONE_FACE,
        CheckId.EXPOSURE,
        CheckId.BACKGROUND_EVEN,
        CheckId.ROLL,
        CheckId.GLASSES,
        CheckId.NEUTRAL,
    ]
    places = [GUIDANCE_ORDER.index(CheckId(check)) for check in steps]
    assert places == sorted(places)


def test_rules_of_a_stage_come_in_guidance_order_with_the_limits_of_that_stage() -> None:
    profile = load_profile("jiangsu-2019")
    for rules in (profile.live_rules, profile.shot_rules):
        places = [GUIDANCE_ORDER.index(rule.check) for rule in rules]
        assert places == sorted(places)
    live = {rule.check: rule for rule in profile.live_rules}
    shot = {rule.check: rule for rule in profile.shot_rules}
    assert live[CheckId.ROLL].limit == Limit(-3, 3)
    assert shot[CheckId.ROLL].limit == Limit(-4.4, 4.4)
    assert shot[CheckId.ROLL].policy is Policy.REQUIRED
    assert CheckId.FILE not in live
    assert CheckId.DISTANCE not in shot


def test_a_check_may_mean_less_of_the_shot_than_live() -> None:
    profile = load_profile("jiangsu-2019")
    live, shot = ({rule.check: rule.policy for rule in rules} for rules in (profile.live_rules, profile.shot_rules))
    assert (live[CheckId.PITCH], shot[CheckId.PITCH]) == (Policy.REQUIRED, Policy.WARN)
    assert (live[CheckId.YAW], shot[CheckId.YAW]) == (Policy.REQUIRED, Policy.REQUIRED)


def test_framing_checks_are_judged_live_only_and_the_file_at_the_shot_only() -> None:
    profile = load_profile("jiangsu-2019")
    live, shot = ({rule.check for rule in rules} for rules in (profile.live_rules, profile.shot_rules))
    assert live - shot == LIVE_ONLY
    assert {CheckId.FILE, CheckId.HAIR_HEIGHT} <= shot - live


def test_a_range_for_shots_has_no_effect_for_a_check_of_the_live_picture_only() -> None:
    text = edited("live = { min = 0.15, max = 0.27 }", "live = { min = 0.15, max = 0.27 }\nshot = { max = 0.2 }")
    assert not LIVE_ONLY & {rule.check for rule in read_profile("ours", text).shot_rules}


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ProfileError, match=r"no profile 'hubei'; there are: jiangsu-2019, jiangsu-2025, national-2017"):
        load_profile("hubei")


@pytest.mark.parametrize("name", ["../profiles/jiangsu-2019", "", ".", "jiangsu-2019.toml", "/etc/passwd"])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(ProfileError, match="no profile"):
        load_profile(name)


def test_a_folder_of_ones_own_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(edited("takes = 3", "takes = 2"), encoding="utf-8")
    assert profile_names(tmp_path) == ("ours",)
    assert load_profile("ours", tmp_path).takes == 2
    with pytest.raises(ProfileError, match="there are: none"):
        load_profile("ours", tmp_path / "nothing")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("takes = 3", "takes = 0", "takes: Input should be greater than or equal to 1"),
        ("takes = 3", 'takes = "3"', "takes: Input should be a valid integer"),
        ("takes = 3", "takes = 3\nretakes = 4", "retakes: no entry of a profile: delete it or correct its name"),
        ("[prints]", "[prints]\npaper_width_mm = 152.4", "prints.paper_width_mm: no entry of a profile: delete it"),
        ("takes = 3", "", "takes: Field required"),
        ("takes = 3", "takes = 2026-01-01", "date or time"),
        ("takes = 3", "takes = = 3", "not TOML"),
        ('"{student_no}.jpg"', '"{id_number}.jpg"', "file_name"),
        ('"{student_no}.jpg"', '"../{student_no}.jpg"', "file_name"),
        ("rgb = [100, 197, 255]", "rgb = [100, 197, 256]", "background.rgb.2"),
        ('"prepare.white_top"', '"prepare.red_top"', "prepare.0"),
        ('identification = "either"', 'identification = "none"', "identification"),
        ("live = { min = -3, max = 3 }", "live = { min = 3, max = -3 }", "min 3.0 must not be above max -3.0"),
        ("live = { min = -3, max = 3 }", "live = {}", "checks.roll.live: Value error, give min, max or both"),
        ("[checks.roll]", "[checks.rolls]", "checks.rolls"),
        ("aim_eyes_px = 250", "aim_eyes_px = 350", "aim_eyes_px 350.0 must lie between"),
        ("eyes_px = { min = 200, max = 300 }", "eyes_px = { min = 300, max = 200 }", "photo.eyes_px"),
    ],
)
def test_a_wrong_entry_is_named_with_its_place(old: str, new: str, complaint: str) -> None:
    with pytest.raises(ProfileError) as refused:
        read_profile("ours", edited(old, new))
    assert complaint in str(refused.value)
    assert "'ours'" in str(refused.value)


def test_a_check_that_is_left_out_is_named() -> None:
    text = JIANGSU.read_text(encoding="utf-8")
    begin = text.index("[checks.gaze]")
    without = text[:begin] + text[text.index("[checks.mouth_closed]") :]
    with pytest.raises(ProfileError, match="checks without an entry: gaze"):
        read_profile("ours", without)


def test_a_check_judged_nowhere_is_refused() -> None:
    text = edited(
        '[checks.file]\npolicy = "required"\nunit = "faults of the file"\nshot = { max = 0 }\n',
        '[checks.file]\npolicy = "required"\nunit = "faults of the file"\n',
    )
    with pytest.raises(ProfileError, match="give a range for live, shot or both"):
        read_profile("ours", text)


def test_a_profile_is_frozen() -> None:
    profile = load_profile("jiangsu-2019")
    assert isinstance(profile, Profile)
    with pytest.raises(ValueError, match="frozen"):
        setattr(profile, "takes", 5)  # noqa: B010 - the type checker would refuse the plain form


_SIZE = "width_px = 295\nheight_px = 413\ndpi = 300\nbytes_min = 1\nbytes_max = 30000\njpeg_quality_min = 60\n"


def test_further_sizes_have_names_of_their_own_and_are_never_enlarged() -> None:
    text = JIANGSU.read_text(encoding="utf-8")
    profile = read_profile("x", f'{text}\n[[more_sizes]]\nname = "一寸"\n{_SIZE}')
    assert [(one.name, one.width_px) for one in profile.more_sizes] == [("一寸", 295)]
    assert load_profile("jiangsu-2019").more_sizes == ()
    for name, sizes in (
        ("same name", [("a", _SIZE), ("A", _SIZE)]),
        ("enlarged", [("a", _SIZE.replace("413", "900"))]),
        ("bytes_min", [("a", _SIZE.replace("bytes_min = 1\n", "bytes_min = 40000\n"))]),
        ("name", [("../x", _SIZE)]),
    ):
        more = "".join(f'\n[[more_sizes]]\nname = "{one}"\n{rest}' for one, rest in sizes)
        with pytest.raises(ProfileError, match=name):
            read_profile("x", text + more)
