"""Every combination of what a card and a code lead to, under every profile."""

from dataclasses import replace

import pytest

from kiosk.core.events import RowTokens
from kiosk.core.identity import Identification, IdentificationRule
from kiosk.core.session.identify import Finding, find
from kiosk.core.session.state import Session

A = RowTokens("row-1", "school-a")
A2 = RowTokens("row-2", "school-a")
B = RowTokens("row-3", "school-b")
Rows = tuple[RowTokens, ...] | None
CARD, EITHER, BOTH = IdentificationRule.CARD, IdentificationRule.EITHER, IdentificationRule.BOTH

Expected = dict[IdentificationRule, tuple[Finding, tuple[RowTokens, ...], Identification | None]]

TABLE: list[tuple[Rows, Rows, Expected]] = [
    (None, None, dict.fromkeys(IdentificationRule, (Finding.NOTHING, (), None))),
    (
        (A,),
        None,
        {
            CARD: (Finding.PERSON, (A,), Identification.CARD),
            EITHER: (Finding.PERSON, (A,), Identification.CARD),
            BOTH: (Finding.NEED_CODE, (), None),
        },
    ),
    (
        (),
        None,
        {
            CARD: (Finding.PERSON, (), Identification.CARD),
            EITHER: (Finding.PERSON, (), Identification.CARD),
            BOTH: (Finding.NEED_CODE, (), None),
        },
    ),
    (
        (A, B),
        None,
        {
            CARD: (Finding.SCHOOLS, (A, B), Identification.CARD),
            EITHER: (Finding.SCHOOLS, (A, B), Identification.CARD),
            BOTH: (Finding.NEED_CODE, (), None),
        },
    ),
    (
        None,
        (A,),
        {
            CARD: (Finding.NEED_CARD, (), None),
            EITHER: (Finding.PERSON, (A,), Identification.CODE),
            BOTH: (Finding.NEED_CARD, (), None),
        },
    ),
    (
        None,
        (A, B),
        {
            CARD: (Finding.NEED_CARD, (), None),
            EITHER: (Finding.SCHOOLS, (A, B), Identification.CODE),
            BOTH: (Finding.NEED_CARD, (), None),
        },
    ),
    (
        None,
        (),
        {
            CARD: (Finding.NEED_CARD, (), None),
            EITHER: (Finding.NEED_CARD, (), None),
            BOTH: (Finding.UNKNOWN_CODE, (), None),
        },
    ),
    ((A,), (A, B), dict.fromkeys(IdentificationRule, (Finding.PERSON, (A,), Identification.BOTH))),
    ((A, B), (B,), dict.fromkeys(IdentificationRule, (Finding.PERSON, (B,), Identification.BOTH))),
    ((A, B), (A, B), dict.fromkeys(IdentificationRule, (Finding.SCHOOLS, (A, B), Identification.BOTH))),
    ((A, A2), (A, A2), dict.fromkeys(IdentificationRule, (Finding.RECORDS, (A, A2), Identification.BOTH))),
    ((A,), (B,), dict.fromkeys(IdentificationRule, (Finding.DISAGREE, (), None))),
    ((), (B,), dict.fromkeys(IdentificationRule, (Finding.DISAGREE, (), None))),
    (
        (A,),
        (),
        {
            CARD: (Finding.PERSON, (A,), Identification.CARD),
            EITHER: (Finding.PERSON, (A,), Identification.CARD),
            BOTH: (Finding.DISAGREE, (), None),
        },
    ),
    (
        (),
        (),
        {
            CARD: (Finding.PERSON, (), Identification.CARD),
            EITHER: (Finding.PERSON, (), Identification.CARD),
            BOTH: (Finding.UNKNOWN_CODE, (), None),
        },
    ),
]


@pytest.mark.parametrize("rule", IdentificationRule)
@pytest.mark.parametrize(("card", "code", "expected"), TABLE)
def test_keys_lead_to_one_finding(
    card: Rows,
    code: Rows,
    expected: Expected,
    rule: IdentificationRule,
) -> None:
    found = find(Session(card_rows=card, code_rows=code), rule)
    assert (found.finding, found.rows, found.by) == expected[rule]


def test_rows_of_one_id_number_are_records_of_one_person_to_choose_from() -> None:
    assert find(Session(card_rows=(A, A2, B)), EITHER).finding is Finding.RECORDS


def test_rows_of_one_school_under_one_code_may_be_two_people() -> None:
    assert find(Session(code_rows=(A, A2, B)), EITHER).finding is Finding.UNCLEAR


def test_a_pass_that_came_between_card_and_code_makes_no_other_row() -> None:
    found = find(Session(card_rows=(replace(A, allowed=True),), code_rows=(A,)), EITHER)
    assert (found.finding, found.rows) == (Finding.PERSON, (replace(A, allowed=True),))
