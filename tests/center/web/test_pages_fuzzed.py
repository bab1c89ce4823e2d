"""Schemathesis over the pages that strangers and schools meet: no fault, every answer guarded, nobody else's data."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from center.accounts.model.roles import Role
from center.own_school.pages import PAGES as OWN_PAGES
from center.platform.limits import Rate
from center.web.app import application
from center.web.gate import Page
from center.web.headers import HEADERS, WASM_POLICY
from center.wiring.console import PAGES, services_of
from tests.center.delivery.test_deliveries import SCHOOL, person_of
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, file_shot, serving
from tests.center.own_school.test_other_schools import Strange, two_schools
from tests.center.web.page_fields import fields_of

__all__ = ["two_schools"]

PUBLIC = tuple(page for page in PAGES if page.public)
ANSWERS = ("200", "303", "400", "401", "403", "404", "409", "413", "429")
CHECKS = "not_a_server_error,status_code_conformance"
UNLIMITED = 1e6
EXAMPLES = "60" if os.environ.get("FAULTS") == "long" else "6"


@dataclass
class Answer:
    """What the office answered."""

    asked: str
    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Recorder:
    """Passes everything on and keeps what was answered."""

    app: ASGIApp
    answers: list[Answer] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
                answer = Answer(f"{scope['method']} {scope['path']}", message["status"], headers)
                scope["answer"] = answer
                self.answers.append(answer)
            elif message["type"] == "http.response.body":
                scope["answer"].body += message["body"]
            await send(message)

        await self.app(scope, receive, keep)


def described(pages: Iterable[Page], known: Iterable[str], csrf: str) -> dict[str, object]:
    """The pages as an OpenAPI document. `known`: words that exist, tried in every field beside made-up ones."""
    made_up = {"type": "string", "maxLength": 300}
    word: dict[str, object] = {"anyOf": [{"enum": sorted(known)}, made_up], "examples": sorted(known)}
    paths: dict[str, dict[str, object]] = {}
    for page in pages:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", page.path)
        shot = {"anyOf": [{"enum": sorted(known)}, {"type": "string", "pattern": "^[0-9a-f]{32}$"}]}
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": shot if name == "shot_id" else word}
            for name in re.findall(r"\{(\w+)\}", path)
        ]
        asked: dict[str, object] = {"responses": {status: {"description": status} for status in ANSWERS}}
        names = sorted(fields_of(page))
        if page.method == "GET":
            parameters += [{"name": name, "in": "query", "required": False, "schema": word} for name in names]
        elif page.file_bytes:
            body = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
            asked["requestBody"] = {"required": True, "content": body}
        else:
            fields = {**dict.fromkeys(names, word), "csrf": {"enum": [csrf]}}
            form = {"type": "object", "properties": fields, "required": ["csrf"], "additionalProperties": False}
            asked["requestBody"] = {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": form}},
            }
        paths.setdefault(path, {})[page.method.lower()] = {**asked, "parameters": parameters}
    return {"openapi": "3.1.0", "info": {"title": "pages", "version": "1"}, "paths": paths}


def fuzz(
    server: OfficeServer,
    folder: Path,
    pages: Iterable[Page],
    known: Iterable[str],
    cookie: str,
    csrf: str,
    monkeypatch: pytest.MonkeyPatch,
) -> list[Answer]:
    """Let schemathesis try these pages; what the office answered."""
    # The limits by address have tests of their own; here every request is to reach its page.
    unlimited = Rate(UNLIMITED, int(UNLIMITED))
    services = replace(services_of(server.office), visits=unlimited, logins=unlimited)
    recorder = Recorder(application(services, PAGES))
    monkeypatch.setattr("tests.center.office_server.make_console", lambda _: recorder)
    schema = folder / "pages.json"
    schema.write_text(json.dumps(described(pages, known, csrf)), "utf-8")
    with serving(server.office) as address:
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(schema), "--url", address]
        for header in (f"Origin: {address}", "Sec-Fetch-Site: same-origin", f"Cookie: {cookie}"):
            command += ["--header", header]
        command += [
            "--checks",
            CHECKS,
            "--phases",
            "examples,fuzzing",
            "--mode",
            "positive",
            "--max-examples",
            EXAMPLES,
        ]
        command += ["--seed", "1", "--generation-database", "none", "--no-color"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return recorder.answers


def hold(answers: list[Answer], secrets: Iterable[str]) -> None:
    """No fault; the security headers on every answer; none of the secrets in a body or header."""
    secret = [one.encode() for one in secrets]
    for answer in answers:
        assert answer.status < 500, answer.asked
        of_the_check = answer.asked == "GET /travel" and answer.status == 200
        wanted = HEADERS | ({"Content-Security-Policy": WASM_POLICY} if of_the_check else {})
        for name, value in wanted.items():
            assert answer.headers.get(name.lower()) == value, (answer.asked, name)
        kept = "immutable" if answer.asked.startswith("GET /static/") and answer.status == 200 else "no-store"
        assert kept in answer.headers["cache-control"], answer.asked
        said = answer.body + repr(answer.headers).encode()
        assert [one for one in secret if one in said] == [], answer.asked


def test_whatever_strangers_ask_nobodys_data_come(
    office_server: OfficeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_shot(office_server.office, 1, person=person_of(1))
    office_server.colleague("anna")
    person = somebody(1)
    known = {"RECE-000001", "console.css", "en", "zh", "anna", "/queue", shot_id(1), str(person.student_no)}
    answers = fuzz(office_server, tmp_path, PUBLIC, known, "__Host-language=en", "", monkeypatch)
    secrets = (person.name, str(person.id_number), SCHOOL, "数学", office_server.colleague("anna").user_id)
    hold(answers, secrets)
    statuses = {(answer.asked, answer.status) for answer in answers}
    assert {("GET /r/RECE-000001", 200), ("POST /r", 404), ("POST /login", 401)} <= statuses
    asked = {answer.asked.split("/")[1] for answer in answers}
    assert asked >= {page.path.split("/")[1] for page in PUBLIC}, "every page was asked"


def test_whatever_a_school_sends_no_other_schools_data_come(
    two_schools: tuple[OfficeServer, object, Strange], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _, strange = two_schools
    # Without the names that the school itself may type, and which a refused form shows it again.
    known = {one for one in strange.ids if not any(secret in one for secret in strange.secrets)}
    known |= {"look", "import", "mark", "take_back", "caption", "wrong_id", "1", "满意", "数学"}
    client = server.client("shifan", Role.SCHOOL, SCHOOL)
    cookie = f"__Host-session={client.token}; __Host-language=en"
    answers = fuzz(server, tmp_path, OWN_PAGES, known, cookie, client.csrf_token, monkeypatch)
    hold(answers, strange.secrets)
    reached = {answer.asked for answer in answers if answer.status == 200}
    assert reached >= {f"GET {page.path}" for page in OWN_PAGES if page.method == "GET" and "{" not in page.path}
