"""The refusals of the office.

OfficeFault (Exception)
├── Conflict             the state has changed since the asker last read it (HTTP 409)
│   ├── SentBefore       this form arrived before: it is not done a second time
│   ├── MovedOn          somebody else was faster: names who and when
│   ├── DecisionFinal    too late for undo: the booth may have been told
│   ├── ApprovedAlready  the person has an approved photo: a replacement must name it
│   └── OpenQuestions    a flag asks a question that nobody has answered (`center.identity`)
├── NotAllowed           this role may not do this (HTTP 403)
├── NotThere             no such shot, booth or account, or a photo that was deleted (HTTP 404)
├── WrongRequest         the request is invalid (HTTP 400)
├── TooOften             too many requests from one address (HTTP 429)
└── Unavailable          something that the office needs cannot be used now (HTTP 503)
    └── NotNow           the database or the photo store did not answer this time

No message holds personal data of graduates; `MovedOn` names the colleague.
"""

from datetime import datetime

from center.platform.sentence import Sentence
from rules.season import CHINA


class OfficeFault(Exception):
    """A refusal of the office; the message names the thing and the remedy.

    The message is a constant in the code, with `{name}` for each of `values`: pages use this constant to find the
    translation (`center.web.refusals`).
    """

    def __init__(self, message: str = "", /, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class Conflict(OfficeFault):
    """The state has changed since the asker last read it."""


class SentBefore(Conflict):
    """A form arrived before: it is not done a second time."""


class MovedOn(Conflict):
    """Somebody else was faster. `by` is an account's id, None for the office itself."""

    def __init__(self, shot_id: str, state: str, by: str | None, at: datetime | None) -> None:
        super().__init__(
            "shot {shot_id} was moved on{who}{when} and is {state} now: look at it again",
            shot_id=shot_id,
            who=f" by {by}" if by else "",
            when=f" at {at.astimezone(CHINA):%H:%M:%S}" if at else "",
            state=state,
        )
        self.shot_id = shot_id
        self.state = state
        self.by = by
        self.at = at


class DecisionFinal(Conflict):
    """The decision is final: it can no longer be undone, only reopened by a supervisor."""

    def __init__(self, shot_id: str) -> None:
        super().__init__(
            "the decision on shot {shot_id} is final, its graduate hears it: a supervisor can reopen it",
            shot_id=shot_id,
        )
        self.shot_id = shot_id


class ApprovedAlready(Conflict):
    """The person has an approved photo; approving another one must name it."""

    def __init__(self, shot_id: str, approved_id: str) -> None:
        super().__init__(
            "the person of shot {shot_id} has an approved photo, shot {approved_id}: compare the two, then replace it "
            "or reject this one",
            shot_id=shot_id,
            approved_id=approved_id,
        )
        self.shot_id = shot_id
        self.approved_id = approved_id


class NotAllowed(OfficeFault):
    """This role may not do this, or the request came from elsewhere.

    `why` names the text that pages show (`refusal.…`), and `values` are inserted into it; the message itself is for the
    log.
    """

    def __init__(self, message: str, why: str = "role", **values: str) -> None:
        super().__init__(message, **values)
        self.why = why
        self.values = values


class NotThere(OfficeFault):
    """No such shot, booth or account."""


class WrongRequest(OfficeFault):
    """The request is invalid."""


class TooOften(OfficeFault):
    """Too many requests from one address; `wait_s`: whole seconds until the next one is answered."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many requests came from this address: try again in {wait_s} s", wait_s=wait_s)
        self.wait_s = wait_s


class Unavailable(OfficeFault):
    """Something that the office needs cannot be used now; trying again later may help."""


class NotNow(Unavailable):
    """The database or the photo store did not answer this time. Nobody has to do anything before the same is tried
    again: a background job that meets it is started again."""
