"""Every behaviour of the session, by the name of its rule."""

import pytest
from behaviours import BEHAVIOURS


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_session(name: str) -> None:
    BEHAVIOURS[name]()
