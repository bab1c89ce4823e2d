"""All tasks' kinds of jobs, each with the function that does it."""

from collections.abc import Mapping

from center.backup.backup_job import BACKUP
from center.billing.letter_jobs import LETTERS
from center.chain_check.chain_jobs import CHAIN
from center.delivery.service import PACK
from center.jobs.work import JobKind
from center.mail.service import MAIL
from center.prints.print_jobs import SHEETS
from center.retention.purge_job import PURGE
from center.wiring.office import Office


def job_kinds(office: Office) -> Mapping[str, JobKind]:
    """The kinds of jobs that this office does, by name."""
    kinds = (
        JobKind(MAIL, office.mails.work),
        JobKind(PACK, office.packing.work),
        JobKind(SHEETS, office.print_jobs.work),
        JobKind(LETTERS, office.letter_jobs.work),
        JobKind(CHAIN, office.chain_jobs.work),
        JobKind(PURGE, office.purge_jobs.work),
        JobKind(BACKUP, office.backup_jobs.work),
    )
    return {kind.name: kind for kind in kinds}
