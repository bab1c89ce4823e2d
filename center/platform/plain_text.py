"""Text that every database keeps: no NUL, no half of a surrogate pair.

PostgreSQL refuses both, SQLite one of them, and each at the moment of writing, when the reason is lost. So text from
outside is looked at where it comes in: forms and addresses (`center.web.gate`), messages (`wire.model`), arguments of
commands (`center.__main__`), cells of foreign tables.
"""

from collections.abc import Iterable

from center.platform.faults import WrongRequest


def is_plain(text: str) -> bool:
    """Whether `text` can be kept by every database."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


def require_plain(texts: Iterable[str]) -> None:
    """Raises `WrongRequest` when one of `texts` can't be kept. The message does not quote it."""
    if not all(map(is_plain, texts)):
        raise WrongRequest("the text holds a character that can't be kept (NUL or half of one): type it anew")
