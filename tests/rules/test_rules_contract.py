"""What the booth has in common with the rules: the same words, and a text for each of them in every language."""

import pytest

from kiosk.core.events import FinishFault
from kiosk.text.catalog import LANGUAGES, load
from rules.photo import CropFault
from rules.profile import Prepare


def test_every_reason_against_a_crop_is_one_the_session_knows() -> None:
    assert {fault.value for fault in CropFault} <= {fault.value for fault in FinishFault}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_preparation_has_its_words(language: str) -> None:
    catalog = load(language)
    assert [rule.value for rule in Prepare if rule.value not in catalog] == []
