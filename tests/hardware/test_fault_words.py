"""Every fault an adapter can raise has words for the installer, in every language."""

import re
from pathlib import Path

import pytest

import kiosk.hardware
from kiosk.text.catalog import LANGUAGES, load

SERIAL_FAULTS = ("busy", "missing", "no_permission", "not_a_port", "unplugged")


def fault_ids() -> list[str]:
    folder = Path(str(kiosk.hardware.__file__)).parent
    named = {found for file in folder.glob("*.py") for found in re.findall(r'"(fault\.[a-z_]+)"', file.read_text())}
    serial = {f"fault.{device}_{kind}" for device in ("card_reader", "scanner") for kind in SERIAL_FAULTS}
    return sorted(named | serial)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text_id", fault_ids())
def test_each_fault_has_words_and_a_remedy(text_id: str, language: str) -> None:
    catalog = load(language)
    assert catalog.text(text_id)
    assert catalog.text(text_id.replace("fault.", "remedy.", 1))
