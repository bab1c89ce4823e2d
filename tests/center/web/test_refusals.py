"""Refusals speak the language of the page: every sentence the code raises, every page that is asked wrongly."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import requests

from center.accounts.model.roles import Role, may
from center.platform.faults import NotAllowed, OfficeFault
from center.platform.sentence import Sentence
from center.web.gate import Page
from center.web.refusals import translated, translations
from center.wiring.console import PAGES
from common.catalog import SHORT_NAMES
from tests.center.office_server import Client, OfficeServer, file_shot
from tests.center.web.test_gate import address

CENTER = Path(__file__).parents[3] / "center"
NO_PAGES = {"commands", "backup", "wiring", "export"}
"""What these raise is told by a command, in English."""
ON_PAGES_TOO = ("backup/place.py", "backup/backup_job.py")
"""What these raise is also told of a backup that was started on a page."""
OWN_WORDS = {"TableFault", "RosterFault", "RowFault", "SeasonFault", "NotSigned"}
"""These carry a kind, and pages say it by that."""
BUILDS_ITS_OWN = {
    *(
        "MovedOn",
        "DecisionFinal",
        "ApprovedAlready",
        "OpenQuestions",
        "RowInUse",
        "TooOften",
        "PhotoDamaged",
        "PhotoDeleted",
    ),
}
"""These hold their sentence themselves: it is found in their constructor."""
AT_THE_START = {"OfficeKeysFault", "SealKeysFault"}
"""Of these a sentence that names a file's path stops the program before there is any page."""


@cache
def refusals() -> set[str]:
    """The names of all classes of refusals, and of what the office's messengers raise."""
    classes = {
        found.name: {ast.unparse(base).split(".")[-1] for base in found.bases}
        for _, tree in sources()
        for found in ast.walk(tree)
        if isinstance(found, ast.ClassDef)
    }
    known = {"OfficeFault", "NotTaken"}
    while more := {name for name, bases in classes.items() if bases & known} - known:
        known |= more
    return known


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    paths = [path for path in sorted(CENTER.rglob("*.py")) if path.relative_to(CENTER).parts[0] not in NO_PAGES]
    paths.extend(CENTER / path for path in ON_PAGES_TOO)
    return [(path, ast.parse(path.read_text("utf-8"))) for path in paths]


def constant(tree: ast.Module, given: ast.expr) -> str | None:
    """A text written in the code, or the constant of the module that the name stands for; None: it is made up."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    if isinstance(given, ast.Name):
        for one in tree.body:
            if isinstance(one, ast.Assign) and any(ast.unparse(name) == given.id for name in one.targets):
                return constant(tree, one.value)
    return None


@cache
def raised() -> list[tuple[str, ast.Module, ast.expr, str]]:
    """Where, the module, the sentence, the class: of each refusal that the code makes."""
    classes, found = refusals(), []
    for path, tree in sources():
        inside = {
            id(call): one.name
            for one in ast.walk(tree)
            if isinstance(one, ast.ClassDef) and one.name in BUILDS_ITS_OWN
            for call in ast.walk(one)
        }
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and call.args):
                continue
            name = ast.unparse(call.func).split(".")[-1]
            if id(call) in inside and ast.unparse(call.func) == "super().__init__":
                name = inside[id(call)]
            elif name not in classes - BUILDS_ITS_OWN | {"Sentence"} or path.name in ("faults.py", "sentence.py"):
                continue
            found.append((f"{path.relative_to(CENTER)}:{call.lineno}", tree, call.args[0], name))
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_refusal_is_one_sentence_with_values_and_is_translated() -> None:
    known, missing = translations("zh"), []
    for where, tree, given, name in raised():
        if name in OWN_WORDS | {"NotAllowed", "Refused"} and "mail/" not in where:
            continue  # `refusal.…` in the words of the pages; what a booth is refused with
        sentence = constant(tree, given)
        if (
            sentence == ""
            or (name in AT_THE_START and isinstance(given, ast.JoinedStr))
            or where.startswith("mail/model")
        ):
            continue
        if sentence is None:
            missing.append(f"{where} makes its sentence up: {ast.unparse(given)}")
        elif sentence not in known:
            missing.append(f"{where} is not translated: {sentence}")
    assert missing == []


def test_every_translation_is_of_a_sentence_that_is_raised_with_the_same_values() -> None:
    sentences = {sentence for _, tree, given, _ in raised() if (sentence := constant(tree, given))}
    assert len(sentences) > 200
    for sentence, translation in translations("zh").items():
        assert sentence in sentences, sentence
        assert fields(translation) <= fields(sentence), sentence
        assert re.search(r"[\u4e00-\u9fff]", translation), sentence
        assert translation.endswith(("。", "}")), translation


def test_a_translation_is_in_the_folder_of_a_task_that_raises_its_sentence_or_in_web_if_several_do() -> None:
    tasks: dict[str, set[str]] = {}
    for where, tree, given, _ in raised():
        if sentence := constant(tree, given):
            tasks.setdefault(sentence, set()).add(where.split("/")[0])
    wrong = []
    for path in sorted(CENTER.glob("*/text/refusals.*.toml")):
        task = path.relative_to(CENTER).parts[0]
        for sentence in tomllib.loads(path.read_text("utf-8")):
            raising = tasks.get(sentence, set())
            of_web = task == "web" and (len(raising) > 1 or raising == {"platform"})
            if task not in raising and not of_web:
                wrong.append(f"{task} translates, {sorted(raising)} raise: {sentence}")
    assert wrong == []


def test_a_sentence_is_kept_and_said_again_in_any_language() -> None:
    fault = OfficeFault("there is no delivery {delivery_id}", delivery_id=7)
    assert str(fault) == "there is no delivery 7"
    again = Sentence.of_kept(fault.sentence.kept())
    assert translated(again, "en") == str(fault)
    assert translated(again, "zh") == "没有编号为 7 的交付。"
    of_before = Sentence.of_kept("disk full: {make room} [1, 2]")
    assert {translated(of_before, language) for language in SHORT_NAMES} == {"disk full: {make room} [1, 2]"}
    assert translated(NotAllowed("no {way}", way="here").sentence, "zh") == "no here"


NUMBERS = ("delivery", "letter", "case", "mail", "job", "request", "hold", "payee", "payment", "pass", "import", "call")
WORDS = (
    "row",
    "do",
    "day",
    "booth",
    "reason",
    "here",
    "kind",
    "role",
    "amount",
    "session",
    "format",
    "change",
    "version",
)
NONSENSE = {
    **dict.fromkeys(NUMBERS, "999999"),
    **dict.fromkeys(WORDS, "no-such-thing"),
    "of": "2026 Nowhere",
    "school": "Nowhere",
    "year": "26",
    "class": "0" * 32,
    "name": "nobody.at.all",
}
ASKED_FIRST = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.SCHOOL, Role.STAFF, Role.AUDITOR)
DETAIL = re.compile(r'<p class="soft detail" lang="(\w+)">([^<]*)</p>')
ENGLISH = re.compile(r"[A-Za-z']+(?: [A-Za-z']+){2,}")
CHINESE = re.compile("[，。；]")  # names of columns are Chinese in any language; sentences are not
NOTICE = re.compile(r'class="notice notice-no"[^>]*>(.*?)</p>', re.DOTALL)
ENDS_A_LOGIN = ("/logout", "/login", "/account/password")


def asked_wrongly(server: OfficeServer, language: str) -> Iterator[tuple[Page, requests.Response]]:
    """Every page's answers to somebody who may open it and asks for what there is not."""
    of = {role: server.client(f"x.{role.value}", role) for role in ASKED_FIRST}
    clients = {role: Client(server, one.token, one.csrf_token, language) for role, one in of.items()}
    for page in PAGES:
        if page.path in ENDS_A_LOGIN:
            continue
        client = clients[next(one for one in ASKED_FIRST if page.right is None or may(one, page.right))]
        path = address(page)
        if page.method == "GET":
            yield page, client.get(f"{path}?day=tomorrow&of=2026 Nowhere&version=9&check=none&letter=x&workbook=none")
        elif page.file_bytes:
            for do in ("nothing", "look"):
                yield page, client.upload(path, b"no table", **{**NONSENSE, "do": do})
        else:
            for form in ({}, NONSENSE):
                yield page, client.post(path, form)


@pytest.mark.parametrize("language", SHORT_NAMES)
def test_every_page_that_is_asked_wrongly_refuses_in_its_own_language(
    office_server: OfficeServer, language: str
) -> None:
    file_shot(office_server.office, 1)
    refused = 0
    for page, answer in asked_wrongly(office_server, language):
        assert answer.status_code < 500, page
        if answer.status_code < 400 or "text/html" not in answer.headers["content-type"]:
            continue
        refused += 1
        for spoken, detail in DETAIL.findall(answer.text):
            assert spoken == language, (page, detail)
        told = [detail for _, detail in DETAIL.findall(answer.text)] + NOTICE.findall(answer.text)
        for words in told:
            wrong = ENGLISH.search(re.sub("<[^>]+>", " ", words)) if language == "zh" else CHINESE.search(words)
            assert not wrong, (page, answer.status_code, words)
    assert refused > 120


@pytest.mark.parametrize("language", SHORT_NAMES)
def test_what_is_no_page_is_refused_in_the_language_of_the_asker(office_server: OfficeServer, language: str) -> None:
    headers = {"Cookie": f"__Host-language={language}"}
    for method, path, status in (("GET", "/no/such/page", 404), ("DELETE", "/login", 400), ("PUT", "/queue", 400)):
        answer = requests.request(method, office_server.address + path, headers=headers, timeout=20)
        assert answer.status_code == status
        assert f'<html lang="{language}' in answer.text
        for spoken, _ in DETAIL.findall(answer.text):
            assert spoken == language
