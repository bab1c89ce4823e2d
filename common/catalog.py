"""Texts by message id, read from one TOML file per language. The key `name` in section `section` has the id
`section.name`."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

SHORT_NAMES = MappingProxyType({"zh": "zh_CN", "en": "en"})
"""The languages in which the programs have all their texts: the short name, which pages, commands and reports use ->
the name of the files with the texts. The first one is the default."""


class MissingText(LookupError):
    """There is no such message id or language, or a value that a message needs is missing."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All messages of one language. `folder`: the folder of the message files, which error messages name."""

    language: str
    messages: Mapping[str, str]
    folder: str

    def text(self, message_id: str, **values: object) -> str:
        """Message `message_id` with `values` inserted; raises `MissingText` for an unknown id or a missing value."""
        message = self.messages.get(message_id)
        if message is None:
            raise MissingText(f"no message {message_id!r} in {self.language}: add it to every file of {self.folder}")
        try:
            return message.format_map(values)
        except KeyError as missing:
            raise MissingText(f"message {message_id!r} in {self.language} wants the value {missing}") from None

    def __contains__(self, message_id: str) -> bool:
        return message_id in self.messages


def read_messages(package: str, path: str) -> Mapping[str, str]:
    """The messages of the file `path`, which is data of the package `package`, by message id."""
    return messages_in(files(package).joinpath(path).read_text("utf-8"))


def messages_in(text: str) -> Mapping[str, str]:
    """The messages in the content of a file, by message id. Raises `tomllib.TOMLDecodeError`."""
    return MappingProxyType(dict(_flat(tomllib.loads(text))))


def placeholders(message: str) -> frozenset[str]:
    """The names of the values that a message needs."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(message) if name)


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
