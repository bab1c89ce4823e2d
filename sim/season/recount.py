"""A second, independent program that recounts a season from the packs, sheets and letters alone.

It imports nothing from this project. It knows only the notice (12 yuan a head, six prints, a photo's file is named by
the student number, the manifest's columns) and how files are named in the folder. It reports whatever it can't explain.

    python -m sim.season.recount FOLDER
"""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pyzipper
from python_calamine import CalamineWorkbook

FEE_YUAN, PRINTS = 12, 6
INNER, MANIFEST, CHECKLIST = "photos.zip", "清单.xlsx", "核对表.pdf"
_FIELDS = ("毕业年度", "学校名称", "专业名称", "班级名称", "学号", "身份证号", "姓名", "性别", "考生号")
_HEADS = re.compile(r"毕业生(\d+)人")
_TOTAL = re.compile(r"合计(-?[\d,]+\.\d\d)")


@dataclass
class SchoolCount:
    """What a school has received."""

    packs: int = 0
    photos: int = 0  # the photos that the school holds now
    printed: int = 0  # the people on the school's sheets
    billed: int = 0  # the people in the school's letters
    yuan: int = 0
    # the student numbers of people whom a letter bills although the school holds no photo of them
    billed_not_delivered: list[str] = field(default_factory=list)
    delivered_not_billed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    # for each student number, the SHA-256 of the photo that the school holds now
    pictures: dict[str, str] = field(default_factory=dict)


def recount(folder: Path) -> dict[str, SchoolCount]:
    """The counts of every school in the folder."""
    passwords = json.loads((folder / "packs" / "passwords.json").read_text("utf-8"))
    counts: dict[str, SchoolCount] = {}
    held: dict[str, dict[str, dict[str, str]]] = {}
    for name in sorted(passwords, key=lambda name: (name.rpartition("-")[0], int(name.rpartition("-")[2][:-4]))):
        school, number = name.rpartition("-")[0], int(name.rpartition("-")[2][:-4])
        count = counts.setdefault(school, SchoolCount())
        count.packs += 1
        if number != count.packs:
            count.wrong.append(f"{name}: pack {count.packs} is missing")
        _pack(school, folder / "packs" / name, passwords[name], held.setdefault(school, {}), count)
    for school, count in counts.items():
        mine = held[school]
        count.photos = len(mine)
        count.pictures = {student: line["SHA-256"] for student, line in mine.items()}
        again = [one for one, often in Counter(line["SHA-256"] for line in mine.values()).items() if often > 1]
        count.wrong += [f"one picture for {_named(mine, digest)}" for digest in again]
        _sheets(folder / "sheets" / f"{school}.zip", mine, count)
        billed = _letters(folder / "letters", school, count)
        count.billed_not_delivered = sorted(billed - mine.keys())
        count.delivered_not_billed = sorted(mine.keys() - billed)
    return counts


def _named(mine: dict[str, dict[str, str]], digest: str) -> str:
    return " and ".join(sorted(student for student, line in mine.items() if line["SHA-256"] == digest))


def _pack(school: str, path: Path, password: str, held: dict[str, dict[str, str]], count: SchoolCount) -> None:
    """Update the record of what a school holds by a pack, as the pack's manifest says."""
    with pyzipper.AESZipFile(path) as outer:
        inner = outer.read(INNER, pwd=password.encode())
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    left = set(files) - {MANIFEST, CHECKLIST} - {name for name in files if name.startswith("印刷版-")}
    for line in _table(files[MANIFEST]):
        student, file = line["学号"], line["文件"]
        if line["变更"] == "作废":
            held.pop(student, None)
            continue
        wanted = f"{line['学校名称']}/{line['班级名称']}/{student}.jpg"
        if file != wanted or line["学校名称"] != school or not all(line[name] for name in _FIELDS):
            count.wrong.append(f"{path.name}: {file} is not {wanted} of {school}")
        if (line["变更"] == "新增") != (student not in held):
            count.wrong.append(f"{path.name}: {student} is {line['变更']}")
        if hashlib.sha256(files.get(file, b"")).hexdigest() != line["SHA-256"]:
            count.wrong.append(f"{path.name}: {file} is not the picture of its line")
        left.discard(file)
        held[student] = line
    count.wrong += [f"{path.name}: {file} is in no line" for file in sorted(left)]


def _sheets(path: Path, held: dict[str, dict[str, str]], count: SchoolCount) -> None:
    """Check that each person is on the sheets six times, with the number that the newest manifest gives."""
    words = Counter[str]()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("印刷版-"):
                words.update(re.findall(r"[0-9Xx]{8,}", _text(archive.read(name))))
    for student, line in held.items():
        often = words[line["身份证号"]]
        count.printed += often > 0
        if often != PRINTS or words[student] != PRINTS:
            count.wrong.append(f"sheets: {student} is printed {often} times")


def _letters(folder: Path, school: str, count: SchoolCount) -> set[str]:
    """The people whom all letters together bill. It is a fault if a letter charges a person again to whom no letter
    has given the fee back."""
    billed: set[str] = set()
    for number in range(1, 100):
        path = folder / f"{school}-{number}.pdf"
        if not path.exists():
            break
        words = "".join(_text(path.read_bytes()).split())
        heads, total = _HEADS.search(words), _TOTAL.search(words)
        lines = _table(path.with_suffix(".xlsx").read_bytes())
        charged = [line["学号"] for line in lines if not line["金额（元）"].startswith("-")]
        credited = {line["学号"] for line in lines} - set(charged)
        yuan = (len(charged) - len(credited)) * FEE_YUAN
        if heads is None or total is None or int(heads[1]) != len(charged):
            count.wrong.append(f"{path.name}: its words do not say {len(charged)} people")
        elif total[1].replace(",", "") != f"{yuan}.00":
            count.wrong.append(f"{path.name}: it is over {total[1]}, {len(charged)} people are {yuan}.00")
        count.wrong += [f"{path.name}: {student} is billed again" for student in charged if student in billed]
        billed = (billed | set(charged)) - credited
        count.yuan += yuan
    count.billed = len(billed)
    return billed


def _table(data: bytes) -> list[dict[str, str]]:
    titles, *rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, titles), map(str, row), strict=True)) for row in rows]


def _text(pdf: bytes) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "in.pdf"
        path.write_bytes(pdf)
        command = ["pdftotext", "-layout", str(path), "-"]
        return subprocess.run(command, check=True, capture_output=True).stdout.decode()  # noqa: S603 - a fixed program


def lines(counts: dict[str, SchoolCount]) -> Iterator[str]:
    """The lines to print about each school."""
    for school, count in counts.items():
        told = {name: value for name, value in asdict(count).items() if name != "pictures"}
        yield json.dumps({"school": school, **told}, ensure_ascii=False)


if __name__ == "__main__":
    found = recount(Path(sys.argv[1]))
    sys.stdout.writelines(f"{line}\n" for line in lines(found))
    sys.exit(1 if any(one.wrong for one in found.values()) else 0)
