"""The texts: the same in every language, all that the booth can say, nothing it can't."""

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

from common.catalog import Catalog, MissingText, placeholders
from kiosk.core.events import FinishFault, SeasonState, ShootFault
from kiosk.core.session.guidance import WORDS
from kiosk.core.session.state import HelpReason, Hint, Reason
from kiosk.text.catalog import LANGUAGES, load, load_all
from kiosk.ui.viewmodel import ADVICE, CONFIRM_FLAGS
from kiosk.vision.checks.checkup import REPORTED
from rules.checks import CheckId
from rules.profile import load_profile, profile_names

ROOT = Path(__file__).parents[2]
CATALOGS = load_all()
CHINESE, ENGLISH = (CATALOGS[language] for language in LANGUAGES)
FAULT = re.compile(r'"(fault\.[a-z_]+)"')


def test_every_language_has_the_same_messages() -> None:
    assert CHINESE.messages.keys() == ENGLISH.messages.keys()


def test_every_language_wants_the_same_values() -> None:
    chinese, english = ({key: placeholders(text) for key, text in one.messages.items()} for one in (CHINESE, ENGLISH))
    assert chinese == english


@pytest.mark.parametrize("catalog", CATALOGS.values(), ids=LANGUAGES)
def test_no_message_is_empty_or_padded(catalog: Catalog) -> None:
    assert [message for message, text in catalog.messages.items() if text != text.strip() or not text] == []


def test_english_is_free_of_chinese_except_the_language_switch() -> None:
    chinese = [message for message, text in ENGLISH.messages.items() if re.search(r"[⺀-鿿＀-￯]", text)]
    assert chinese == ["language.zh_CN", "language.zh_TW"]


def said() -> set[str]:
    """The messages that come from values of the core, the profiles and the adapters."""
    return {
        *WORDS.values(),
        *(f"hint.{hint.value}" for hint in Hint),
        *(f"help.{reason.value}" for reason in HelpReason),
        *(f"season.{season.value}" for season in SeasonState),
        *(f"shoot.{fault.value}" for fault in ShootFault),
        *(f"finish.{fault.value}" for fault in FinishFault),
        *(f"flag.{flag.value}" for flag in CONFIRM_FLAGS),
        *(f"warn.{check}" for check in (*ADVICE, "other")),
        *(f"doubt.{check}" for check in (*ADVICE, "other")),
        *(f"button.reason_{reason.value}" for reason in Reason),
        *(f"again.{check.value}" for check in CheckId),
        "again.other",
        *(rule for name in profile_names() for rule in load_profile(name).prepare),
    }


OFFICIAL = {
    "identify.title_either": "请将身份证放在读卡器上，\n或扫描学生证条码",
    "guide.chin_down": "下巴稍微收一点",
    "prepare.no_jewellery": "摘下耳环和项链",
    "prepare.hair_off_face": "露出眉毛和耳朵",
    "consent.receiver_text": "您的学校、学信网",
    "closed.title": "当前不在补拍办理时间",
    "season.not_a_working_day": "今日非工作日，请于工作日前来办理。",
    "attract.title": "毕业证书照片自助补拍",
}
"""As a public office writes it; each was wrong or clumsy once."""


@pytest.mark.parametrize("message", OFFICIAL)
def test_the_screens_speak_as_an_official_would_write(message: str) -> None:
    assert load("zh_CN").text(message) == OFFICIAL[message]


def test_all_the_core_can_say_has_words() -> None:
    assert said() - CHINESE.messages.keys() == set()


@pytest.mark.parametrize(
    "table", ["guide", "hint", "help", "season", "shoot", "finish", "flag", "warn", "doubt", "again", "prepare"]
)
def test_no_words_are_left_over(table: str) -> None:
    others = {"prepare.title", "prepare.line", "prepare.met", "prepare.looking", "prepare.ask_jewellery"}
    assert {message for message in CHINESE.messages if message.startswith(f"{table}.")} - others <= said()


def test_advice_names_checks_there_are() -> None:
    assert set(ADVICE) <= {check.value for check in CheckId}


def test_every_fault_the_booth_raises_has_words_and_a_remedy() -> None:
    raised = {
        fault for path in (ROOT / "kiosk").rglob("*.py") for fault in FAULT.findall(path.read_text(encoding="utf-8"))
    }
    assert len(raised) > 10
    wanted = raised | {fault.replace("fault.", "remedy.") for fault in raised}
    assert sorted(wanted - CHINESE.messages.keys()) == []


def test_an_unknown_message_names_the_id_and_the_place() -> None:
    with pytest.raises(MissingText, match=r"'guide\.fly' in en: add it to every file of kiosk/text"):
        ENGLISH.text("guide.fly")


def test_a_missing_value_is_named() -> None:
    with pytest.raises(MissingText, match=r"'done\.leave' in en wants the value 'seconds'"):
        ENGLISH.text("done.leave")


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(MissingText, match="'fr': choose one of zh_CN, en, zh_TW"):
        load("fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reported_check_has_words_for_both_sides_of_its_limit(language: str) -> None:
    catalog = load(language)
    missing = [f"check.{check}.{side}" for check in REPORTED for side in ("low", "high")]
    assert [words for words in missing if words not in catalog] == []


NAMED = re.compile(r"kiosk (doctor|models)(?: ([a-z]+))?")


@pytest.mark.parametrize("catalog", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
def test_every_command_that_a_remedy_names_can_be_run_as_it_stands(catalog: Catalog) -> None:
    named = {found.groups("") for message in catalog.messages.values() for found in NAMED.finditer(message)}
    assert ("models", "fetch") in named
    for verb, argument in named:
        parser = argparse.ArgumentParser()
        import_module(f"kiosk.commands.{verb}").configure(parser)
        parser.parse_args([argument] if argument else [])  # ends the test where it is no use
