"""The words on the screens by message id, in every language the booth speaks."""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

LANGUAGES = ("zh_CN", "en")
"""Every language there is a catalog for; the first is the default."""


class MissingText(LookupError):
    """A message id, a language or a message's value is not there."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All messages of one language."""

    language: str
    messages: Mapping[str, str]

    def text(self, message_id: str, **values: object) -> str:
        """Return message `message_id` with `values` put in; raises `MissingText` for an unknown id or value."""
        message = self.messages.get(message_id)
        if message is None:
            raise MissingText(f"no message {message_id!r} in {self.language}: add it to every file of kiosk/text")
        try:
            return message.format_map(values)
        except KeyError as missing:
            raise MissingText(f"message {message_id!r} in {self.language} wants the value {missing}") from None

    def __contains__(self, message_id: str) -> bool:
        return message_id in self.messages


def load(language: str) -> Catalog:
    """Read the catalog of `language` (one of `LANGUAGES`); raises `MissingText` for another."""
    if language not in LANGUAGES:
        raise MissingText(f"no texts for the language {language!r}: choose one of {', '.join(LANGUAGES)}")
    source = resources.files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return Catalog(language, MappingProxyType(dict(_flat(tomllib.loads(source)))))


def load_all() -> Mapping[str, Catalog]:
    """Read every catalog, by language."""
    return MappingProxyType({language: load(language) for language in LANGUAGES})


def placeholders(message: str) -> frozenset[str]:
    """Tell the names of the values a message wants."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(message) if name)


def _flat(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
