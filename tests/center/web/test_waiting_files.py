"""Files that wait for a running import leave the other pages alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from starlette.requests import Request

from center.accounts.model.roles import Role
from center.web import gate
from center.wiring.console import PAGES
from tests.center.office_server import Client, OfficeServer, wait_until

FILE = "姓名,身份证号\n甲,1234\n".encode()
FORM = {"do": "look", "school": "示范大学", "year": "2026", "of": "2026 示范大学", "password": ""}
MANY = 8  # more than the pages of staff have threads


def uploads(office_server: OfficeServer) -> list[Callable[[], requests.Response]]:
    """A file to each page that takes one, by somebody who may."""
    sue, school = office_server.client("sue", Role.SUPERVISOR), office_server.client("shifan", Role.SCHOOL)
    found: list[Callable[[], requests.Response]] = []
    for page in PAGES:
        if page.file_bytes:
            client: Client = school if page.path == "/own-roster" else sue
            found.append(lambda client=client, path=page.path: client.upload(path, FILE, **FORM))  # type: ignore[misc]
    assert len(found) >= 4
    return found


def test_every_page_answers_while_files_wait_for_a_running_import(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived: list[int] = []
    read = gate._form_and_file

    async def counted(request: Request, most: int) -> tuple[gate.Form, bytes]:
        form, file = await read(request, most)
        arrived.append(len(file))
        return form, file

    monkeypatch.setattr(gate, "_form_and_file", counted)
    anna, pages = office_server.client("anna"), uploads(office_server)
    with ThreadPoolExecutor(MANY) as beside:
        with office_server.office.roster.importing:
            sent = [beside.submit(pages[number % len(pages)]) for number in range(MANY)]
            wait_until(lambda: len(arrived) == MANY)
            for _ in range(3):
                assert anna.get("/queue").status_code == 200
            assert not any(one.done() for one in sent), "each file waits for its turn"
        assert {one.result().status_code for one in sent} <= {200, 400}
