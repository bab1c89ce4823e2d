"""What the page of the audit shows of the newest verification of the chain. A job of a task above this one makes the
verification."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from center.platform.sentence import Sentence


class ProofState(StrEnum):
    """The state of a verification."""

    OPEN = "open"  # the verification waits or runs
    DONE = "done"
    ENDED = "ended"  # the verification failed or was cancelled


@dataclass(frozen=True, slots=True)
class ChainProof:
    """A verification that somebody requested. `length`, `hash`, `broken`, `breaks`: its result, if it is done; `broken`
    counts the places where the chain is broken, `breaks` has the first of them.
    """

    state: ProofState
    asked_at: datetime
    ended_at: datetime | None = None
    length: int = 0
    hash: str = ""
    broken: int = 0
    breaks: tuple[tuple[int, Sentence], ...] = ()
    percent: int = 0
    fault: Sentence = field(default_factory=lambda: Sentence(""))


@dataclass(frozen=True, slots=True)
class ChainProofs:
    """What the page may do: `ask` requests a verification (its argument is an account's id), `newest` returns the
    newest one."""

    ask: Callable[[str], None]
    newest: Callable[[], ChainProof | None]
