"""Roles and rights, in one table."""

from dataclasses import dataclass
from enum import StrEnum

from center.platform.faults import NotAllowed


class Role(StrEnum):
    """The kind of an account."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"  # reads the audit and takes it; sees nothing else
    SCHOOL = "school"  # its own school's graduates, packs, corrections and colleges; nobody else's
    COLLEGE = "college"  # some majors of a school, made by that school's account: progress and checking


class Right(StrEnum):
    """One thing an account may do."""

    REVIEW = "review"  # claim, decide, skip, undo
    FIND = "find"  # find a graduate by a whole number, name or receipt; audited
    REVEAL = "reveal"  # see a whole ID number; audited
    APPROVE_PAGE = "approve_page"  # approve the visible page where all checks passed
    ANSWER_FLAGS = "settle"  # give a flagged shot its roster row, or an exception with a reason
    REPLACE = "replace"  # approve in place of an approved photo
    REOPEN = "reopen"  # reopen a final decision
    NUMBERS = "numbers"  # figures about everybody's work
    READ_AUDIT = "read_audit"
    EXPORT_AUDIT = "export_audit"  # take who saw whom as a workbook; audited
    STATUS = "status"  # see the state of graduates of all schools, masked
    ROSTERS = "rosters"  # import schools' rosters, withdraw provisional rows
    ATTENDANCE = "attendance"  # see the names of a school's graduates who were never photographed
    DELIVER = "deliver"  # make, download and hand over deliveries to schools
    RECONCILE = "reconcile"  # count, explain and sign half days of booths
    DASHBOARD = "dashboard"  # the season in counts
    PASSES = "passes"  # open booths for one person
    RETAIN = "retain"  # purge what is due, hold, answer requests about one's own data
    SEASON = "season"  # change the window, opening hours and confirmed years
    CORRECTIONS = "corrections"  # bring in schools' correction forms, work on their cases
    BILL = "bill"  # settlement: letters, payments, one of the two who change the account schools pay to
    JOBS = "jobs"  # see what is done in the background, and cancel it
    ANSWER_CALLS = "calls"  # see which booths ask for help, and answer
    PROGRESS = "progress"  # the own school's classes: how far they are
    CHECKING = "checking"  # photos beside names of the own school, to mark what is wrong; audited
    PACKS = "packs"  # take and confirm the own school's deliveries
    FEEDBACK = "feedback"  # answer for the own school: marks, satisfaction
    COLLEGES = "colleges"  # accounts for colleges of the own school
    OWN_ROSTER = "own_roster"  # send the own school's roster
    MANAGE_BOOTHS = "manage_booths"
    MANAGE_USERS = "manage_users"
    BACK_UP = "back_up"  # have a backup made and tested now


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
    # Administrators of machines and accounts do not review photos: duties are separate.
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
    """Return, or raise `NotAllowed`."""
    if not may(role, right):
        holders = ", ".join(other.value for other in Role if may(other, right))
        raise NotAllowed(
            "the role {role} may not do this ({right}); it is for: {holders}",
            role=role.value,
            right=right.value,
            holders=holders,
        )


def check_school(role: Role, school: str | None) -> None:
    """Accounts of schools and their colleges have a school, no other one has; raises `NotAllowed`."""
    if (role in (Role.SCHOOL, Role.COLLEGE)) != (school is not None):
        raise NotAllowed("accounts of the roles school and college have a school, no others have one")


@dataclass(frozen=True, slots=True)
class College:
    """A part of a school with an account of its own: its name and the majors it sees."""

    name: str
    majors: tuple[str, ...]


def check_college(role: Role, college: College | None) -> None:
    """A college's account has a name and majors, no other one has; raises `NotAllowed`."""
    if (role is Role.COLLEGE) != (college is not None):
        raise NotAllowed("accounts of the role college have majors, no others have some: the school makes them")
