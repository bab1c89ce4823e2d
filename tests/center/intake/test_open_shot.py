"""Opening an envelope of any bytes."""

from hypothesis import given
from hypothesis import strategies as st

from center.intake.model import Opened, Refusal, open_shot
from rules.profile import load_profile
from tests.center.conftest import sent
from tests.center.factories import shot_id

PROFILES = {"jiangsu-2019": load_profile("jiangsu-2019")}
LEGAL = sent(1)


@given(st.integers(0, len(LEGAL) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_never_raises(at: int, change: int) -> None:
    data = bytearray(LEGAL)
    data[at] ^= change
    assert isinstance(open_shot(bytes(data), shot_id(1), "booth-1", PROFILES), Opened | Refusal)


@given(st.binary(max_size=200))
def test_any_bytes_are_opened_or_refused_with_a_reason(data: bytes) -> None:
    refused = open_shot(data, shot_id(1), "booth-1", PROFILES)
    assert isinstance(refused, Refusal)
    assert str(refused)
