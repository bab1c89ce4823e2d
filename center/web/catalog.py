"""The words on the pages by message id, in Chinese and English."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = {"zh": "zh_CN", "en": "en"}
"""What a page calls a language -> its file. The first is the default."""

DEFAULT = "zh"


class MissingText(LookupError):
    """A message id or a message's value is not there."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All messages of one language."""

    language: str
    messages: Mapping[str, str]

    def __call__(self, message_id: str, **values: object) -> str:
        """Message `message_id` with `values` put in; raises `MissingText`."""
        message = self.messages.get(message_id)
        if message is None:
            raise MissingText(f"no message {message_id!r} in {self.language}: add it to every file of console/text")
        try:
            return message.format_map(values)
        except KeyError as missing:
            raise MissingText(f"message {message_id!r} in {self.language} wants the value {missing}") from None

    def named(self, group: str, name: str) -> str:
        """Message `group.name`, or `name` itself where there is none: for names that booths and profiles bring."""
        return self.messages.get(f"{group}.{name}", name)


@cache
def catalog(language: str) -> Catalog:
    """The catalog of `language`, a key of `LANGUAGES`."""
    source = files("center.web").joinpath(f"text/{LANGUAGES[language]}.toml").read_text("utf-8")
    return Catalog(language, dict(_flat(tomllib.loads(source))))


def preferred(accepted: str) -> str:
    """The language to speak to somebody whose browser sends this `Accept-Language`."""
    for part in accepted.lower().split(","):
        known = part.strip()[:2]
        if known in LANGUAGES:
            return known
    return DEFAULT


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
