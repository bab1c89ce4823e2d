"""What the office says no to.

OfficeFault (Exception)
├── Conflict             things moved on since the asker last looked (HTTP 409)
│   ├── MovedOn          another hand was quicker: names who and when
│   ├── AlreadyTold      too late for undo: the graduate has heard
│   ├── ApprovedAlready  the person has an approved photo: name it to replace it
│   └── Unsettled        a flag asks something nobody has answered (`domain.settle`)
├── NotAllowed           this role may not do this (HTTP 403)
├── NotThere             no such shot, booth or account (HTTP 404)
├── WrongRequest         it makes no sense as asked (HTTP 400)
└── Unavailable          the database or the photo store can't be used now (HTTP 503)

No message holds personal data of graduates; `MovedOn` names the colleague.
"""

from datetime import datetime


class OfficeFault(Exception):
    """The office says no; the message names the thing and the remedy."""


class Conflict(OfficeFault):
    """Things moved on since the asker last looked."""


class MovedOn(Conflict):
    """Another hand was quicker. `by` is an account's id, None for the office itself."""

    def __init__(self, shot_id: str, state: str, by: str | None, at: datetime | None) -> None:
        who = f" by {by}" if by else ""
        when = f" at {at:%H:%M:%S}" if at else ""
        super().__init__(f"shot {shot_id} was moved on{who}{when} and is {state} now: look at it again")
        self.shot_id = shot_id
        self.state = state
        self.by = by
        self.at = at


class DecisionFinal(Conflict):
    """The decision is final: it can no longer be undone, only reopened by a supervisor."""

    def __init__(self, shot_id: str) -> None:
        super().__init__(f"the decision on shot {shot_id} is final, its graduate hears it: a supervisor can reopen it")
        self.shot_id = shot_id


class ApprovedAlready(Conflict):
    """The person has an approved photo; approving another one must name it."""

    def __init__(self, shot_id: str, approved_id: str) -> None:
        super().__init__(
            f"the person of shot {shot_id} has an approved photo, shot {approved_id}: "
            "compare the two, then replace it or reject this one"
        )
        self.shot_id = shot_id
        self.approved_id = approved_id


class NotAllowed(OfficeFault):
    """This role may not do this."""


class NotThere(OfficeFault):
    """No such shot, booth or account."""


class WrongRequest(OfficeFault):
    """It makes no sense as asked."""


class Unavailable(OfficeFault):
    """The database or the photo store can't be used now; trying again later may help."""
