"""Passwords are hashed quickly here, unless a test is about the hash: its cost is the library's to prove."""

import pytest
from argon2 import PasswordHasher


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("service", "sessions"):
        monkeypatch.setattr(f"center.accounts.{module}.PasswordHasher", lambda: PasswordHasher(1, 8, 1))
