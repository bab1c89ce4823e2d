"""Limits held against people left out: what may refuse a picture from a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.accuracy.left_out import Stranger, left_out_figures, may_refuse, strangers
from bench.accuracy.smile_axis import direction
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.models import models_folder
from rules.checks import CheckId
from rules.profile import load_profile
from tests.faults.sites import LONG

PROFILE = load_profile("national-2017")
EVERY = 1 if LONG else 5
"""Every fifth person is judged; `make faults FACES=...` and `make accuracy FACES=...` judge them all."""


def people(count: int, **values: float) -> list[Stranger]:
    told = {CheckId(name): value for name, value in values.items()}
    return [Stranger("neutral" if k % 2 else "rest", f"p{k}", told) for k in range(count)]


def test_a_check_that_refuses_two_of_a_hundred_strangers_may_not_refuse() -> None:
    good, bad = people(98, roll=0.5), people(2, roll=9.0)
    study = left_out_figures([*good, *bad], PROFILE)
    assert study["may_not_refuse"] == ["roll"]
    assert study["refused"]["all"]["count"] == 2
    assert left_out_figures([*good, *bad[:1]], PROFILE)["may_not_refuse"] == []


def test_a_check_that_only_warns_may_always_go_on() -> None:
    study = left_out_figures(people(40, neutral=0.5), PROFILE)
    assert (study["checks"]["neutral"]["warned"]["count"], study["may_not_refuse"]) == (40, [])


def test_one_refusal_of_few_says_nothing() -> None:
    assert may_refuse({"refused": {"count": 1, "of": 20}})
    assert not may_refuse({"refused": {"count": 2, "of": 20}})
    assert may_refuse({"refused": {"count": 3, "of": 300}})


def test_what_a_set_can_not_show_is_not_asked_of_it() -> None:
    lit = people(30, light_even=0.5)
    study = left_out_figures(lit, PROFILE)
    assert set(study["checks"]["light_even"]["sets"]) == {"neutral"}
    faulty = replace(people(1, neutral=1.2)[0], shown=frozenset({CheckId.NEUTRAL}))
    assert left_out_figures([faulty], PROFILE)["refused"]["all"]["count"] == 0


def test_real_earrings_are_counted_as_found_or_missed_and_never_as_false_warnings() -> None:
    bare, worn = people(6, jewellery=0.1), people(4, jewellery=2.0)
    shown = [replace(one, name=f"w{k}", shown=frozenset({CheckId.JEWELLERY})) for k, one in enumerate(worn)]
    missed = replace(shown[0], name="m", values={CheckId.JEWELLERY: 0.3})
    taught = replace(missed, name="t", unsure=frozenset({CheckId.JEWELLERY}))
    study = left_out_figures([*bare, *shown, missed, taught], PROFILE)
    assert (study["checks"]["jewellery"]["warned"]["count"], study["checks"]["jewellery"]["warned"]["of"]) == (0, 6)
    assert study["learnt"]["jewellery"]["missed"]["count"] == 1
    assert study["learnt"]["jewellery"]["missed"]["of"] == 5
    assert study["learnt"]["jewellery"]["who"] == ["rest/m"]
    assert study["told"] == []


def test_a_margin_is_reported_in_the_spread_of_the_other_sets() -> None:
    rng = np.random.default_rng(0)
    told = [Stranger("neutral", f"n{k}", {CheckId.ROLL: float(v)}) for k, v in enumerate(rng.normal(0, 1, 400))]
    told.append(Stranger("rest", "one", {CheckId.ROLL: 50.0}))
    margin = left_out_figures(told, PROFILE)["checks"]["roll"]["margin"]["rest"]
    assert margin == pytest.approx(4.4, abs=0.3), "the person left out does not widen it"


def test_the_smile_s_axis_turns_away_from_what_people_and_turns_differ_in() -> None:
    rng = np.random.default_rng(1)
    smile, shape, turn = np.eye(60)[:3]
    at_rest = rng.normal(0, 0.05, (80, 60)) + rng.normal(0, 1.0, (80, 1)) * shape
    smiling = at_rest[:40] + smile + rng.normal(0.5, 0.3, (40, 1)) * shape + 0.4 * turn
    axis, rest = direction({"a": at_rest}, (at_rest[:40], smiling), np.outer(rng.normal(0, 1, 50), turn))
    assert axis @ smile > 10 * max(abs(axis @ shape), abs(axis @ turn))
    assert smiling.mean(axis=0) @ axis - rest == pytest.approx(1.0, abs=0.2)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # a hundred portraits and many drawn people are searched
def test_no_required_check_refuses_more_than_one_stranger_in_a_hundred(request: pytest.FixtureRequest) -> None:
    folder = request.config.getoption("--faces")
    if folder is None:
        pytest.skip("NOT RUN, no portraits: give a labelled folder with --faces FOLDER")
    models = models_folder()
    found = strangers(Path(folder), PictureAnalyzer(models), FaceFinder(models), PROFILE, EVERY)
    assert len(found) * EVERY >= 100
    study = left_out_figures(found, PROFILE)
    assert study["may_not_refuse"] == []
    assert study["refused"]["all"]["share"] <= 0.03, study["refused_who"]
