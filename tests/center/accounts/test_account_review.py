"""Accounts are reviewed twice a year: confirmed or closed, with who did it; administrators are reminded."""

import pytest

from center.accounts.model.roles import Role
from center.accounts.review import REVIEW_EVERY, UNUSED_AFTER, Review
from center.platform.faults import NotThere
from center.wiring.office import Office
from tests.center.factories import HandClock
from tests.center.office_server import PASSWORD, OfficeServer


def test_an_account_is_due_half_a_year_after_it_was_made_or_confirmed(office: Office, clock: HandClock) -> None:
    office.accounts.add("test", "anna", Role.STAFF, PASSWORD)
    assert office.account_reviews.due() == 0
    clock.move(days=REVIEW_EVERY.days)
    assert office.account_reviews.due() == 1
    (use,) = office.account_reviews.all()
    assert use.review(clock()) is Review.UNUSED
    office.account_reviews.confirm("root", "anna")
    assert office.account_reviews.due() == 0
    (use,) = office.account_reviews.all()
    assert (use.reviewed_by, use.reviewed_at, use.review(clock())) == ("root", clock(), Review.FINE)
    clock.move(days=REVIEW_EVERY.days)
    assert office.account_reviews.due() == 1


def test_a_closed_account_is_not_due_and_not_confirmed(office: Office, clock: HandClock) -> None:
    office.accounts.add("test", "anna", Role.STAFF, PASSWORD)
    office.accounts.disable("root", "anna")
    clock.move(days=REVIEW_EVERY.days)
    assert office.account_reviews.due() == 0
    assert office.account_reviews.all() == []
    with pytest.raises(NotThere):
        office.account_reviews.confirm("root", "anna")


def test_the_page_shows_last_logins_and_confirms_or_closes(office_server: OfficeServer) -> None:
    office_server.colleague("anna")
    office_server.colleague("gone")
    office_server.clock.move(days=REVIEW_EVERY.days - 10)
    office_server.client("anna")
    office_server.clock.move(days=10)
    root = office_server.client("root", Role.ADMINISTRATOR)
    assert "2 accounts are to be reviewed" in root.get("/accounts").text
    assert 'href="/health"' in root.get("/").text + root.get("/booths").text.partition("<main")[2]
    page = root.get("/accounts/review").text.partition("<main")[2]
    assert page.index(">gone<") < page.index(">anna<") < page.index(">root<"), "what is to be looked at stands first"
    assert "never" in page
    assert f"not used for {UNUSED_AFTER.days} days" in page
    assert root.post("/accounts/review", name="anna", do="confirm").status_code == 303
    assert root.post("/accounts/review", name="gone", do="close").status_code == 303
    assert root.post("/accounts/review", name="root", do="close").status_code == 400, "not the own one"
    page = root.get("/accounts/review").text
    assert ">gone<" not in page
    assert "No account is to be reviewed" in page
    assert "confirmed an account" in root.get("/audit").text
