"""The accuracy report's arithmetic, its plan, and the shape of what it says."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.accuracy import docs, faces
from bench.accuracy.bars import bars
from bench.accuracy.booth import Visit, booth_figures
from bench.accuracy.cutting import Cut, cutting_figures
from bench.accuracy.outcome import Answer, Outcome, Set
from bench.accuracy.page import page
from bench.accuracy.plan import main_check, planned, quotas
from bench.accuracy.stats import gap, share, wilson
from bench.accuracy.summary import STILL, good_figures, group_figures, let_through, look_figures, miss_figures, summed
from rules.checks import CheckId, Verdict
from rules.profile import load_profile
from sim.negatives import FAULTS
from sim.people.groups import GROUPS

PROFILE = load_profile("national-2017")
PASS = Answer(Verdict.PASS, 0, 1.0)
FAIL = Answer(Verdict.FAIL, 1, 1.0)
WARN = Answer(Verdict.WARN, 1, 1.0)
BLANK = Answer(Verdict.UNKNOWN, 0, None)


def _outcome(
    answers: dict[CheckId, Answer], kind: Set = "good", *, fault: str = "", tone: int = 3, sex: str = "f"
) -> Outcome:
    ready = all(one.verdict is not Verdict.FAIL for one in answers.values())
    return Outcome(kind, "drawn", "drawn 3f1", 0, fault, tone, sex, "", True, ready, answers)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe 1998, table I, and the rule of three's neighbourhood.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_the_published_ones(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_is_not_reported() -> None:
    assert share(0, 0)["share"] is None
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        wilson(3, 2)


def test_the_gap_is_the_largest_less_the_smallest_share_of_groups_that_were_counted() -> None:
    assert gap([share(1, 10), share(4, 10), share(0, 0)]) == pytest.approx(0.3)
    assert gap([share(1, 10), share(0, 0)]) is None


def test_every_check_gets_at_least_the_negatives_asked_for() -> None:
    wanted = quotas(300)
    assert set(wanted) == {fault.name for fault in FAULTS}
    by_check: Counter[CheckId] = Counter()
    for fault in FAULTS:
        assert main_check(fault) in fault.checks
        by_check[main_check(fault)] += wanted[fault.name]
    assert min(by_check.values()) >= 300


def test_without_portraits_everybody_is_drawn_and_tones_share_alike() -> None:
    plan = planned(None, 24)
    good: Counter[int] = Counter()
    for task in plan.tasks:
        assert not isinstance(task.person, faces.Portrait)
        good[task.person.tone] += sum(job.set == "good" for job in task.jobs)
    good = +good  # tones that only members of groups have
    assert set(good.values()) == {24}
    assert plan.pictures == sum(quotas(24).values()) + 6 * 24 + len(GROUPS) * 24


def test_every_group_of_drawn_people_gets_as_many_good_pictures_of_several_members() -> None:
    made: Counter[str] = Counter()
    members: dict[str, set[str]] = {}
    for task in planned(None, 24).tasks:
        if not isinstance(task.person, faces.Portrait) and task.person.group:
            assert {job.set for job in task.jobs} == {"group"}
            made[task.person.group] += len(task.jobs)
            members.setdefault(task.person.group, set()).add(task.person.name)
    assert made == dict.fromkeys(GROUPS, 24)
    assert all(len(names) == 3 for names in members.values())


def test_portraits_take_half_of_the_negatives_and_faulty_ones_none(tmp_path: Path) -> None:
    folder = tmp_path / "neutral"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.jpg").write_bytes(b"")
    places = "pupil_l_x,pupil_l_y,pupil_r_x,pupil_r_y,hair_top_y,chin_y,face_l_x,face_r_x"
    head = f"id,{places},gender,brows_covered,ears_hidden,earrings"
    rows = ("a,1,2,3,4,5,6,7,8,female,no,none,no", "b,1,2,3,4,5,6,7,8,male,no,both,unsure")
    (tmp_path / "labels.csv").write_text("\n".join((head, *rows)), encoding="utf-8")
    first, second = faces.neutral(tmp_path)
    assert first.clean
    assert second.faults == frozenset({"ears"})
    assert second.unsure == frozenset({"earrings"})
    plan = planned(tmp_path, 24)
    made = {
        task.person.path.stem: Counter(job.set for job in task.jobs)
        for task in plan.tasks
        if isinstance(task.person, faces.Portrait)
    }
    assert made["a"]["negative"] == sum(count // 2 for count in quotas(24).values())
    assert made["b"] == {"portrait": 1}


def test_a_label_without_its_numbers_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "labels.csv").write_text("id,pupil_l_x\na,soon\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels\.csv, portrait a"):
        faces.neutral(tmp_path)


def test_a_folder_without_portraits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no portraits"):
        faces.neutral(tmp_path)


def test_what_passes_and_what_cannot_be_told_are_both_missed() -> None:
    made = [
        _outcome({CheckId.EYES_OPEN: answer}, "negative", fault="eyes_closed") for answer in (FAIL, PASS, BLANK, WARN)
    ]
    entry = miss_figures(made, PROFILE)["eyes_open"]["faults"]["eyes_closed"]
    assert entry["missed"]["count"] == 2
    assert entry["could_not_tell"] == 1


def test_a_value_outside_its_limit_is_caught_even_where_the_profile_does_not_ask() -> None:
    off = Answer(Verdict.OFF, 1, 0.9)
    made = _outcome({CheckId.GLASSES: off}, "negative", fault="clear_glasses")
    assert made.caught(frozenset({CheckId.GLASSES}))
    assert not made.refusing(frozenset())


def test_only_a_required_check_refuses_a_good_face() -> None:
    good = [_outcome({CheckId.ROLL: FAIL}), _outcome({CheckId.GAZE: WARN}), _outcome({CheckId.ROLL: PASS})]
    figures = good_figures(good, STILL, PROFILE)
    assert figures["refused"]["count"] == 1
    assert figures["checks"]["gaze"]["bad"]["count"] == 1
    assert figures["checks"]["roll"]["unknown"]["count"] == 1


def test_groups_are_compared_by_tone_and_sex() -> None:
    made = [_outcome({CheckId.ROLL: FAIL if tone == 6 else PASS}, tone=tone) for tone in (1, 6)]
    table = group_figures(made)
    assert table["tone"]["gap"]["refused"] == 1.0
    assert table["sex"]["gap"]["refused"] is None


def test_looks_are_compared_by_who_is_refused() -> None:
    made = [
        replace(_outcome({CheckId.ROLL: answer, CheckId.GAZE: WARN}, "group"), group=group)
        for group, answer in (("bald", FAIL), ("bald", PASS), ("beard", PASS), ("beard", PASS))
    ]
    table = look_figures(made)
    assert table["gap"] == 0.5
    assert table["groups"]["bald"]["outside"] == {"gaze": 2, "roll": 1}
    assert table["groups"]["beard"]["refused"]["count"] == 0


def _whole_report() -> tuple[dict[str, Any], list[Outcome]]:
    negatives = [
        _outcome(dict.fromkeys(fault.checks, FAIL), "negative", fault=fault.name, tone=tone, sex=sex)
        for fault in FAULTS
        for tone, sex in ((1, "f"), (6, "m"))
    ]
    outcomes = [*negatives, _outcome({CheckId.ROLL: PASS}, tone=1), _outcome({CheckId.ROLL: PASS}, tone=6, sex="m")]
    outcomes += [replace(_outcome({CheckId.ROLL: PASS}, "group"), group=group) for group in GROUPS]
    head = {"profile": "national-2017", "per_check": 2, "portraits": 0, "pictures": len(outcomes)}
    return {**head, **summed(outcomes, PROFILE)}, outcomes


def test_the_report_is_plain_json_and_its_promises_and_page_can_be_made_of_it() -> None:
    report, outcomes = _whole_report()
    assert {"geometry", "good", "smiling", "misses", "groups", "worst"} < set(report)
    assert json.loads(json.dumps(report)) == report
    promises = bars(report)
    assert all(bar.holds is not False for bar in promises)
    assert sum(bar.promise.startswith("missed: ") for bar in promises) == 23
    text = page(report, promises, outcomes)
    assert "eyes_closed" in text
    assert "does NOT hold" not in text
    assert "single lids" in text


def test_the_docs_get_the_figures_between_their_marks_and_keep_the_rest(tmp_path: Path) -> None:
    report, _ = _whole_report()
    report["promises"] = [bar._asdict() for bar in bars(report)]
    out, pages = tmp_path / "out", tmp_path / "docs"
    out.mkdir()
    pages.mkdir()
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    (pages / "accuracy.md").write_text(
        f"before\n{docs.BEGIN}\nfigures of before\n{docs.END}\nafter\n", encoding="utf-8"
    )
    assert docs.main([str(out), str(pages)]) == 0
    text = (pages / "accuracy.md").read_text(encoding="utf-8")
    assert text.startswith(f"before\n{docs.BEGIN}\n")
    assert text.endswith(f"{docs.END}\nafter\n")
    assert "figures of before" not in text
    assert "| missed: roll | <= 1 % | 0.0 % of 2 (0.0 % to 65.8 %) | holds |" in text
    assert json.loads((pages / "accuracy" / "report.json").read_text(encoding="utf-8")) == report


def test_the_docs_get_what_people_feel_though_no_faulty_picture_was_judged(tmp_path: Path) -> None:
    seen = [Visit("neutral", "001", smiles=False, photo=True, takes=1, seconds=22.0, told=("guide.hold_still",))]
    seen += [replace(seen[0], set="rest", who="b", takes=2), replace(seen[0], smiles=True, failed=("neutral",))]
    people = {
        "profile": "national-2017",
        "booth": booth_figures(seen),
        "left_out": None,
        "cutting": cutting_figures([Cut("neutral/001", 300, 0), Cut("neutral/002", 0, 0)]),
    }
    out, pages = tmp_path / "out", tmp_path / "docs"
    out.mkdir()
    pages.mkdir()
    (out / "people.json").write_text(json.dumps(people), encoding="utf-8")
    (pages / "accuracy.md").write_text(
        f"before\n{docs.PEOPLE_BEGIN}\nold\n{docs.PEOPLE_END}\n{docs.BEGIN}\nkept\n{docs.END}\n", encoding="utf-8"
    )
    assert docs.main([str(out), str(pages)]) == 0
    text = (pages / "accuracy.md").read_text(encoding="utf-8")
    assert "| all | 100.0 % of 2 (34.2 % to 100.0 %) | 50.0 % of 2" in text
    assert "- rest/b: photo, 2 takes, more than one take" in text
    assert "more than 20 px of background inside the skull | 50.0 % of 2" in text
    assert "neutral/001 300 |" in text
    assert text.endswith(f"{docs.BEGIN}\nkept\n{docs.END}\n")


def test_the_docs_say_where_their_halves_are_of_different_code_and_nothing_of_it_where_not(tmp_path: Path) -> None:
    report, _ = _whole_report()
    report |= {"promises": [bar._asdict() for bar in bars(report)], "state": "abc"}
    out, pages = tmp_path / "out", tmp_path / "docs"
    for folder in (out, pages):
        folder.mkdir()
    marks = f"{docs.PEOPLE_BEGIN}\n{docs.PEOPLE_END}\n{docs.BEGIN}\n{docs.END}\n"
    (pages / "accuracy.md").write_text(marks, encoding="utf-8")
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    for of, warnings in (("abd", 2), ("abc", 0)):
        (out / "people.json").write_text(json.dumps({"profile": "national-2017", "state": of}), encoding="utf-8")
        assert docs.main([str(out), str(pages)]) == 0
        text = (pages / "accuracy.md").read_text(encoding="utf-8")
        assert text.count("of another state of the checks") == warnings
        assert ("gap between groups of drawn people | <= 2 % | 0.0 %" in text) is (warnings == 0)
    (out / "report.json").unlink()
    (out / "people.json").write_text(json.dumps({"profile": "national-2017", "state": "abe"}), encoding="utf-8")
    assert docs.main([str(out), str(pages)]) == 0
    assert "The figures further below are of another state" in (pages / "accuracy.md").read_text(encoding="utf-8")


def test_what_does_not_hold_leads_the_figures() -> None:
    report, _ = _whole_report()
    report["promises"] = [bar._asdict() for bar in bars(report)]
    assert "\n\nEvery promise holds.\n" in docs.figures(report)
    report["promises"][-1]["holds"] = False
    assert f"promises 1 do not hold:\n\n- {report['promises'][-1]['promise']}: " in docs.figures(report)


def test_a_fault_that_no_required_check_refuses_is_let_through() -> None:
    made = [_outcome({CheckId.EYES_OPEN: answer}, "negative", fault="eyes_closed") for answer in (FAIL, PASS, WARN)]
    made.append(_outcome({CheckId.EARS: PASS}, "negative", fault="ears_covered"))  # a check that only warns
    assert (let_through(made, PROFILE)["count"], let_through(made, PROFILE)["of"]) == (2, 3)


def test_nobody_shows_what_was_taught_by_them(tmp_path: Path) -> None:
    folder = tmp_path / "neutral"
    folder.mkdir()
    for name in ("001", "003"):  # the first has taught
        (folder / f"{name}.jpg").write_bytes(b"")
    made = {
        task.person.path.stem: {job.fault for job in task.jobs if job.set == "negative"}
        for task in planned(tmp_path, 24).tasks
        if isinstance(task.person, faces.Portrait)
    }
    learnt = {"ears_covered", "earrings", "necklace"}
    assert made["001"] == {fault.name for fault in FAULTS} - learnt
    assert made["003"] >= learnt


def test_docs_without_a_report_say_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main([str(tmp_path), str(tmp_path)]) == 2
    assert "run `make accuracy` first" in capsys.readouterr().err


def test_a_portrait_whose_edge_cuts_the_hair_is_no_good_picture_before_a_wall() -> None:
    measures = {"pupil_error": 0.0, "legal": 1.0, "refused": 0.0, "width_px": 0.0, "chin_px": 0.0}
    labelled = {"whole": measures | {"hair_top_px": 1.0}, "cut": measures}
    portraits = [
        replace(_outcome({}, "portrait"), who=who, material="portrait", measures=told) for who, told in labelled.items()
    ]
    wall = [replace(_outcome({CheckId.POSITION: FAIL}), who=who, material="portrait") for who in labelled]
    good = summed([*portraits, *wall], PROFILE)["good"]["portraits_before_wall"]
    assert (good["pictures"], good["refused_who"]) == (1, ["whole"])


@pytest.mark.parametrize(("drawn", "holds"), [(FAIL, True), (PASS, False)])
def test_bent_heads_have_a_promise_for_drawn_people_only(drawn: Answer, holds: bool) -> None:
    report, outcomes = _whole_report()
    bent = _outcome({CheckId.PITCH: drawn}, "negative", fault="pitch")
    warped = replace(_outcome({CheckId.PITCH: PASS}, "negative", fault="pitch"), material="portrait", who="someone")
    told = summed([*(one for one in outcomes if one.fault != "pitch"), bent, warped], PROFILE)
    promises = {bar.promise: bar.holds for bar in bars(report | told)}
    assert {name: held for name, held in promises.items() if "pitch" in name} == {"missed: pitch, drawn people": holds}
