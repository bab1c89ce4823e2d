"""The chain of the audit, on plain values."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from center.audit.model import FIRST, Break, Entry, Sealed, breaks, seal
from tests.center.factories import START, shot_id


def chain(count: int, key: bytes = b"k") -> tuple[list[Sealed], tuple[int, bytes]]:
    rows, before = [], FIRST
    for place in range(1, count + 1):
        entry = Entry(place, START, "anna", "shot.shown", shot_id(place), {"reasons": ["glasses"]})
        before = seal(key, before, entry)
        rows.append(Sealed(entry, before))
    return rows, (count, before)


def test_an_unchanged_chain_has_no_break() -> None:
    for count in (0, 1, 5):
        rows, head = chain(count)
        assert list(breaks(b"k", rows, head)) == []


@given(st.integers(0, 5), st.sampled_from(["actor", "action", "subject", "detail", "at", "hash", "gone", "swapped"]))
def test_every_change_of_any_row_is_found_where_it_is(at: int, what: str) -> None:
    rows, head = chain(6)
    row = rows[at]
    if what == "gone":
        del rows[at]
    elif what == "swapped":
        rows[at], rows[at - 1] = rows[at - 1], rows[at]
    elif what == "hash":
        rows[at] = replace(row, hash=bytes(32))
    elif what == "detail":
        rows[at] = replace(row, entry=replace(row.entry, detail={"reasons": ["ears"]}))
    elif what == "at":
        rows[at] = replace(row, entry=replace(row.entry, at=START + timedelta(milliseconds=1)))
    else:
        fields = {"actor": row.entry.actor, "action": row.entry.action, "subject": row.entry.subject} | {what: "nobody"}
        rows[at] = Sealed(Entry(row.entry.place, START, **fields, detail=row.entry.detail), row.hash)
    found = list(breaks(b"k", rows, head))
    assert found
    if what not in ("gone", "swapped"):
        assert found[0].place == at + 1


def test_a_cut_end_and_a_chain_of_another_key_are_found() -> None:
    rows, head = chain(6)
    assert [one.place for one in breaks(b"k", rows[:-2], head)] == [5]
    assert len(list(breaks(b"k", *chain(3, b"other")))) == 3
    assert isinstance(next(breaks(b"k", rows, (6, bytes(32)))), Break)
