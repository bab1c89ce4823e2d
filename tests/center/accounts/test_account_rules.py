"""Rights, passwords, locks and the end of sessions, on plain values."""

from datetime import timedelta

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from center.accounts.model.login import check_password, lock_until, session_over
from center.accounts.model.roles import Right, Role, check_school, may, require
from center.platform.faults import NotAllowed, WrongRequest
from tests.center.factories import START


def test_every_role_may_what_its_work_needs_and_no_more() -> None:
    assert may(Role.STAFF, Right.REVIEW)
    assert not may(Role.STAFF, Right.REOPEN)
    assert may(Role.SUPERVISOR, Right.REOPEN)
    assert not may(Role.ADMINISTRATOR, Right.REVIEW)
    own = {Right.PROGRESS, Right.CHECKING, Right.PACKS, Right.FEEDBACK, Right.COLLEGES, Right.OWN_ROSTER}
    assert {right for right in Right if may(Role.SCHOOL, right)} == own
    assert {right for right in Right if may(Role.COLLEGE, right)} == {Right.PROGRESS, Right.CHECKING}
    assert not any(may(role, right) for role in set(Role) - {Role.SCHOOL, Role.COLLEGE} for right in own)
    assert all(any(may(role, right) for role in Role) for right in Right)
    with pytest.raises(NotAllowed, match="supervisor"):
        require(Role.STAFF, Right.REOPEN)
    with pytest.raises(NotAllowed):
        check_school(Role.SCHOOL, None)


def disguised(password: str, number: int) -> str:
    """A common password as people make it long enough."""
    doubled = password * (12 // len(password) + 1)
    counted = password + "123456789012"[: max(6, 12 - len(password))]
    return (doubled, counted, f"{password}-{password}-{password}-1", f"{counted}!")[number % 4]


@pytest.mark.slow
def test_the_three_thousand_commonest_passwords_are_refused_in_every_disguise() -> None:
    common = list(FREQUENCY_LISTS["passwords"])[:3_000]
    assert len(common) == 3_000
    for number, password in enumerate(common):
        long = disguised(password, number)
        assert len(long) >= 12
        with pytest.raises(WrongRequest):
            check_password(long, "")


@pytest.mark.parametrize(
    "password", ["woaini1314520", "qwertyuiop123", "Jiangsu2026!!", "administrator1", "1q2w3e4r5t6y7u"]
)
def test_passwords_that_are_long_and_known_are_refused(password: str) -> None:
    with pytest.raises(WrongRequest, match="four words"):
        check_password(password, "anna")


@pytest.mark.parametrize("password", ["correct-horse-battery-staple", "毕业照片要白衬衫不戴眼镜", "kx7#Lq9!vTz2pW"])
def test_good_passwords_of_any_kind_are_taken(password: str) -> None:
    check_password(password, "anna")


@pytest.mark.parametrize("password", ["short", "x" * 129, "aaaaaaaaaaaaaa", "anna's passphrase"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WrongRequest):
        check_password(password, "anna")


def test_an_account_is_locked_for_longer_with_every_failure() -> None:
    assert lock_until(4, START) is None
    assert lock_until(5, START) == START + timedelta(minutes=1)
    assert lock_until(7, START) == START + timedelta(minutes=4)
    assert lock_until(1_000, START) == START + timedelta(hours=1)


def test_a_session_ends_when_idle_and_after_a_day_of_work() -> None:
    assert not session_over(START, START + timedelta(hours=11), START + timedelta(hours=11, minutes=29))
    assert session_over(START, START, START + timedelta(minutes=30))
    assert session_over(START, START + timedelta(hours=12), START + timedelta(hours=12))
