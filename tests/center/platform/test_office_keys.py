"""The office's key file and what is sealed under it."""

import json
from pathlib import Path

import pytest

from center.platform.office_keys import OfficeKeys, OfficeKeysFault, load_office_keys, make_keys
from tests.center.factories import shot_id, somebody


def test_what_is_sealed_opens_only_as_what_it_was(tmp_path: Path) -> None:
    make_keys(tmp_path / "key")
    assert not make_keys(tmp_path / "key")
    office_keys = load_office_keys(tmp_path / "key")
    content = json.dumps({"name": somebody(1).name}).encode()
    sealed = office_keys.seal("identity", shot_id(1), content)
    assert office_keys.open("identity", shot_id(1), sealed) == content
    assert office_keys.seal("identity", shot_id(1), content) != sealed
    for kind, name, data in (
        ("identity", shot_id(2), sealed),
        ("totp", shot_id(1), sealed),
        ("identity", shot_id(1), sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("identity", shot_id(1), b""),
    ):
        with pytest.raises(OfficeKeysFault):
            office_keys.open(kind, name, data)
    with pytest.raises(OfficeKeysFault):
        OfficeKeys(bytes(32)).open("identity", shot_id(1), sealed)
    assert office_keys.lookup("person", "x") != office_keys.lookup("receipt", "x")


@pytest.mark.parametrize(("content", "mode"), [("00" * 31, 0o600), ("nonsense", 0o600), ("00" * 32, 0o640)])
def test_a_key_file_that_is_none_or_open_to_others_is_refused(tmp_path: Path, content: str, mode: int) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(OfficeKeysFault, match="key"):
        load_office_keys(path)
