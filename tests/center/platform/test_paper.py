"""Paper: fonts cut to what a document needs, paragraphs broken as Chinese is set."""

import io
from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from center.platform.documents.fonts import CHAIN, cut, font_of, width_of
from center.platform.documents.paper import _NEVER_FIRST, Paper, _broken

pytestmark = pytest.mark.skipif(
    not all(font.path.exists() for font in CHAIN), reason="NOT RUN: a font of the fallback chain is not installed"
)


def test_a_cut_font_has_the_characters_asked_for_and_no_others() -> None:
    font = font_of("张")
    assert font is CHAIN[0]
    data = cut(font, "张三1")
    assert data == cut(font, "1三张"), "the same characters, the same bytes"
    assert set(TTFont(io.BytesIO(data)).getBestCmap()) == {ord(char) for char in "张三1"}
    assert len(data) < 20_000 < font.path.stat().st_size


def test_a_document_embeds_each_font_once_with_what_it_needs_of_it() -> None:
    paper = Paper(100, 100, "x")
    paper.page()
    for at in range(20):
        paper.text("张三㛃𬭎 2026", 5, 4 * at, 90, 9)
    assert len(paper.bytes()) < 60_000
    assert paper.bytes() == paper.bytes()


@given(st.text(alphabet="根据苏教指通，。、：）”（“2026-00012 ABC", max_size=60), st.floats(2, 12))
def test_a_paragraph_loses_nothing_and_no_line_begins_with_a_closing_mark(text: str, width_em: float) -> None:
    lines = _broken(text, width_em)
    assert "".join(lines) == text
    for line in lines:
        wide = sum(width_of(char) for char in line) / 1_000
        assert wide <= width_em or len(line) == 1 or line[-1] in _NEVER_FIRST
    for before, line in pairwise(lines):
        assert line[:1] not in _NEVER_FIRST or set(before[1:]) <= _NEVER_FIRST, "but where marks alone fill a line"
