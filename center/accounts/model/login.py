"""The rules of logins: passwords, lock-out, how long a session lasts. Numbers follow ASVS 5.0 (6.2, 6.3, 7.3)."""

from datetime import datetime, timedelta

from center.platform.faults import WrongRequest

SHORTEST_PASSWORD = 12  # enough because a TOTP code is required as well
LONGEST_PASSWORD = 128
LEAST_GUESSES = 10**10
"""The number of guesses above which `zxcvbn` calls a password safe against guessing offline. Common passwords, names
and words need fewer guesses, even if they are doubled, or followed by consecutive digits, a year or signs. Rows of
neighbouring keys (`qwertyuiop`) need fewer guesses, too.
"""
_OURS = ("makeup", "booth", "office", "center", "jiangsu", "nanjing", "biye", "zhaopian", "woaini", "1314520")
_FREE_TRIES = 5
_FIRST_LOCK = timedelta(minutes=1)
_LONGEST_LOCK = timedelta(hours=1)

SESSION_IDLE = timedelta(minutes=30)
SESSION_AT_MOST = timedelta(hours=12)  # a working day
MOST_SESSIONS = 10
"""The most open sessions of one account: if another one begins, the session that was unused for longest ends."""
FAILURES_KEPT = timedelta(days=1)
"""This long after the last failed login from a place, its failures are forgotten; every lock is shorter."""


def check_password(password: str, name: str) -> None:
    """Refuse a password that is too short or too long, contains the account's name, or is known or easily guessed."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WrongRequest(
            "a password has {least} to {most} characters", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD
        )
    if name and name.casefold() in password.casefold():
        raise WrongRequest("the password holds the account's name: take another one")
    from zxcvbn import zxcvbn  # its lists of words take 12 MB, and few processes see a password

    if zxcvbn(password, user_inputs=[name, *_OURS])["guesses"] < LEAST_GUESSES:
        raise WrongRequest("the password is a common one or easily guessed: take four words that don't belong together")


def lock_until(failures: int, now: datetime) -> datetime | None:
    """Until when an account is locked after this many failures in a row; None if so few do not lock it. The time
    doubles from a minute to an hour.
    """
    if failures < _FREE_TRIES:
        return None
    doublings: int = min(failures - _FREE_TRIES, 10)
    return now + min(_FIRST_LOCK * (1 << doublings), _LONGEST_LOCK)


def session_over(created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has expired."""
    return now >= seen_at + SESSION_IDLE or now >= created_at + SESSION_AT_MOST
