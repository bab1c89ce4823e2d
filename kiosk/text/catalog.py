"""The words on the screens by message id, in every language that has a file.

A language is one file, `NAME.toml`, in this folder or in the booth's own (`display.texts`); a file in the booth's own
folder replaces the file of the same name here. Adding one takes no code (docs/screens.md).
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from common.catalog import Catalog, MissingText, messages_in, placeholders
from rules.check_words import BOOTH, check_messages

LANGUAGES = ("zh_CN", "en")
"""The program's own languages: they have recordings of its voice, and words for staff. The first is the default."""

VOICE = "app.voice"
"""The one message that may be missing: it names the language whose recordings speak for this one."""

_FOLDER = Path(str(files("kiosk.text")))


def languages(own: Path | None = None) -> tuple[str, ...]:
    """Every language that has a file, here or in the folder `own`; the program's own languages come first."""
    found = {path.stem for folder in (_FOLDER, own) if folder is not None for path in folder.glob("*.toml")}
    return (*LANGUAGES, *sorted(found - set(LANGUAGES)))


def load(language: str, own: Path | None = None) -> Catalog:
    """The texts of `language`, with every language's own name for itself as `language.NAME`.

    Messages that are missing or wrong in its file (`faults`) are in the default language. Raises `MissingText` if the
    language has no file that can be read.
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
    """A language's name for itself. A file that can't be read affects only people who choose its language."""
    try:
        return _messages(language, own).get("app.language", language)
    except MissingText:
        return language


def _file(language: str, own: Path | None) -> Path:
    mine = None if own is None else own / f"{language}.toml"
    return mine if mine is not None and mine.exists() else _FOLDER / f"{language}.toml"


@cache
def _messages(language: str, own: Path | None) -> Mapping[str, str]:
    """A file's messages. The words about checks are in `rules/check_words.toml`, or in the file itself."""
    path = _file(language, own)
    try:
        messages = messages_in(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise MissingText(
            f"the texts {path} can't be read ({fault}): mend the file or leave the language out"
        ) from None
    return MappingProxyType({**check_messages(language, BOOTH), **messages})


def faults(language: str, own: Path | None = None) -> list[str]:
    """What is wrong with the messages of a language's file; each of these is shown in the default language instead.

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
    """Whether `text` takes the values that `model` takes, and can be filled in."""
    try:
        return placeholders(text) == placeholders(model)
    except ValueError:  # a brace that is not closed
        return False
