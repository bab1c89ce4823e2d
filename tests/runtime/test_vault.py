"""Rules of the vault: a token says nothing, stands for one value of one session, and is gone after forget."""

from kiosk.core.identity import CardHolder, CardKind
from kiosk.runtime.vault import SessionVault

HOLDER = CardHolder("某人", 1, "11010519491231002X", CardKind.CITIZEN, "20200101", None)


def test_the_same_value_has_the_same_token_until_forget() -> None:
    vault = SessionVault()
    token = vault.token(HOLDER)
    assert vault.token(HOLDER) == token
    vault.forget()
    assert vault.token(HOLDER) != token


def test_a_token_says_nothing_of_its_value() -> None:
    token = SessionVault().token(HOLDER)
    assert HOLDER.number not in token
    assert HOLDER.name not in token


def test_nothing_is_left_after_forget() -> None:
    vault = SessionVault()
    token = vault.token(HOLDER)
    assert vault.get(token, CardHolder) == HOLDER
    vault.forget()
    assert len(vault) == 0
    assert vault.get(token, CardHolder) is None


def test_a_value_of_another_kind_is_not_given_out() -> None:
    vault = SessionVault()
    assert vault.get(vault.token("2022000001"), CardHolder) is None


def test_who_still_works_for_a_session_that_is_over_leaves_nothing_in_the_vault() -> None:
    vault = SessionVault()
    session = vault.session()
    assert vault.token_in(session, HOLDER) == vault.token(HOLDER)
    vault.forget()
    assert vault.token_in(session, HOLDER) is None
    assert len(vault) == 0
    assert vault.token_in(vault.session(), HOLDER) is not None
