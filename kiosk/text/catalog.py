"""The words on the screens by message id, in every language there is a file for.

A language is one file, `NAME.toml`: of this folder or of one's own (`display.texts`), where a file of the same name
stands for the one here. Adding one takes no code (docs/screens.md).
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
"""Those the program is written in: with recordings of its voice, and words for staff. The first is the default."""

VOICE = "app.voice"
"""The one message that may be missing: the language whose recordings speak for this one."""

_FOLDER = Path(str(files("kiosk.text")))
_TOLD = 5


def languages(own: Path | None = None) -> tuple[str, ...]:
    """Every language there is a file for, here or in one's `own` folder; the program's own first."""
    found = {path.stem for folder in (_FOLDER, own) if folder is not None for path in folder.glob("*.toml")}
    return (*LANGUAGES, *sorted(found - set(LANGUAGES)))


def load(language: str, own: Path | None = None) -> Catalog:
    """The texts of `language`, with every language's own name for itself as `language.NAME`.

    Raises `MissingText` for one without a file, or whose file lacks messages or their values; it names them.
    """
    found = languages(own)
    if language not in found:
        raise MissingText(f"no texts for the language {language!r}: choose one of {', '.join(found)}")
    messages = _messages(language, own)
    _require_complete(language, messages, _file(language, own))
    names = {f"language.{other}": _messages(other, own).get("app.language", other) for other in found}
    return Catalog(language, MappingProxyType({**messages, **names}), "kiosk/text")


def load_all(wanted: Iterable[str] = LANGUAGES, own: Path | None = None) -> Mapping[str, Catalog]:
    """The texts of each language of `wanted`, by its name. Raises `MissingText`."""
    return MappingProxyType({language: load(language, own) for language in wanted})


def _file(language: str, own: Path | None) -> Path:
    mine = None if own is None else own / f"{language}.toml"
    return mine if mine is not None and mine.exists() else _FOLDER / f"{language}.toml"


@cache
def _messages(language: str, own: Path | None) -> Mapping[str, str]:
    """A file's messages. What is said of checks stands in `rules/check_words.toml`, or in the file itself."""
    path = _file(language, own)
    try:
        messages = messages_in(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise MissingText(
            f"the texts {path} can't be read ({fault}): mend the file or leave the language out"
        ) from None
    return MappingProxyType({**check_messages(language, BOOTH), **messages})


def _require_complete(language: str, messages: Mapping[str, str], path: Path) -> None:
    """Raises `MissingText` unless the messages are those of the default language, with the same values."""
    model = _messages(LANGUAGES[0], None)
    wrong = [f"{message} is missing" for message in model.keys() - messages.keys()]
    wrong += [f"{message} is no message of the booth" for message in messages.keys() - model.keys() - {VOICE}]
    for message in model.keys() & messages.keys():
        try:
            if placeholders(messages[message]) != placeholders(model[message]):
                values = ", ".join(sorted(placeholders(model[message]))) or "no value"
                wrong.append(f"{message} wants {values}")
        except ValueError:
            wrong.append(f"{message} has a brace that is not closed")
    if wrong:
        more = f" and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        told = "; ".join(sorted(wrong)[:_TOLD])
        raise MissingText(f"the texts of {language} are not complete ({path}): {told}{more}")
