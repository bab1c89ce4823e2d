"""Interprets the office's answers; makes no request.

An answer about a shot becomes one of five values, so that no answer of a network, a proxy or a captive portal raises an
exception:

    Accepted   the office's receipt for exactly our bytes
    Unknown    the office doesn't have this shot
    Foreign    the office has this shot from another booth, and tells this booth nothing else about it
    Refused    the office will never accept this shot as it is: staff must look
    Later      try again; `office_wide` if every other shot would fail too
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from wire.digest import format_digest
from wire.faults import MessageError
from wire.heartbeat import HeartbeatAnswer
from wire.model import PROTOCOL_VERSION, WireModel
from wire.problem import MEDIA_TYPE, Problem, ProblemType
from wire.receipt import Receipt

M = TypeVar("M", bound=WireModel)

OF_ALL = (401, 410, 429)
"""Statuses that refuse the booth itself, so that every request would get them."""

PERMANENT_REFUSALS = frozenset(
    {
        ProblemType.BAD_REQUEST,
        ProblemType.FORBIDDEN,
        ProblemType.OTHER_DIGEST,
        ProblemType.TOO_LARGE,
        ProblemType.BAD_ENVELOPE,
    }
)
"""The refusals that would be the same if the booth tried again."""

OTHER_VERSION = f"the office does not speak version {PROTOCOL_VERSION} of the messages: update the older one of both"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The office has our bytes, and its receipt was checked against them."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Unknown:
    """The office does not know the shot."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """The office got the shot from another booth, or from this booth under a former name."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The office will never take these bytes. `reason`: the status and the problem; nothing personal."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """No result for now. `after_s`: how long the office asks to wait. `office_wide`: every other request would probably
    fail, too. `of_booth`: every other request would certainly fail, because the office refuses this booth itself.
    """

    reason: str
    after_s: float | None = None
    office_wide: bool = False
    of_booth: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Alive:
    """The office answered; `office_time` is the time of its clock."""

    office_time: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the network in answer to a request: status, media type and body of the HTTP answer.
    `retry_after_s`: how long it asks to wait."""

    status: int
    kind: str
    body: bytes
    retry_after_s: float | None


def message_of(answer: Answer, kind: type[M]) -> M | Later:
    """The message, if the answer is one of this kind."""
    try:
        return kind.decode(answer.body)
    except MessageError:
        return Later("something else than the office answers at its address", office_wide=True)


def optional_message_of(answer: Answer, kind: type[M]) -> M | Later:
    """The answer to a request that an older office does not know; such an office still answers other requests."""
    if answer.status == 200:
        return message_of(answer, kind)
    trouble = trouble_of(answer)
    # Only the requests that every office answers show whether the office has failed as a whole.
    alone = answer.status in (404, 405) or answer.status >= 500
    everything = isinstance(trouble, Later) and trouble.office_wide and not alone
    return Later(trouble.reason, answer.retry_after_s, office_wide=everything)


def alive_of(answer: HeartbeatAnswer | Later) -> Alive | Later:
    """The office's time, if the office answered."""
    return answer if isinstance(answer, Later) else Alive(answer.office_time)


def receipt_of(answer: Answer, shot_id: str, sha256: bytes) -> Accepted | Later:
    """The receipt, if the answer is a receipt for these bytes."""
    try:
        receipt = Receipt.decode(answer.body)
    except MessageError:
        return Later(f"{answer.status} without a receipt: something else answers at the office's address", None, True)
    if receipt.shot_id != shot_id or receipt.digest != format_digest(sha256):
        return Later("the receipt is for other bytes than ours")
    return Accepted(receipt)


def trouble_of(answer: Answer) -> Refused | Later:
    """What an answer without a result means: the office will never accept these bytes, or the booth tries again."""
    problem = problem_of(answer)
    if problem is not None and _of_another_version(answer, problem):
        return Later(f"{answer.status}: {OTHER_VERSION}", None, office_wide=True, of_booth=True)
    reason = reason_of(answer, problem)
    if problem is not None and problem.type in PERMANENT_REFUSALS and 400 <= answer.status < 500:
        return Refused(reason)
    # An unexplained status 500 may be caused by this shot; every other failure would also meet the next shot.
    office_wide = answer.status != 500 and (problem is None or problem.type is not ProblemType.DIGEST_MISMATCH)
    return Later(reason, answer.retry_after_s, office_wide, of_booth=answer.status in OF_ALL)


def reason_of(answer: Answer, problem: Problem | None) -> str:
    """The status and the problem's name, for staff."""
    name = problem.type.rpartition("/")[2] if problem is not None else "no reason given"
    return f"{answer.status} {name}"


def _of_another_version(answer: Answer, problem: Problem) -> bool:
    """Whether the office has another protocol version: an office of version 1 answers 404, a newer office names its
    version."""
    unknown_address = answer.status in (404, 405) and problem.type is ProblemType.BAD_REQUEST
    return unknown_address or problem.type is ProblemType.OTHER_VERSION


def problem_of(answer: Answer) -> Problem | None:
    """The office's own refusal; None if the answer is from a proxy or from an office newer than this booth."""
    if answer.kind != MEDIA_TYPE:
        return None
    try:
        return Problem.decode(answer.body)
    except MessageError:
        return None
