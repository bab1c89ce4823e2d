"""What the prepare screen says of each rule, from what the booth sees."""

import pytest

from kiosk.core.session.quality import NOBODY, Judgement, judge
from kiosk.text.catalog import load
from kiosk.ui.viewmodel.preparing import CHECKS, instruction, preparations
from rules.checks import CheckId
from rules.profile import load_profile, profile_names

JIANGSU = load_profile("jiangsu-2019")
WELL: dict[CheckId, float | None] = {
    CheckId.TOP_COLOUR: 70.0,
    CheckId.GLASSES: 5.0,
    CheckId.HAIR_EYES: -3.0,
    CheckId.HAIR_BROWS: 0.1,
    CheckId.EARS: 0.6,
    CheckId.JEWELLERY: 0.1,
}


def seen(**values: float | None) -> Judgement:
    """Somebody who is well dressed but for `values`, by the checks' names."""
    return judge({**WELL, **{CheckId(name): value for name, value in values.items()}}, JIANGSU.live_rules)


def marks(looks: Judgement | None, *, jewellery_off: bool = False) -> dict[str, bool | None]:
    shown = preparations(JIANGSU.prepare, looks, jewellery_off=jewellery_off)
    return {one.rule.removeprefix("prepare."): one.met for one in shown}


def test_a_rule_is_ticked_when_all_its_checks_pass() -> None:
    ticked = {"white_top": True, "glasses_off": True, "hair_off_face": True}
    assert marks(seen()) == {**ticked, "no_jewellery": None, "hair_down": None, "no_makeup": None}


def test_jewellery_is_ticked_by_the_graduate_and_contradicted_by_what_is_seen() -> None:
    """The booth misses small earrings: that it sees none is no tick."""
    assert marks(seen(), jewellery_off=True)["no_jewellery"] is True
    assert marks(seen(jewellery=9.0), jewellery_off=True)["no_jewellery"] is False
    assert marks(None, jewellery_off=True)["no_jewellery"] is True
    assert "no_jewellery" not in {one.rule for one in preparations((), seen(), jewellery_off=True)}


def test_one_failed_check_of_a_rule_is_enough() -> None:
    assert marks(seen(hair_brows=0.9))["hair_off_face"] is False
    assert marks(seen(ears=0.1))["hair_off_face"] is False, "also where the profile only warns"


def test_what_could_not_be_told_is_neither_ticked_nor_called_wrong() -> None:
    assert marks(seen(ears=None))["hair_off_face"] is None
    assert set(marks(None).values()) == {None}
    assert set(marks(NOBODY).values()) == {None}


@pytest.mark.parametrize("rules", [JIANGSU.prepare, ()])
def test_a_covered_face_is_told_without_a_rule_but_after_what_covers_it_and_has_words(rules: tuple[str, ...]) -> None:
    assert instruction(rules, seen(occlusion=0.3), jewellery_off=True) == "guide.uncover_face"
    with_glasses = instruction(rules, seen(occlusion=0.3, glasses=40.0), jewellery_off=True)
    assert with_glasses == ("guide.glasses" if rules else "guide.uncover_face")
    assert instruction(rules, seen(occlusion=0.01), jewellery_off=True) in ("prepare.met", "prepare.looking")


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        (None, "prepare.looking"),
        (NOBODY, "guide.face_none"),
        (seen(), "prepare.met"),
        (seen(ears=None), "prepare.looking"),
        (seen(glasses=40.0), "guide.glasses"),
        (seen(glasses=40.0, hair_brows=0.9), "guide.glasses"),
        (seen(top_colour=10.0), "guide.white_top"),
    ],
)
def test_one_thing_is_said_at_a_time(looks: Judgement | None, words: str) -> None:
    assert instruction(JIANGSU.prepare, looks, jewellery_off=True) == words
    assert words in load("zh_CN")
    asked = words if words.startswith("guide.") or looks is None else "prepare.ask_jewellery"
    assert instruction(JIANGSU.prepare, looks, jewellery_off=False) == asked
    assert instruction((), looks, jewellery_off=False) in ("guide.face_none", "prepare.looking"), "nothing is asked for"


def test_what_the_notice_does_not_ask_for_is_not_said() -> None:
    national = load_profile("national-2017")
    assert "prepare.white_top" not in national.prepare
    looks = judge({CheckId.TOP_COLOUR: 10.0, CheckId.TOP_CONTRAST: 40.0}, national.live_rules)
    assert instruction(national.prepare, looks, jewellery_off=True) != "guide.white_top"


def test_every_rule_with_checks_is_some_profiles() -> None:
    assert set(CHECKS) <= {rule for name in profile_names() for rule in load_profile(name).prepare}
