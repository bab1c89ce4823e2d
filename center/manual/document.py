"""The manual as HTML, from its Markdown.

A heading names the pages that its section is about: `### 交付照片 `/deliveries``. The help link of such a page leads to
this section; its anchor is the page's address without the slash.
"""

from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from markdown_it import MarkdownIt
from markdown_it.token import Token

PICTURES = "pictures/manual/"
"""The folder of pictures in the Markdown; the office serves them under `/manual/`."""
_FILE = "manual.zh-CN.md"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading for the table of contents. `level`: 2 for a part, 3 for a section."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Manual:
    """The whole manual."""

    title: str
    html: str
    headings: tuple[Heading, ...]


@cache
def manual() -> Manual:
    """The manual that came with this program."""
    return read(files("center.manual").joinpath(_FILE).read_text("utf-8"))


@cache
def pictures() -> dict[str, bytes]:
    """Every picture of the manual, by file name."""
    folder = files("center.manual").joinpath("pictures")
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.name.endswith(".jpg")}


def read(text: str) -> Manual:
    """The manual in `text`. HTML in it is shown as text; links to other files become plain text."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    title, headings = "", list[Heading]()
    for at, token in enumerate(tokens):
        if token.type == "inline":
            _inside(token)
        if token.type != "heading_open":
            continue
        inline, level = tokens[at + 1], int(token.tag[1])
        pages, words = _pages(inline), _words(inline)
        if level == 1:
            title = words
            continue
        anchor = pages[0] if pages else f"part-{len(headings) + 1}"
        token.attrSet("id", anchor)
        # If a section is about several pages, the anchors of all but the first are placed before its heading.
        for other in pages[1:]:
            token.meta["before"] = token.meta.get("before", "") + f'<span id="{escape(other)}"></span>'
        headings.append(Heading(level, anchor, words))
    reader.add_render_rule("heading_open", _heading_open)
    reader.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table class="table">\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return Manual(title, reader.renderer.render(tokens, reader.options, {}), tuple(headings))


def _heading_open(_renderer: object, tokens: list[Token], at: int, *_: object) -> str:
    token = tokens[at]
    anchor = f' id="{escape(str(token.attrGet("id")))}"' if token.attrGet("id") else ""
    return f"{token.meta.get('before', '')}<{token.tag}{anchor}>"


def _pages(heading: Token) -> list[str]:
    """The pages that a heading names."""
    code = (one.content for one in heading.children or () if one.type == "code_inline")
    return [content[1:] for content in code if content.startswith("/")]


def _words(heading: Token) -> str:
    """A heading without the pages that it names."""
    return "".join(one.content for one in heading.children or () if one.type == "text").strip()


def _inside(inline: Token) -> None:
    """Change the addresses of pictures to the office's, and remove links to files that the office does not have."""
    kept = []
    for one in inline.children or ():
        source = str(one.attrGet("src") or "")
        if one.type == "image":
            one.attrSet("src", "/manual/" + source.removeprefix(PICTURES))
            one.attrSet("loading", "lazy")
        if one.type not in ("link_open", "link_close"):
            kept.append(one)
    inline.children = kept
