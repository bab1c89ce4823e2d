"""The sections of the pages' navigation, in the order of a clerk's work; each page is in exactly one section."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from center.accounts.model.roles import Right


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that can be reached from every page: its name (also its address), and the right it requires."""

    name: str
    right: Right

    @property
    def path(self) -> str:
        """The page's address."""
        return f"/{self.name}"


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together; `name` is the message id of its title."""

    name: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        "own_school",
        (
            Entry("progress", Right.PROGRESS),
            Entry("own-roster", Right.OWN_ROSTER),
            Entry("checking", Right.CHECKING),
            Entry("packs", Right.PACKS),
            Entry("feedback", Right.FEEDBACK),
            Entry("letters", Right.PACKS),
            Entry("colleges", Right.COLLEGES),
        ),
    ),
    Section(
        "overview",
        (
            Entry("dashboard", Right.DASHBOARD),
            Entry("day", Right.DASHBOARD),
            Entry("week", Right.DASHBOARD),
            Entry("numbers", Right.NUMBERS),
        ),
    ),
    Section(
        "review",
        (
            Entry("queue", Right.REVIEW),
            Entry("mine", Right.REVIEW),
            Entry("calls", Right.ANSWER_CALLS),
            Entry("waiting", Right.ANSWER_CALLS),
            Entry("school", Right.STATUS),
        ),
    ),
    Section(
        "rosters",
        (
            Entry("rosters", Right.ROSTERS),
            Entry("schools", Right.ROSTERS),
            Entry("campus", Right.ROSTERS),
            Entry("attendance", Right.ATTENDANCE),
        ),
    ),
    Section(
        "days",
        (Entry("season", Right.SEASON), Entry("passes", Right.PASSES), Entry("reconciliation", Right.RECONCILE)),
    ),
    Section(
        "delivery",
        (
            Entry("deliveries", Right.DELIVER),
            Entry("prints", Right.DELIVER),
            Entry("corrections", Right.CORRECTIONS),
            Entry("billing", Right.BILL),
            Entry("mails", Right.DELIVER),
        ),
    ),
    Section(
        "system",
        (
            Entry("booths", Right.NUMBERS),
            Entry("releases", Right.MANAGE_BOOTHS),
            Entry("health", Right.NUMBERS),
            Entry("jobs", Right.JOBS),
            Entry("accounts", Right.MANAGE_USERS),
            Entry("audit", Right.READ_AUDIT),
            Entry("audit-export", Right.EXPORT_AUDIT),
            Entry("retention", Right.RETAIN),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Navigation:
    """The navigation that an account sees; `current`: the section of the open page, if a section has it."""

    sections: Sequence[Section]
    current: Section | None


def navigation(may: Callable[[Right], bool], page: str) -> Navigation:
    """The sections with the pages that an account may open, without empty sections;
    `page`: the name of the open page."""
    allowed = [Section(one.name, tuple(each for each in one.entries if may(each.right))) for one in SECTIONS]
    sections = [one for one in allowed if one.entries]
    return Navigation(sections, next((one for one in sections if page in {each.name for each in one.entries}), None))
