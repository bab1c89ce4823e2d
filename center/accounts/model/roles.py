"""Roles and rights, in one table."""

from dataclasses import dataclass
from enum import StrEnum

from center.platform.faults import NotAllowed


class Role(StrEnum):
    """The kind of an account."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"  # reads and downloads the audit; sees nothing else
    SCHOOL = "school"  # sees its own school's graduates, packs, corrections and colleges; nothing else
    COLLEGE = "college"  # sees the progress and checks the photos of some majors of a school; the school makes it


class Right(StrEnum):
    """One thing an account may do. "Audited" after a right: the audit records each use of it."""

    REVIEW = "review"  # claim and skip shots, make and undo decisions
    FIND = "find"  # find a graduate by complete ID or student number, complete name, or receipt; audited
    REVEAL = "reveal"  # see a whole ID number; audited
    APPROVE_PAGE = "approve_page"  # approve at once all ticked shots of a page, if all their checks passed
    ANSWER_FLAGS = "settle"  # give a flagged shot its roster row, or an exception with a reason
    REPLACE = "replace"  # approve a shot that replaces the person's approved photo
    REOPEN = "reopen"  # reopen a final decision
    NUMBERS = "numbers"  # statistics about everybody's work
    READ_AUDIT = "read_audit"
    EXPORT_AUDIT = "export_audit"  # download a workbook that says who saw whose data; audited
    STATUS = "status"  # see the state of graduates of all schools, masked
    ROSTERS = "rosters"  # import schools' rosters, withdraw provisional rows
    ATTENDANCE = "attendance"  # see the names of a school's graduates who were never photographed
    DELIVER = "deliver"  # make, download and hand over deliveries to schools
    RECONCILE = "reconcile"  # enter counts of booths' half days, explain differences, sign
    DASHBOARD = "dashboard"  # see the season in counts
    PASSES = "passes"  # issue passes, which open booths for one person
    RETAIN = "retain"  # purge what is due, set holds, answer graduates' requests about their own data
    SEASON = "season"  # change the window, opening hours and confirmed years
    CORRECTIONS = "corrections"  # import schools' correction forms, work on their cases
    BILL = "bill"  # settlement: letters, payments; be one of the two people who change the payee account
    JOBS = "jobs"  # see background jobs, and cancel them
    ANSWER_CALLS = "calls"  # see which booths ask for help and what their checks measure; answer and end calls
    HELP_LIVE = "help_live"  # waive a check for a session that asked for help; audited
    PROGRESS = "progress"  # see the progress of the own school's classes
    CHECKING = "checking"  # compare the own school's photos with the names, and mark what is wrong; audited
    PACKS = "packs"  # download and confirm the own school's deliveries
    FEEDBACK = "feedback"  # say that the own school has marked every error, and how satisfied it is
    COLLEGES = "colleges"  # manage accounts for colleges of the own school
    OWN_ROSTER = "own_roster"  # send the own school's roster
    MANAGE_BOOTHS = "manage_booths"
    MANAGE_USERS = "manage_users"
    BACK_UP = "back_up"  # request that a backup is made and tested now


_STAFF = frozenset(
    {
        Right.REVIEW,
        Right.FIND,
        Right.REVEAL,
        Right.APPROVE_PAGE,
        Right.ANSWER_FLAGS,
        Right.REPLACE,
        Right.STATUS,
        Right.RECONCILE,
        Right.ANSWER_CALLS,
        Right.HELP_LIVE,
    }
)

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STAFF: _STAFF,
    Role.SUPERVISOR: _STAFF
    | {
        Right.REOPEN,
        Right.NUMBERS,
        Right.READ_AUDIT,
        Right.ROSTERS,
        Right.ATTENDANCE,
        Right.DELIVER,
        Right.DASHBOARD,
        Right.SEASON,
        Right.RETAIN,
        Right.PASSES,
        Right.JOBS,
        Right.CORRECTIONS,
        Right.BILL,
    },
    # Administrators of machines and accounts do not review photos: these duties are kept separate.
    Role.ADMINISTRATOR: frozenset(
        {
            Right.MANAGE_BOOTHS,
            Right.ANSWER_CALLS,
            Right.MANAGE_USERS,
            Right.BACK_UP,
            Right.NUMBERS,
            Right.READ_AUDIT,
            Right.ROSTERS,
            Right.JOBS,
        }
    ),
    Role.AUDITOR: frozenset({Right.READ_AUDIT, Right.EXPORT_AUDIT}),
    Role.SCHOOL: frozenset(
        {
            Right.PROGRESS,
            Right.CHECKING,
            Right.PACKS,
            Right.FEEDBACK,
            Right.COLLEGES,
            Right.OWN_ROSTER,
        }
    ),
    Role.COLLEGE: frozenset({Right.PROGRESS, Right.CHECKING}),
}


def may(role: Role, right: Right) -> bool:
    """Whether accounts of `role` have `right`."""
    return right in RIGHTS[role]


def require(role: Role, right: Right) -> None:
    """Raise `NotAllowed` unless accounts of `role` have `right`."""
    if not may(role, right):
        holders = ", ".join(other.value for other in Role if may(other, right))
        raise NotAllowed(
            "the role {role} may not do this ({right}); it is for: {holders}",
            role=role.value,
            right=right.value,
            holders=holders,
        )


def check_school(role: Role, school: str | None) -> None:
    """Raise `NotAllowed` if an account of a school or college is given no school, or any other account is given one."""
    if (role in (Role.SCHOOL, Role.COLLEGE)) != (school is not None):
        raise NotAllowed("accounts of the roles school and college have a school, no others have one")


@dataclass(frozen=True, slots=True)
class College:
    """A part of a school with an account of its own: its name and the majors it sees."""

    name: str
    majors: tuple[str, ...]


def check_college(role: Role, college: College | None) -> None:
    """Raise `NotAllowed` if a college's account is given no `college`, or any other account is given one."""
    if (role is Role.COLLEGE) != (college is not None):
        raise NotAllowed("accounts of the role college have majors, no others have some: the school makes them")
