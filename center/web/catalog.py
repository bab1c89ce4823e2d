"""The texts of the pages by message id, in Chinese and English. Each task has its own texts in its folder `text`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from common.catalog import SHORT_NAMES, Catalog, read_messages
from rules.check_words import OFFICE, check_messages

DEFAULT = "zh"


@dataclass(frozen=True, slots=True)
class PageCatalog(Catalog):
    """All messages of one language; templates call it."""

    def __call__(self, message_id: str, **values: object) -> str:
        """Message `message_id` with `values` inserted; raises `MissingText`."""
        return self.text(message_id, **values)

    def named(self, group: str, name: str) -> str:
        """Message `group.name`, or `name` itself if there is none: for names that come from booths and profiles."""
        return self.messages.get(f"{group}.{name}", name)


@cache
def catalog(language: str) -> PageCatalog:
    """The catalog of `language`, a key of `SHORT_NAMES`."""
    file = SHORT_NAMES[language]
    messages: dict[str, str] = dict(check_messages(file, OFFICE))
    for path in sorted(Path(__file__).parents[1].glob(f"*/text/{file}.toml")):
        own = read_messages(f"center.{path.parents[1].name}", f"text/{file}.toml")
        twice = own.keys() & messages.keys()
        assert not twice, f"{sorted(twice)} stand in the words of two tasks"
        messages |= own
    return PageCatalog(file, messages, "the text folder of its task in center")


def preferred(accepted: str) -> str:
    """The language for a browser with this `Accept-Language`."""
    for part in accepted.lower().split(","):
        known = part.strip()[:2]
        if known in SHORT_NAMES:
            return known
    return DEFAULT
