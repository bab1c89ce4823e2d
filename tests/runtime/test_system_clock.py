"""Whether the wall clock is synchronised: as the kernel says, or timesyncd where the kernel may not be asked."""

from pathlib import Path

import pytest

from kiosk.runtime.system_clock import SystemClock, ask_kernel

SYNCHRONISED, LEAP_SECOND_DUE, NOT_SYNCHRONISED, REFUSED = 0, 1, 5, -1


@pytest.mark.parametrize(
    ("state", "synced"), [(SYNCHRONISED, True), (LEAP_SECOND_DUE, True), (NOT_SYNCHRONISED, False)]
)
@pytest.mark.parametrize("marked", [True, False])
def test_the_kernels_word_counts_where_it_may_be_asked(tmp_path: Path, state: int, synced: bool, marked: bool) -> None:
    mark = tmp_path / "synchronized"
    if marked:
        mark.touch()
    assert SystemClock(lambda: state, mark).wall().synced is synced


@pytest.mark.parametrize("marked", [True, False])
def test_where_the_kernel_may_not_be_asked_timesyncds_mark_counts(tmp_path: Path, marked: bool) -> None:
    mark = tmp_path / "synchronized"
    if marked:
        mark.touch()
    assert SystemClock(lambda: REFUSED, mark).wall().synced is marked


def test_the_kernel_answers_on_this_machine() -> None:
    assert 0 <= ask_kernel() <= NOT_SYNCHRONISED
