"""What is late in the office, by task, for the dashboard."""

from collections.abc import Sequence

from center.billing.letters import Letters
from center.calls.service import HelpCalls
from center.dashboard.model import Late, LateKind, PastWorkdays
from center.dashboard.service import LateSource
from center.delivery.service import Deliveries
from center.mail.service import Mails
from center.passes.service import Passes
from center.reconciliation.service import Reconciliations

_HALF_DAYS = 10
"""Half days of this many working days before today are checked."""
_HAND_OVER_DAYS = 5
"""A delivery without a receiver is late this many working days after it was made."""


def late_sources(
    help_calls: HelpCalls,
    passes: Passes,
    reconciliations: Reconciliations,
    deliveries: Deliveries,
    letters: Letters,
    mails: Mails,
) -> Sequence[LateSource]:
    """What each task says of its late work, in the order of the dashboard."""
    return (
        lambda _workdays: Late(LateKind.CALLS, help_calls.waiting(), "/calls"),
        lambda _workdays: Late(LateKind.PASSES, passes.waiting_for_pass(), "/passes"),
        lambda workdays: _unsigned(reconciliations, workdays),
        lambda workdays: _not_handed_over(deliveries, workdays),
        lambda workdays: Late(LateKind.PAYMENTS, letters.late(workdays.today), "/billing"),
        lambda _workdays: Late(LateKind.MAILS, mails.failed(), "/mails"),
    )


def _unsigned(reconciliations: Reconciliations, workdays: PastWorkdays) -> Late:
    days = [workdays.before(count) for count in range(1, _HALF_DAYS + 1)]
    return Late(LateKind.HALF_DAYS, reconciliations.unsigned(days), "/reconciliation")


def _not_handed_over(deliveries: Deliveries, workdays: PastWorkdays) -> Late:
    limit = workdays.before(_HAND_OVER_DAYS)
    return Late(LateKind.HAND_OVER, deliveries.not_handed_over(limit), "/deliveries")
