"""Languages are files: one more of them is one more language of the screens, and what is wrong with it is named."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from common.catalog import MissingText, read_messages
from kiosk.__main__ import main as kiosk
from kiosk.core import events as ev
from kiosk.core.session import machine
from kiosk.core.session.state import State
from kiosk.ports.config import DisplayConfig
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.policy_and_facts import policy_of
from kiosk.text.catalog import LANGUAGES, faults, languages, load, load_all
from kiosk.text.speech import voices
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Text
from kiosk.ui.shell import Shell
from kiosk.ui.viewmodel import view
from rules.check_words import BOOTH, check_messages
from rules.profile import load_profile
from sim.gallery import Known, Shown, gallery
from tests.ui.test_shell import HandClock

FURTHER = languages()[len(LANGUAGES) :]
GALLERY = {shown.name: shown for shown in gallery()}


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(pygame.Surface((720, 1280), depth=32), Fonts(), strict=True)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with a third language, as somebody would write it: every text of the English one, in other words."""
    folder = tmp_path / "texts"
    folder.mkdir()
    write(
        folder, {message: f"{text}*" for message, text in load("en").messages.items()} | {"app.language": "Sternisch"}
    )
    return folder


def write(folder: Path, messages: dict[str, str]) -> None:
    """`xx.toml` with these messages, by their flattened ids."""
    own = {message: text for message, text in messages.items() if not message.startswith("language.")}
    lines = [f"{message} = {_quoted(text)}" for message, text in own.items()]
    (folder / "xx.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def booth_file(tmp_path: Path, texts: Path, wanted: str) -> Path:
    path = tmp_path / "booth.toml"
    path.write_text(f'[display]\ntexts = "{texts}"\nlanguages = {wanted}\n', "utf-8")
    return path


def test_a_file_in_a_folder_is_a_language_that_the_switch_reaches(tmp_path: Path, texts: Path) -> None:
    config = load_config(booth_file(tmp_path, texts, '["zh_CN", "en", "xx"]'))
    policy = policy_of(load_profile("jiangsu-2019"), languages=config.display.from_first)
    session = machine.start(policy, 0).session
    session = machine.step(session, ev.SeasonTold(1, ev.SeasonState.OPEN), policy).session
    seen = [session.language]
    for at in (2, 3, 4):
        session = machine.step(session, ev.Touched(at, ev.Action.LANGUAGE), policy).session
        seen.append(session.language)
    assert seen == ["zh_CN", "en", "xx", "zh_CN"]
    assert session.state is State.ATTRACT


def test_its_screens_are_drawn_in_its_words_and_the_switch_shows_the_next_languages_own_name(texts: Path) -> None:
    catalogs = load_all(("en", "xx"), texts)
    attract = GALLERY["attract"]
    policy = replace(attract.policy, languages=("en", "xx"))
    words = {language: set[str]() for language in catalogs}
    for language, catalog in catalogs.items():
        session = replace(attract.session, language=language)
        ops = draw(view(session, policy, attract.facts, Known(), attract.now_ns), catalog)
        words[language] = {op.text for op in ops if isinstance(op, Text)}
    assert "Sternisch" in words["en"]
    assert "English" in words["xx"]
    assert catalogs["en"].text("attract.title") in words["en"]
    assert f"{catalogs['en'].text('attract.title')}*" in words["xx"]


def test_a_booth_with_one_language_has_no_switch() -> None:
    attract = GALLERY["attract"]
    shown = view(attract.session, replace(attract.policy, languages=("zh_CN",)), attract.facts, Known(), attract.now_ns)
    words = {op.text for op in draw(shown, load("zh_CN")) if isinstance(op, Text)}
    assert words.isdisjoint({load("zh_CN").text(f"language.{other}") for other in languages()})


def test_the_panel_opens_with_the_configured_languages(texts: Path) -> None:
    shell = Shell(DisplayConfig(languages=("zh_CN", "xx"), texts=texts), lambda _: None, HandClock(), headless=True)
    try:
        attract = GALLERY["attract"]
        policy = replace(attract.policy, languages=("xx", "zh_CN"))
        session = replace(attract.session, language="xx")
        shell.show(view(session, policy, attract.facts, Known(), attract.now_ns))
        assert shell.areas
    finally:
        shell.close()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda messages: messages.pop("button.start"), "button.start is missing"),
        (lambda messages: messages.update({"button.fly": "Fly"}), "button.fly is no message of the booth"),
        (lambda messages: messages.update({"button.retake": "Again"}), "button.retake wants left"),
        (lambda messages: messages.update({"button.start": "Go {"}), "button.start wants no value"),
    ],
)
def test_what_a_file_lacks_is_named_and_shown_in_the_default_language(
    tmp_path: Path,
    texts: Path,
    spoil: Callable[[dict[str, str]], object],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    messages = dict(load("xx", texts).messages)
    spoil(messages)
    folder = tmp_path / "spoiled"
    folder.mkdir()
    write(folder, messages)
    assert faults("xx", folder) == [told]
    assert kiosk(["config", str(booth_file(tmp_path, folder, '["zh_CN", "xx"]'))]) == 0
    assert f"the texts of xx are shown in zh_CN where they are not right: {told}\n" in capsys.readouterr().err
    message = told.split(" ")[0]
    assert load("xx", folder).messages.get(message) == load("zh_CN").messages.get(message, "Fly")
    assert kiosk(["config", str(booth_file(tmp_path, folder, '["zh_CN", "en"]'))]) == 0
    assert capsys.readouterr().err == ""  # a language that is not offered disturbs nobody


def test_a_language_without_a_file_and_a_file_that_is_none_are_named(tmp_path: Path, texts: Path) -> None:
    with pytest.raises(ConfigFault, match="no texts for the language 'fr': choose one of zh_CN, en, xx, zh_TW"):
        load_config(booth_file(tmp_path, texts, '["zh_CN", "fr"]'))
    (texts / "yy.toml").write_bytes(b"title = \xff")
    load_config(booth_file(tmp_path, texts, '["zh_CN", "xx"]'))
    with pytest.raises(ConfigFault, match=r"yy\.toml can't be read"):
        load_config(booth_file(tmp_path, texts, '["zh_CN", "yy"]'))


def test_a_file_of_ones_own_stands_for_the_programs(texts: Path) -> None:
    (texts / "xx.toml").rename(texts / "en.toml")
    assert load("en", texts).text("attract.title") == f"{load('en').text('attract.title')}*"
    with pytest.raises(MissingText, match="no texts for the language 'xx'"):
        load("xx", texts)


def test_the_voice_speaks_where_there_are_recordings_or_a_language_names_them(tmp_path: Path, texts: Path) -> None:
    assert voices(("zh_CN", "zh_TW", "en")) == {"zh_CN": "zh_CN", "zh_TW": "zh_CN", "en": "en"}
    assert voices(("en", "xx"), texts) == {"en": "en"}
    (tmp_path / "recordings" / "xx").mkdir(parents=True)
    assert voices(("en", "xx"), texts, tmp_path / "recordings") == {"en": "en", "xx": "xx"}


@pytest.mark.parametrize("language", languages())
def test_every_language_of_the_program_is_complete_and_says_the_same_values(language: str) -> None:
    assert faults(language) == [], f"say it in kiosk/text/{language}.toml or rules/check_words.toml, too"


@pytest.mark.parametrize("language", languages())
def test_the_words_about_each_check_are_in_the_table_only(language: str) -> None:
    own = read_messages("kiosk.text", f"{language}.toml").keys()
    assert check_messages(language, BOOTH).keys() == check_messages(LANGUAGES[0], BOOTH).keys()
    assert own & check_messages(LANGUAGES[0], BOOTH).keys() == set()


def test_the_traditional_texts_hold_no_simplified_character() -> None:
    said = "".join(load("zh_TW").messages[message] for message in load("zh_TW").messages if message != "language.zh_CN")
    # Big5 has the traditional forms only; what it lacks of ours are signs, not characters.
    assert {char for char in said if re.match(r"[㐀-鿿]", char) and not _in_big5(char)} == set()


def _in_big5(char: str) -> bool:
    try:
        return bool(char.encode("big5"))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize("language", FURTHER)
@pytest.mark.parametrize("shown", GALLERY.values(), ids=lambda shown: shown.name)
def test_every_text_of_a_further_language_fits_and_has_its_shapes(
    shown: Shown, language: str, painter: Painter
) -> None:
    session = replace(shown.session, language=language)
    policy = replace(shown.policy, languages=languages())
    painter.paint(draw(view(session, policy, shown.facts, Known(), shown.now_ns), load(language)), {})
    painter.forget()
