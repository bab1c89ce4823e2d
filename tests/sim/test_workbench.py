"""The workbench: orders, what the page shows, and a recorded scenario that does it all again."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Route, expect

from kiosk.core.events import Action
from kiosk.core.session.state import State
from kiosk.ui.focus import Key
from kiosk.ui.screens.ops import HEIGHT, WIDTH
from sim.play.scenario import Fault, Graduate, PoseError, parse
from sim.workbench.bench import Refused, Workbench
from sim.workbench.notes import Notes
from sim.workbench.orders import ORDER, Break, Press, Shine, Show, Sit, SitDown, StandUp, Touch, Wear

MOST_TURNS = 2_000


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    bench = Workbench(tmp_path / "bench")
    bench.stop()
    bench.turn()
    yield bench
    bench.run()  # stopped: it only puts the world away


def until(bench: Workbench, state: State) -> None:
    for _ in range(MOST_TURNS):
        if bench.world.booth.loop.session.state is state:
            return
        bench.turn()
    raise AssertionError(f"{state.value} did not come, but {bench.world.booth.loop.session.state.value}")


def turns(bench: Workbench, seconds: float) -> None:
    for _ in range(round(seconds / 0.035)):
        bench.turn()


def press(bench: Workbench, action: Action, arg: str = "") -> None:
    """Touch a button as one does on the page, once the screen listens."""
    turns(bench, 1.0)
    area = next(one for one in bench.world.booth.shell.areas if (one.action, one.arg) == (action, arg))
    bench.do(Touch(do="touch", x=area.box.centre.x / WIDTH, y=area.box.centre.y / HEIGHT))


def to_the_pose(bench: Workbench) -> None:
    until(bench, State.ATTRACT)
    press(bench, Action.START)
    until(bench, State.CONSENT)
    press(bench, Action.AGREE)
    until(bench, State.IDENTIFY)
    bench.do(Show(do="show", what="card"))
    until(bench, State.CONFIRM)
    bench.do(Show(do="show", what="no_card"))
    press(bench, Action.CONFIRM)
    until(bench, State.PREPARE)
    press(bench, Action.READY)
    until(bench, State.POSE)


def shown(bench: Workbench) -> dict[str, object]:
    bench.show()
    seen: dict[str, object] = json.loads(bench.shown.state)
    return seen


def test_an_order_is_answered_when_its_effect_is_shown(bench: Workbench) -> None:
    bench.show()
    shown_when_answered: list[object] = []
    answer = bench.order(Break(do="break", what="office_down", on=True))
    answer.add_done_callback(lambda _: shown_when_answered.append(json.loads(bench.shown.state)["broken"]))
    bench.turn()
    assert shown_when_answered == [["office_down"]]


@pytest.mark.slow
def test_what_was_done_is_done_again_by_the_recorded_scenario(bench: Workbench, tmp_path: Path) -> None:
    bench.do(Break(do="break", what="speaker_unplugged", on=True))
    bench.do(SitDown(do="sit_down", graduate=Graduate(seed=40, pose=PoseError(roll_deg=6.0, distance_cm=18.0))))
    to_the_pose(bench)
    until(bench, State.CHOOSE)
    press(bench, Action.ACCEPT)
    until(bench, State.DONE)
    press(bench, Action.FINISH)
    until(bench, State.ATTRACT)
    bench.do(StandUp(do="stand_up"))
    turns(bench, 8.0)
    answer = bench.scenario()
    bench.turn()
    scenario = parse(answer.result(0), "recorded")
    assert scenario.graduate[0].pose == PoseError(roll_deg=6.0, distance_cm=18.0)
    assert scenario.expect.outcome == "photo"
    assert scenario.expect.flags == (), "the booth knew the graduate from the roster"
    file = tmp_path / "recorded.toml"
    file.write_text(answer.result(0), "utf-8")
    command = [sys.executable, "-m", "sim", "run", str(file), "--out", str(tmp_path / "again")]
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr


def test_the_pose_that_was_set_is_held_until_the_person_may_follow_again(bench: Workbench) -> None:
    bench.do(SitDown(do="sit_down", graduate=Graduate(seed=40)))
    bench.do(Sit(do="sit", follows=False, yaw_deg=20.0))
    to_the_pose(bench)
    turns(bench, 4.0)
    assert bench.world.booth.loop.session.state is State.POSE
    seen = shown(bench)
    assert isinstance(seen["sits"], dict)
    assert seen["sits"]["pose"]["yaw_deg"] == 20.0
    yaw = next(one for one in seen["checks"] if one["name"] == "yaw")  # type: ignore[attr-defined]
    assert yaw["verdict"] == "fail"
    bench.do(Sit(do="sit", follows=True))
    until(bench, State.CHOOSE)


def test_nobody_can_act_on_an_empty_seat_and_nobody_sits_on_another(bench: Workbench) -> None:
    for order in (
        Show(do="show", what="card"),
        Sit(do="sit", roll_deg=3.0),
        Wear(do="wear", what="glasses", on=True),
        StandUp(do="stand_up"),
    ):
        with pytest.raises(Refused, match="nobody sits there"):
            bench.do(order)
    bench.do(SitDown(do="sit_down", graduate=Graduate(seed=40)))
    with pytest.raises(Refused, match="somebody sits there"):
        bench.do(SitDown(do="sit_down", graduate=Graduate(seed=41)))


def test_faults_light_and_keys_reach_the_booth(bench: Workbench) -> None:
    until(bench, State.ATTRACT)
    bench.do(Break(do="break", what="camera_stalls", on=True))
    until(bench, State.OUT_OF_SERVICE)
    assert any("camera" in one for one in shown(bench)["failed"])  # type: ignore[attr-defined]
    bench.do(Break(do="break", what="camera_stalls", on=False))
    until(bench, State.ATTRACT)
    bench.do(Shine(do="shine", ambient=0.3, window_left=0.5))
    assert shown(bench)["light"] == {"ambient": 0.3, "window_left": 0.5}
    turns(bench, 1.0)
    for key in (Key.NEXT, Key.ENTER):
        bench.do(Press(do="press", key=key))
    until(bench, State.CONSENT)


def test_the_clock_of_a_stopped_workbench_stands_still(bench: Workbench) -> None:
    until(bench, State.ATTRACT)
    answer = bench.order(ORDER.validate_python({"do": "pace", "times": 0}))
    bench.turn()
    assert answer.done()
    before = bench.world.clock.now_ns()
    bench.turn()
    assert bench.world.clock.now_ns() == before


def test_a_fault_that_ended_and_one_that_lasts_are_recorded() -> None:
    notes = Notes()
    notes.see(State.ATTRACT, 1.0)
    notes.broke("office_down", 3.0)
    notes.see(State.CONSENT, 5.0)
    notes.broke("lamp_left_dead", 6.5)
    notes.repaired("office_down", 9.0)
    assert notes.faults == [Fault(what="office_down", at=State.ATTRACT, after_s=2.0, for_s=6.0)]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The page of the command itself."""
    command = [sys.executable, "-m", "sim", "workbench", "--out", str(tmp_path / "bench")]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYGAME")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=plain) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the command did not say where its page is"
            yield found[0]
        finally:
            process.terminate()


def test_other_sites_and_other_names_can_order_nothing(address: str) -> None:
    order = json.dumps({"do": "stand_up"})
    assert requests.post(f"{address}order", order, timeout=60).status_code == 415
    as_json = {"Content-Type": "application/json"}
    assert (
        requests.post(f"{address}order", order, headers=as_json | {"Host": "evil.example"}, timeout=60).status_code
        == 400
    )
    assert requests.post(f"{address}order", order, headers=as_json, timeout=60).json()["why"].startswith("nobody sits")
    wrong = requests.post(
        f"{address}order", json.dumps({"do": "break", "what": "all", "on": True}), headers=as_json, timeout=60
    )
    assert wrong.status_code == 400
    assert "camera_stalls" in wrong.json()["why"]
    assert requests.get(f"{address}nothing", timeout=60).status_code == 404


def test_a_tick_stays_while_its_order_is_on_the_way(address: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    expect(page.locator("#screen")).to_have_text("attract", timeout=60_000)
    held: list[Route] = []
    page.route("**/order", lambda route: held.append(route))  # noqa: PLW0108  # it sets attributes on what it is given
    page.get_by_label("office down").check()
    for _ in range(3):
        with page.expect_response("**/state"):
            pass
    expect(page.get_by_label("office down")).to_be_checked()
    held[0].continue_()
    page.close()


def test_the_page_shows_the_booth_and_what_is_done_to_it(
    address: str,
    chromium: Browser,
    picture: Callable[[str], Path],
) -> None:
    faults: list[str] = []
    page = chromium.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(address)
    screen = page.locator("#screen")
    expect(screen).to_have_text("attract", timeout=60_000)
    page.get_by_role("button", name="Sit down").click()
    page.locator("#panel").click(position={"x": 10, "y": 10})
    page.locator("#panel").press("ArrowRight")
    page.locator("#panel").press("Enter")
    expect(screen).to_have_text("consent", timeout=60_000)
    slider = page.locator("input[name=yaw_deg]")
    slider.fill("12")
    expect(page.locator("#follows")).not_to_be_checked()
    page.get_by_label("office down").check()
    page.get_by_role("button", name="stand still").click()
    expect(page.get_by_role("button", name="stand still")).to_have_attribute("aria-pressed", "true")
    page.screenshot(path=picture("workbench"))
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a scenario").click()
    scenario = parse(saved.value.path().read_text("utf-8"), "saved")
    assert scenario.graduate[0].pose.yaw_deg == 12.0
    assert scenario.fault[0].what == "office_down"
    page.get_by_role("button", name="Leave").click()
    expect(page.locator("#leave")).to_be_disabled()
    page.close()
    assert not faults


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: tmp_path / f"{name}.png"
