"""The texts of the screens by message id, in every language that has a file.

A language is one file, `NAME.toml`, in this folder or in the booth's own folder (`display.texts`). A file in the
booth's own folder replaces the file of the same name here. A new language needs no new code (docs/screens.md).
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from common.catalog import SHORT_NAMES, Catalog, MissingText, messages_in, placeholders
from rules.check_words import BOOTH, check_messages

LANGUAGES = tuple(SHORT_NAMES.values())
"""The languages that come with the program, with recordings of the voice and texts for staff. The first one is the
default."""

VOICE = "app.voice"
"""The only message that a language need not have. It names another language whose recordings are played for this
one."""

_FOLDER = Path(str(files("kiosk.text")))


def languages(own: Path | None = None) -> tuple[str, ...]:
    """Every language that has a file, here or in the folder `own`. The languages of the program come first."""
    found = {path.stem for folder in (_FOLDER, own) if folder is not None for path in folder.glob("*.toml")}
    return (*LANGUAGES, *sorted(found - set(LANGUAGES)))


def for_staff(language: str) -> str:
    """The language of the texts for staff, if the booth's screens begin in `language`: the default language if it has
    none."""
    return language if language in LANGUAGES else LANGUAGES[0]


def load(language: str, own: Path | None = None) -> Catalog:
    """The texts of `language`. The message `language.NAME` is the name of language `NAME` in that language itself.

    A message that is missing or wrong in its file (`faults`) is replaced by the message of the default language. Raises
    `MissingText` if the language has no file that can be read.
    """
    found = languages(own)
    if language not in found:
        raise MissingText(f"no texts for the language {language!r}: choose one of {', '.join(found)}")
    model, messages = _messages(LANGUAGES[0], None), _messages(language, own)
    right = {
        message: text for message, text in messages.items() if message == VOICE or _fits(text, model.get(message, ""))
    }
    names = {f"language.{other}": _name(other, own) for other in found}
    return Catalog(language, MappingProxyType({**model, **right, **names}), "kiosk/text")


def load_all(wanted: Iterable[str] = LANGUAGES, own: Path | None = None) -> Mapping[str, Catalog]:
    """The texts of each language of `wanted`, by its name. Raises `MissingText`."""
    return MappingProxyType({language: load(language, own) for language in wanted})


def _name(language: str, own: Path | None) -> str:
    """The name of a language in that language itself. If its file can't be read, this affects only people who choose
    the language."""
    try:
        return _messages(language, own).get("app.language", language)
    except MissingText:
        return language


def _file(language: str, own: Path | None) -> Path:
    mine = None if own is None else own / f"{language}.toml"
    return mine if mine is not None and mine.exists() else _FOLDER / f"{language}.toml"


@cache
def _messages(language: str, own: Path | None) -> Mapping[str, str]:
    """The messages of a language's file. It may contain texts about checks that are not in `rules/check_words.toml`, or
    replace those that are."""
    path = _file(language, own)
    try:
        messages = messages_in(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise MissingText(
            f"the texts {path} can't be read ({fault}): mend the file or leave the language out"
        ) from None
    return MappingProxyType({**check_messages(language, BOOTH), **messages})


def faults(language: str, own: Path | None = None) -> list[str]:
    """What is wrong with the messages in the file of a language. The screens show each such message in the default
    language.

    An update may bring new messages, and a booth with a language of its own must continue to work without them. Raises
    `MissingText`.
    """
    model, messages = _messages(LANGUAGES[0], None), _messages(language, own)
    found = [f"{message} is missing" for message in model.keys() - messages.keys()]
    found += [f"{message} is no message of the booth" for message in messages.keys() - model.keys() - {VOICE}]
    found += [
        f"{message} wants {', '.join(sorted(placeholders(model[message]))) or 'no value'}"
        for message in model.keys() & messages.keys()
        if not _fits(messages[message], model[message])
    ]
    return sorted(found)


def _fits(text: str, model: str) -> bool:
    """Whether `text` needs the same values as `model`, and they can be inserted."""
    try:
        return placeholders(text) == placeholders(model)
    except ValueError:  # for example, a brace that is not closed
        return False
