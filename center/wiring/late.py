"""What is late in the office, by task, for the dashboard."""

from collections.abc import Sequence
from datetime import date

from center.billing.letters import Letters
from center.calls.service import HelpCalls
from center.dashboard.model import Late, LateKind, working_day_before
from center.dashboard.service import LateSource
from center.delivery.service import Deliveries
from center.mail.service import Mails
from center.passes.service import Passes
from center.reconciliation.service import Reconciliations
from rules.season import SeasonTable

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
        lambda _table, _today: Late(LateKind.CALLS, help_calls.waiting(), "/calls"),
        lambda _table, _today: Late(LateKind.PASSES, passes.waiting_for_pass(), "/passes"),
        lambda table, today: _unsigned(reconciliations, table, today),
        lambda table, today: _not_handed_over(deliveries, table, today),
        lambda _table, today: Late(LateKind.PAYMENTS, letters.late(today), "/billing"),
        lambda _table, _today: Late(LateKind.MAILS, mails.failed(), "/mails"),
    )


def _unsigned(reconciliations: Reconciliations, table: SeasonTable, today: date) -> Late:
    days = [working_day_before(table, today, count) for count in range(1, _HALF_DAYS + 1)]
    return Late(LateKind.HALF_DAYS, reconciliations.unsigned(days), "/reconciliation")


def _not_handed_over(deliveries: Deliveries, table: SeasonTable, today: date) -> Late:
    limit = working_day_before(table, today, _HAND_OVER_DAYS)
    return Late(LateKind.HAND_OVER, deliveries.not_handed_over(limit), "/deliveries")
