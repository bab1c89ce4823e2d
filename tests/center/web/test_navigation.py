"""The navigation leads each account to every page it may open, and to no other."""

import re
from functools import partial

import pytest

from center.accounts.model.roles import Role, may
from center.web.navigation import SECTIONS, navigation
from tests.center.office_server import OfficeServer


def test_each_page_is_in_one_section() -> None:
    names = [entry.name for section in SECTIONS for entry in section.entries]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("role", Role)
def test_an_account_is_led_to_what_it_may_open_and_nowhere_else(office_server: OfficeServer, role: Role) -> None:
    client = office_server.client("x", role)
    shown = navigation(partial(may, role), "")
    for section in shown.sections:
        for entry in section.entries:
            page = client.get(entry.path)
            assert page.status_code == 200, f"{entry.path} is shown to {role} and refused"
            current = re.findall(r'<a href="([^"]+)" aria-current="page">', page.text.split("<main")[0])
            assert current == ([entry.path] if len(section.entries) > 1 else []), entry.path
            assert re.search(rf'<a href="{section.entries[0].path}" aria-current="true">', page.text)
    hidden = {entry.path for section in SECTIONS for entry in section.entries} - {
        entry.path for section in shown.sections for entry in section.entries
    }
    assert [path for path in sorted(hidden) if client.get(path).status_code != 403] == []
