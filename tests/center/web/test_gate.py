"""The way into every page: who, from where, with which right; and what every answer carries."""

import inspect
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from center.accounts.model.login import SESSION_IDLE
from center.accounts.model.roles import Role, may
from center.review.queries import ReviewQueries
from center.web import gate
from center.web.gate import Page
from center.wiring.console import PAGES
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter
from tests.center.factories import START, shot_id
from tests.center.office_server import PASSWORD, Client, OfficeServer, file_shot

PRIVATE = [page for page in PAGES if not page.public]
POSTS = [page for page in PRIVATE if page.method == "POST"]


def address(page: Page) -> str:
    path = page.path.replace("{shot_id:shot}", shot_id(1)).replace("{ticket}", "0" * 32)
    path = path.replace("{call_id:shot}", "c" * 32)
    return (
        path.replace("{name}", "console.css")
        .replace("{code}", "NOPE")
        .replace("{language}", "en")
        .replace("{job_id:int}", "1")
    )


def ask(client: Client, page: Page) -> requests.Response:
    if page.file_bytes:
        return client.upload(address(page), b"")
    return client.get(address(page)) if page.method == "GET" else client.post(address(page))


def test_strangers_are_sent_to_the_login_from_every_page(office_server: OfficeServer) -> None:
    stranger = Client(office_server, "no-such-session", "")
    for page in PRIVATE:
        answer = ask(stranger, page)
        assert answer.status_code == 303, page
        assert answer.headers["location"].startswith("/login"), page


def test_every_page_refuses_the_roles_without_its_right(office_server: OfficeServer) -> None:
    clients = {role: office_server.client(role.value, role) for role in Role}
    refusals = 0
    for page in PRIVATE:
        for role, client in clients.items():
            if page.right is not None and not may(role, page.right):
                refusals += 1
                assert ask(client, page).status_code == 403, (page, role)
    assert refusals > 40


def test_a_page_that_changes_something_needs_the_token_of_this_login(office_server: OfficeServer) -> None:
    anna, bob = office_server.client("anna"), office_server.client("bob")
    file_shot(office_server.office, 1)
    for page in POSTS:
        path = address(page)
        if page.right is not None and not may(Role.STAFF, page.right):
            continue
        assert anna.post(path, csrf="").status_code == 403, page
        assert anna.post(path, csrf=bob.csrf_token).status_code == 403, page
    assert office_server.office.queue.waiting().claimed == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": None, "Sec-Fetch-Site": None},
    ],
    ids=["origin", "null origin", "cross-site", "same-site", "none", "not a browser"],
)
def test_what_another_site_sends_is_not_done(office_server: OfficeServer, headers: dict[str, str | None]) -> None:
    anna = office_server.client("anna")
    file_shot(office_server.office, 1)
    answer = anna.post("/review", headers=headers)
    assert answer.status_code == 403
    assert office_server.office.queue.waiting().claimed == 0


@pytest.mark.parametrize(("language", "words"), [("zh", "未执行"), ("en", "was not done")])
def test_why_something_was_refused_is_said_in_the_language_of_the_page(
    office_server: OfficeServer, language: str, words: str
) -> None:
    headers = {"Origin": "https://evil.example", "Accept-Language": language}
    answer = requests.post(
        f"{office_server.address}/login", data={}, headers=headers, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 403
    detail = re.search(r'class="soft detail" lang="(\w+)">([^<]+)<', answer.text)
    assert detail is not None
    assert detail[1] == language
    assert words in detail[2]


def test_another_site_cant_log_somebody_in(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    form = {"name": "anna", "password": PASSWORD, "code": office_server.code(anna)}
    headers = {"Origin": "https://evil.example"}
    answer = requests.post(
        f"{office_server.address}/login", data=form, headers=headers, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def log_in(
    office_server: OfficeServer, name: str, password: str, code: str, browser: str = "", **form: str
) -> requests.Response:
    headers = {"Origin": office_server.address, "Cookie": f"__Host-language=en; __Host-browser={browser}"}
    data = {"name": name, "password": password, "code": code, **form}
    return requests.post(
        f"{office_server.address}/login", data=data, headers=headers, allow_redirects=False, timeout=20
    )


def test_the_session_cookie_is_bound_to_host_and_line_and_hidden_from_scripts(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    answer = log_in(office_server, "anna", PASSWORD, office_server.code(anna))
    assert answer.status_code == 303
    (cookie,) = (one for one in answer.raw.headers.getlist("set-cookie") if one.startswith("__Host-session="))
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)


def test_a_refused_login_says_the_same_whatever_was_wrong(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    wrong = [
        log_in(office_server, "anna", "not the password", office_server.code(anna)),
        log_in(office_server, "anna", PASSWORD, "000000"),
        log_in(office_server, "nobody", PASSWORD, office_server.code(anna)),
    ]
    pages = {re.sub(r'value="[^"]*"', "", answer.text) for answer in wrong}
    assert [answer.status_code for answer in wrong] == [401, 401, 401]
    assert len(pages) <= 2  # the name comes back, and with it where the cursor stands
    assert all("That did not work" in page for page in pages)


def test_five_failures_lock_the_account_for_the_right_password_too(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    for _ in range(5):
        assert log_in(office_server, "anna", "wrong password", office_server.code(anna)).status_code == 401
    assert log_in(office_server, "anna", PASSWORD, office_server.code(anna)).status_code == 401
    office_server.clock.move(minutes=2)
    assert log_in(office_server, "anna", PASSWORD, office_server.code(anna)).status_code == 303


def test_a_stranger_locks_an_account_for_his_own_address_only(office_server: OfficeServer) -> None:
    anna, accounts = office_server.colleague("anna"), office_server.office.accounts
    for _ in range(9):
        assert accounts.login("anna", "wrong password", office_server.code(anna), place="203.0.113.9") is None
    assert accounts.login("anna", PASSWORD, office_server.code(anna), place="203.0.113.9") is None
    assert accounts.login("anna", PASSWORD, office_server.code(anna), place="198.51.100.7") is not None


def test_a_browser_that_was_let_in_before_is_not_held_up_by_others_behind_its_address(
    office_server: OfficeServer,
) -> None:
    anna, bob, accounts = office_server.colleague("anna"), office_server.colleague("bob"), office_server.office.accounts
    first = accounts.login("anna", PASSWORD, office_server.code(anna), place="campus")
    assert first is not None
    for _ in range(9):
        accounts.login("anna", "wrong password", "000000", place="campus")
    assert accounts.login("anna", PASSWORD, office_server.code(anna), place="campus") is None
    again = accounts.login("anna", PASSWORD, office_server.code(anna), place="campus", browser=first.browser)
    assert again is not None
    assert again.browser == first.browser
    # Known for its own account only, and not to be made up.
    assert not accounts.knows_browser("bob", first.browser)
    for made_up in ("", "..", first.browser[:-1] + "x", f"{bob.user_id}.x.{first.browser.rpartition('.')[2]}"):
        assert not accounts.knows_browser("anna", made_up)


def test_logins_of_one_address_are_slowed_down_before_a_password_is_tried(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    # More than any bucket refills while they come, however slow the machine is.
    answers = [log_in(office_server, f"nobody{number}", "x" * 20, "000000").status_code for number in range(60)]
    assert set(answers) == {401}
    with ThreadPoolExecutor(8) as several:
        burst = list(several.map(lambda n: log_in(office_server, f"x{n}", "x" * 20, "0").status_code, range(120)))
    assert burst.count(429) > 20
    browser = office_server.office.accounts.login("anna", PASSWORD, office_server.code(anna), place="elsewhere")
    assert browser is not None
    known = log_in(office_server, "anna", PASSWORD, office_server.code(anna), browser.browser)
    assert known.status_code == 303


def test_who_comes_to_a_full_office_stays_a_little_before_being_refused(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_PATIENCE_S", 0.0)
    room = iter([False, True, False, False])
    monkeypatch.setattr(gate, "_has_room", lambda _threads, _most: next(room))
    answers = [requests.get(f"{office_server.address}/login", timeout=20) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 503]
    assert next(room, None) is None


def test_a_code_lets_in_once(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    code = office_server.code(anna)
    assert log_in(office_server, "anna", PASSWORD, code).status_code == 303
    assert log_in(office_server, "anna", PASSWORD, code).status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"]
)
def test_login_leads_nowhere_but_here(office_server: OfficeServer, elsewhere: str) -> None:
    anna = office_server.colleague("anna")
    answer = log_in(office_server, "anna", PASSWORD, office_server.code(anna), next=elsewhere)
    assert answer.headers["location"] == "/"
    back = requests.get(
        f"{office_server.address}/language/en", headers={"Referer": elsewhere}, allow_redirects=False, timeout=20
    )
    assert back.headers["location"] == "/"


def test_login_leads_to_the_page_that_was_asked_for(office_server: OfficeServer) -> None:
    stranger = Client(office_server, "", "")
    assert stranger.get("/queue?booth=booth-1").headers["location"] == "/login?next=%2Fqueue%3Fbooth%3Dbooth-1"
    anna = office_server.colleague("anna")
    answer = log_in(office_server, "anna", PASSWORD, office_server.code(anna), next="/queue?booth=booth-1")
    assert answer.headers["location"] == "/queue?booth=booth-1"


def test_logging_out_ends_the_session_in_the_database(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    assert anna.get("/queue").status_code == 200
    out = anna.post("/logout")
    assert out.headers["location"] == "/login"
    assert "clear-site-data" in out.headers
    assert anna.get("/queue").status_code == 303


def test_passwords_are_typed_unseen_and_password_managers_may_fill_them_in(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    fields = re.findall(r'<input[^>]*name="(?:password|old|new)"[^>]*>', anna.get("/account").text)
    fields += re.findall(
        r'<input[^>]*name="password"[^>]*>', requests.get(office_server.address + "/login", timeout=20).text
    )
    assert len(fields) == 3
    for one in fields:
        assert 'type="password"' in one
        assert re.search(r'autocomplete="(?:current|new)-password"', one)
        assert "maxlength" not in one or 'maxlength="128"' in one
        assert "onpaste" not in one


def test_a_session_ends_by_itself_when_nobody_uses_it(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    office_server.clock.now += SESSION_IDLE * 0.9
    assert anna.get("/queue").status_code == 200  # this keeps it alive
    office_server.clock.now += SESSION_IDLE * 0.9
    assert anna.get("/queue").status_code == 200
    office_server.clock.now += SESSION_IDLE * 1.1
    assert anna.get("/queue").status_code == 303


def test_a_piece_of_a_page_sends_the_whole_page_to_the_login(office_server: OfficeServer) -> None:
    stranger = Client(office_server, "ended", "")
    answer = stranger.post("/review", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_every_answer_forbids_other_peoples_scripts_and_keeping(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    file_shot(office_server.office, 1)
    page = anna.get("/queue")
    photo = re.search(r'src="(/shots/[^"]+)"', page.text)
    assert photo
    answers = {
        "page": page,
        "photo": anna.get(photo[1]),
        "login": anna.get("/login"),
        "receipt": anna.get("/r/NOPE"),
        "missing": anna.get("/nothing"),
        "refused": anna.post("/review", csrf=""),
        "redirect": anna.get("/"),
    }
    for name, answer in answers.items():
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert answer.headers["cache-control"] == "no-store", name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert "frame-ancestors 'none'" in policy, name
        assert not [header for header in answer.headers if header.lower().startswith("access-control-")], name


def test_a_photos_address_opens_it_for_the_session_it_was_made_for_only(office_server: OfficeServer) -> None:
    anna, bob = office_server.client("anna"), office_server.client("bob")
    file_shot(office_server.office, 1)
    found = re.search(r'src="(/shots/[^"]+)"', anna.get("/queue").text)
    assert found
    assert anna.get(found[1]).headers["content-type"] == "image/jpeg"
    assert bob.get(found[1]).status_code == 404
    assert anna.get(f"/shots/{shot_id(1)}/{'0' * 32}.jpg").status_code == 404


def test_styles_may_be_kept_for_good_because_their_address_changes(office_server: OfficeServer) -> None:
    login = requests.get(f"{office_server.address}/login", timeout=20).text
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', login):
        answer = requests.get(office_server.address + path, timeout=20)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e%2fapp.py", "/static/..%5capp.py", "/static//etc/passwd", "/static/README.md",
     "/static/console.css%00.js", "/review/../audit", "/review/%27%20OR%201=1",
     f"/review/{'g' * 32}", "/r/" + "x" * 5000],
)  # fmt: skip
def test_path_tricks_find_nothing(office_server: OfficeServer, path: str) -> None:
    session = requests.Session()
    request = requests.Request("GET", office_server.address).prepare()
    request.url = office_server.address + path  # as it is, not tidied up
    assert session.send(request, timeout=20, allow_redirects=False).status_code in (303, 404)


TRICKS = [
    "' OR '1'='1", "{{7777*7777}}", "<script>alert(1)</script>\x00%\ud7ff", "9" * 400, "-1", "🏛" * 50,
]  # fmt: skip


def upload_of(client: Client, trick: str) -> Callable[[str, dict[str, str]], requests.Response]:
    """Sends a form with a file made of the same trick."""

    def send(path: str, form: dict[str, str]) -> requests.Response:
        file = trick.encode("utf-8", "surrogatepass")
        return client.upload(path, file, **{name: value for name, value in form.items() if "\ud7ff" not in value})

    return send


def test_no_field_of_any_page_breaks_it(office_server: OfficeServer) -> None:
    clients = [office_server.client("sue", Role.SUPERVISOR), office_server.client("root", Role.ADMINISTRATOR)]
    file_shot(office_server.office, 1)
    fields = ("here", "ahead", "reasons", "note", "replaces", "undo_version", "item", "shown", "move", "scale", "dx",
              "dy", "looked_ms", "booth_id", "schools", "name", "role", "school", "session_id",
              "old", "new", "do", "row", "password")  # fmt: skip
    for client in clients:
        for trick in TRICKS:
            form = dict.fromkeys(fields, trick)
            queries = "/queue", "/school", "/audit", "/numbers"
            asked = {"school": trick, "booth": trick, "check": trick, "after": trick, "before": trick, "about": trick}
            for path in queries:
                answer = client.get(path + "?" + requests.models.RequestEncodingMixin._encode_params(asked))  # type: ignore[attr-defined]
                assert answer.status_code in ((400,) if "\0" in trick else (200, 403)), (path, trick)
                assert "60481729" not in answer.text  # what {{7777*7777}} comes to
            for page in POSTS:
                if page.path == "/logout":
                    continue
                send = client.post if not page.file_bytes else upload_of(client, trick)
                answer = send(address(page), form)
                assert answer.status_code < 500, (page, trick)
    assert office_server.office.queue.waiting().waiting == 1


def test_forms_are_short_plain_and_readable(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    assert anna.post("/review", junk="x" * 70_000).status_code == 413
    assert anna.post("/review", {f"f{n}": "1" for n in range(500)}).status_code == 400
    for kind in ("multipart/form-data; boundary=x", "application/json", "text/plain"):
        assert anna.post("/review", headers={"Content-Type": kind}).status_code == 400


BOUNDED = {
    ("/queue/approve", "item"): "a page of the queue has at most 24 photos",
    ("/queue/undo", "item"): "a page of the queue has at most 24 photos",
    ("/reject", "reasons"): "the reasons are fixed",
}
TOKEN = re.compile(r"<form[^>]*>|</form>|{%-? *(?:for [^%]*|endfor) *-?%}|<input[^>]*>", re.DOTALL)


def fields_of_loops() -> Iterator[tuple[str, str]]:
    """For each field that a form of a template has for each item of a list: the form's address and the field."""
    for path in Path(gate.__file__).parents[1].glob("*/templates/*.html"):
        form, loops = "", list[str]()
        for token in TOKEN.findall(path.read_text("utf-8")):
            if token.startswith("<form"):
                sends = re.search(r'(?:method="post" action|hx-post)="([^"]*)"', token)
                form, loops = sends[1] if sends else "", []
            elif token == "</form>":
                form = ""
            elif "endfor" in token:
                del loops[-1:]
            elif token.startswith("{%"):
                loops.append(token)
            elif form and any(not re.search(r" in [(\[]", loop) for loop in loops) and 'type="radio"' not in token:
                name = re.search(r'name="([^"]*)"', token)
                assert name is not None, token
                yield form, name[1]


def test_a_form_that_grows_with_the_data_may_be_long() -> None:
    many, found = {page.path for page in POSTS if page.many}, set(fields_of_loops())
    assert len(found) >= 5
    for form, field in found:
        fixed = any(known in form and field == of for known, of in BOUNDED)
        assert fixed or form in many, f"{form}: {field} of each item of a list: Page(many=True), or say what bounds it"


def test_a_school_of_thousands_of_classes_is_delivered_and_two_thousand_booths_get_a_release(
    office_server: OfficeServer,
) -> None:
    enter(office_server.office, 1)
    approve(office_server.office, office_server.clock, 1)
    sue = office_server.client("sue", Role.SUPERVISOR)
    names = [f"信息与计算科学专业/软件工程方向实验班{number}" for number in range(5_000)]
    page = sue.post("/deliveries", {"class": names}, of=f"{YEAR} {SCHOOL}", shown=str(len(names)))
    assert page.status_code == 200, page.text[-300:]
    assert "Password of delivery 1" in page.text
    root = office_server.client("root", Role.ADMINISTRATOR)
    answer = root.post("/releases/give", {"booth": [f"booth-{number}" for number in range(2_000)]}, version="9.9.9")
    assert "can&#39;t be read" not in answer.text
    assert sue.post("/deliveries", {f"f{number}": "1" for number in range(10_001)}).status_code == 400


def test_the_last_word_on_a_fault_of_ours_quotes_nothing(
    office_server: OfficeServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = office_server.client("anna")
    file_shot(office_server.office, 1)

    personal = "".join(map(chr, (29579, 23567, 26126)))  # 王小明, but not in the source line a traceback shows

    def broken(*_: object, **__: object) -> object:
        raise RuntimeError(personal)

    monkeypatch.setattr(ReviewQueries, "sheet", broken)
    answer = anna.get(f"/review/{shot_id(1)}")
    assert answer.status_code == 500
    assert personal not in answer.text
    assert personal not in caplog.text
    assert "RuntimeError" in caplog.text


def test_refusals_are_logged_with_the_account_and_the_page(
    office_server: OfficeServer, caplog: pytest.LogCaptureFixture
) -> None:
    anna = office_server.client("anna")
    anna.get("/audit")
    anna.post("/review", csrf="")
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    who = office_server.colleague("anna").user_id
    assert [line.partition(":")[0] for line in said] == [
        f"GET /audit refused to account {who}",
        f"POST /review refused to account {who}",
    ]


def test_many_logins_at_once_let_in_each_code_once(office_server: OfficeServer) -> None:
    anna = office_server.colleague("anna")
    code = office_server.code(anna)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: log_in(office_server, "anna", PASSWORD, code).status_code, range(4)))
    assert sorted(answers) == [303, 401, 401, 401]
    assert office_server.clock.now > START


def fields_of(page: Page) -> set[str]:
    """The form's fields that the page's module reads."""
    module = inspect.getmodule(page.handler)
    assert module is not None
    return set(re.findall(r'(?:word|number|form\.get)\("(\w+)"', inspect.getsource(module))) | {"csrf"}


@pytest.mark.parametrize("encoded", ["%00", "%ED%A0%80"], ids=["NUL", "half a character"])
def test_text_that_no_database_keeps_is_refused_on_every_field_of_every_page(
    office_server: OfficeServer, encoded: str
) -> None:
    clients = {
        role: office_server.client(role.value, role) for role in (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.SCHOOL)
    }
    for page in PAGES:
        role = next((role for role in clients if page.right is None or may(role, page.right)), Role.ADMINISTRATOR)
        client = clients[role]
        if page.method == "GET":
            answer = client.get(f"{address(page)}?school=a{encoded}b")
            assert answer.status_code < 500
            assert encoded != "%00" or answer.status_code == 400, page
            continue
        for field in fields_of(page):
            body = f"csrf={client.csrf_token}&{field}=a{encoded}b"
            answer = client.raw(address(page), body + "\n" if page.file_bytes else body, bool(page.file_bytes))
            assert answer.status_code == 400, (page, field)
