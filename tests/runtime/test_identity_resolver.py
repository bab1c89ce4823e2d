"""Decisions on earlier photos are asked for by record where a person has several, and by person elsewhere."""

from kiosk.core.identity import CardHolder, CardKind
from kiosk.ports.roster import RosterMatch, record_of
from kiosk.runtime.identity_resolver import IdentityResolver
from kiosk.runtime.vault import SessionVault
from tests.roster_rows import roster_row
from wire.roster_change import RosterRow

BACHELOR = roster_row()
SECOND = roster_row(school="第二大学", student_no="B7")
NUMBER = BACHELOR.id_number


class Rows:
    """A roster of these rows."""

    def __init__(self, *rows: RosterRow) -> None:
        self._rows = tuple(RosterMatch(row, f"row-{place}", photographed=False) for place, row in enumerate(rows))

    def by_id_number(self, number: str) -> tuple[RosterMatch, ...]:
        return tuple(match for match in self._rows if match.row.id_number == number)

    def by_code(self, code: str) -> tuple[RosterMatch, ...]:
        return tuple(match for match in self._rows if match.row.student_no == code)


def test_one_of_several_records_is_named_and_an_only_one_is_not() -> None:
    vault = SessionVault()
    holder = vault.token(CardHolder("张三", 1, NUMBER, CardKind.CITIZEN, "20200101", None))
    several = IdentityResolver(vault, Rows(BACHELOR, SECOND))
    first, second = (row.row for row in several.look_up(holder))
    assert several.one_of_several(NUMBER, first) == record_of(BACHELOR)
    assert several.one_of_several(NUMBER, second) == record_of(SECOND)
    assert several.one_of_several(NUMBER, None) is None
    only = IdentityResolver(vault, Rows(BACHELOR, roster_row(id_number="110105194912310011")))
    assert only.one_of_several(NUMBER, first) is None, "a corrected number must not hide the decision"
