"""Workbooks as schools and their programs really make them, each a kind that once went wrong. All persons are made up.

The XML is written by hand: a library that writes workbooks would not write these.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import msoffcrypto.format.ooxml as ooxml

from rules.idnumber import check_digit

HEADER = ("毕业年度", "学校名称", "专业名称", "班级名称", "学号", "身份证号", "姓名", "性别", "考生号")


def student(number: int, **changes: str) -> list[str]:
    """The nine fields of a made-up student; `changes` by the notice's short names (xm, xh ...)."""
    body = f"32010220030405{number:03d}"
    fields = {
        "bynd": "2026",
        "xxmc": "示范大学",
        "zymc": "数学",
        "bjmc": "1班",
        "xh": f"2026{number:06d}",
        "sfzh": body + check_digit(body),
        "xm": f"测试{number}号",
        "xb": "男" if number % 2 else "女",
        "ksh": f"2632010215{number:04d}",
    }
    return list((fields | changes).values())


def text(value: str) -> str:
    """A cell of text, for `sheet`."""
    return f't="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def raw(kind: str, value: str, style: int = 0) -> str:
    """A cell of another type: `n` number, `b` boolean, `e` error; `style` 1 shows a number as a date."""
    return f't="{kind}" s="{style}"><v>{escape(value)}</v></c>'


def sheet(
    rows: Sequence[Sequence[str]],
    *,
    far: Mapping[str, str] | None = None,
    hidden_rows: Sequence[int] = (),
    hidden_columns: str = "",
    bad_address: bool = False,
) -> str:
    """A worksheet's XML. `rows`: cells made by `text` or `raw`; `far`: further cells by address."""
    lines = []
    for number, cells in enumerate(rows, start=1):
        hidden = ' hidden="1"' if number in hidden_rows else ""
        row = "".join(f'<c r="{_letters(at)}{number}" {cell}' for at, cell in enumerate(cells))
        lines.append(f'<row r="{number}"{hidden}>{row}</row>')
    for address, cell in (far or {}).items():
        digits = "".join(char for char in address if char.isdigit())
        lines.append(f'<row r="{digits}"><c r="{address}" {cell}</row>')
    data = "".join(lines)
    if bad_address:
        data = data.replace('r="A1"', 'r="ZZZZZZZ4294967290"', 1)
    columns = "".join(f'<col min="{at}" max="{at}" hidden="1"/>' for at in map(_place, hidden_columns))
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{f'<cols>{columns}</cols>' if columns else ''}<sheetData>{data}</sheetData></worksheet>"
    )


def workbook(sheets: Mapping[str, str], states: Mapping[str, str] | None = None) -> bytes:
    """A .xlsx of sheets by name; `states`: name -> `hidden` or `veryHidden`."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    entries, relations = [], []
    for at, name in enumerate(sheets, start=1):
        state = f' state="{states[name]}"' if states and name in states else ""
        entries.append(f'<sheet name={quoteattr(name)} sheetId="{at}"{state} r:id="r{at}"/>')
        relations.append(f'<Relationship Id="r{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>')
    relations.append(f'<Relationship Id="styles" Type="{office}/styles" Target="styles.xml"/>')
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{"".join(entries)}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{"".join(relations)}'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" '
        'applyNumberFormat="1"/></cellXfs></styleSheet>',
    } | {f"xl/worksheets/sheet{at}.xml": xml for at, xml in enumerate(sheets.values(), start=1)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return out.getvalue()


def encrypted(data: bytes, password: str, spins: int = 100_000) -> bytes:
    """The workbook encrypted as Excel does it; `spins` other than 100 000 is only stated in the file, which no password
    opens then.
    """
    # The encrypting library writes packages of less than 4 KB wrongly: make the package larger.
    padded = io.BytesIO(data)
    with zipfile.ZipFile(padded, "a") as archive:
        archive.writestr("docProps/thumbnail.jpeg", bytes(8192))
    out = io.BytesIO()
    ooxml.OOXMLFile(padded).encrypt(password, out)
    told = b'spinCount="100000"'
    assert told in out.getvalue()
    return out.getvalue().replace(told, f'spinCount="{spins:06d}"'.encode())


def table(*rows: Sequence[str], header: Sequence[str] = HEADER) -> list[list[str]]:
    """A header and rows of text as cells."""
    return [[text(value) for value in row] for row in (header, *rows)]


def roster(*rows: Sequence[str], **marks: object) -> bytes:
    """A plain roster of rows of text."""
    return workbook({"名册": sheet(table(*rows), **marks)})  # type: ignore[arg-type]


def with_cell(field: int, cell: str) -> bytes:
    """A roster of two students; the second one has `cell` in a field counted from 0."""
    rows = table(student(1), student(2))
    rows[2][field] = cell
    return workbook({"名册": sheet(rows)})


def _letters(column: int) -> str:
    return chr(ord("A") + column) if column < 26 else chr(ord("A") + column // 26 - 1) + chr(ord("A") + column % 26)


def _place(letter: str) -> int:
    return ord(letter) - ord("A") + 1


def _old_workbook_with_a_torn_directory() -> bytes:
    """An OLE file whose directory chain ends in the middle of an entry."""
    header = bytearray(512)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 1)
    table = struct.pack("<128I", 0xFFFFFFFE, *([0xFFFFFFFF] * 127))
    return bytes(header) + table + b"R\0o\0o\0t\0" + bytes(90)


DAMAGED: dict[str, Callable[[], bytes]] = {
    "an address beyond all sheets": lambda: roster(student(1), bad_address=True),
    "an old workbook with a torn directory": _old_workbook_with_a_torn_directory,
    "XML that breaks off": lambda: workbook({"名册": sheet(table(student(1)))[:400]}),
    "no workbook in the archive": lambda: workbook({}).replace(b"workbook.xml", b"workbok0.xml"),
    "half a file": lambda: roster(student(1))[:900],
}
"""Files at which a parser raises, panics or dies."""
