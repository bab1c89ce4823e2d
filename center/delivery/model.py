"""The content of a delivery: the approved photos with their file names, the photos that are left out and why, and what
a supplement changes. Pure. Two rules: only finally approved photos are delivered, and no approved photo is left out
silently.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from wire.roster_change import RosterRow

NO_CLASS = "未分班"
"""The folder for graduates without a class."""

_PLAIN_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_\-]{0,39}")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST_FOLDER = 60


class LeftOut(StrEnum):
    """Why an approved photo can't be delivered yet."""

    # the student number is missing or has unusual characters, so the photo's file can't be named
    NO_STUDENT_NO = "no_student_no"
    SAME_NAME = "same_name"  # two graduates have the same student number, so their files would have the same name
    NO_ROW = "no_row"  # the roster does not have the person
    # the roster has the photo's student number, but with another name than was filed with the photo
    OTHER_NAME = "other_name"
    SEVERAL_ROWS = "several_rows"  # the roster has the person more than once in one year
    SAME_ROW = "same_row"  # another approved photo claims the same roster row


class Change(StrEnum):
    """What a delivery does with a photo."""

    NEW = "new"
    REPLACED = "replaced"  # the photo or its row differs from what was delivered before
    WITHDRAWN = "withdrawn"  # was delivered; is not approved any more, or another photo overwrites its file


@dataclass(frozen=True, slots=True)
class Approved:
    """A finally approved photo. `row`: the graduate's roster row; None if the roster has none, has `several`, or has
    only one with the photo's student number and with an `other_name`.

    `digest`: covers the row and the photo's file as it would be delivered, so that it shows a change of either.
    """

    shot_id: str
    person_id: str
    file_name: str  # the profile's template for the file name
    row: RosterRow | None = field(repr=False)
    digest: str
    several: bool = False
    other_name: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A photo in a delivery. `path`: the path of its file in the archive. A withdrawn photo has the path and the row
    with which it was delivered before."""

    change: Change
    shot_id: str
    person_id: str
    path: str = field(repr=False)
    digest: str
    row: RosterRow | None = field(default=None, repr=False)
    before: str = ""  # the shot whose photo this one replaces

    @property
    def class_name(self) -> str:
        """Major and class as one text. If a delivery is made for some classes only, these are chosen by this text."""
        return "/" if self.row is None else f"{self.row.major}/{self.row.class_name or NO_CLASS}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The delivery that could be made now."""

    items: tuple[Item, ...]
    left_out: tuple[tuple[LeftOut, str], ...]  # reason and shot id
    unchanged: int  # approved photos that the school holds already, as they are now

    @property
    def counts(self) -> Counter[Change]:
        """How many items there are for each kind of change."""
        return Counter(item.change for item in self.items)

    @property
    def by_class(self) -> dict[str, Counter[Change]]:
        """For each class, in order: how many items there are for each kind of change."""
        found: dict[str, Counter[Change]] = {}
        for item in sorted(self.items, key=lambda item: item.class_name):
            found.setdefault(item.class_name, Counter())[item.change] += 1
        return found

    def of_classes(self, classes: Collection[str]) -> "Plan":
        """The part of the plan for these classes; the rest waits for the next delivery."""
        return replace(self, items=tuple(item for item in self.items if item.class_name in classes))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that was made. `receiver`: who received it at the school; empty if not noted."""

    delivery_id: int
    school: str
    year: str
    number: int
    made_by: str
    made_at: datetime
    counts: dict[Change, int]
    handed_over_at: datetime | None = None
    receiver: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SchoolDelivery:
    """The state of a school: what a delivery made now would contain, and how many people have no approved photo."""

    plan: Plan
    waiting: int  # people on the roster whose photo has no final decision
    rejected: int  # people on the roster who were photographed, but have no approved photo and none that waits
    missing: int  # roster rows without any photo
    rows: int  # roster rows of the school and year
    without_row: int  # photos, approved or not, that belong to no row of the roster


@dataclass(frozen=True, slots=True)
class Contents:
    """What a delivery's file is built from. `present`: the shots whose photo may be in the file now."""

    delivery_id: int
    school: str
    year: str
    number: int
    made_at: datetime
    password: str = field(repr=False)
    items: tuple[Item, ...] = field(repr=False)
    present: set[str]
    prints_locked: bool
    fingerprint: str
    deleted: int  # photos of the delivery that the office has deleted since; they are not among the items

    def contains(self, item: Item) -> bool:
        """Whether the item's photo is in the file; else the file's list says that it is withdrawn."""
        return item.change is not Change.WITHDRAWN and item.shot_id in self.present

    @property
    def counts(self) -> Counter[Change]:
        """How many photos of each kind the file has now: photos that may no longer be in it count as withdrawn."""
        return Counter(one.change if self.contains(one) else Change.WITHDRAWN for one in self.items)


def plan(
    approved: Sequence[Approved],
    delivered: Mapping[str, tuple[str, str]],
    kept: Collection[str] = (),
    files: Mapping[str, str] | None = None,
) -> Plan:
    """What must be delivered: the difference between `approved` and what was `delivered`.

    `delivered`: person id -> shot id and digest of the photo that the school holds for that person. `kept`: shots that
    are never withdrawn: the office deleted them, but they did not lose their approval. `files`: person id -> path of
    the delivered photo of each person without a row.
    """
    named, left_out = _named(approved)
    items: list[Item] = []
    unchanged = 0
    for one, path in named:
        held = delivered.get(one.person_id)
        made = Item(Change.NEW, one.shot_id, one.person_id, path, one.digest, one.row)
        if held is None:
            items.append(made)
        elif held == (one.shot_id, one.digest):
            unchanged += 1
        else:
            items.append(replace(made, change=Change.REPLACED, before=held[0]))
    # If a photo is left out now, the photo that was delivered before stays: only one that lost its approval is
    # withdrawn, or one whose file another person's photo overwrites.
    taken = {file_name_of(path) for _, path in named}
    overwritten = {person_id for person_id, path in (files or {}).items() if file_name_of(path) in taken}
    staying = {one.person_id for one in approved} - overwritten
    items += [
        Item(Change.WITHDRAWN, shot_id, person_id, "", digest)
        for person_id, (shot_id, digest) in delivered.items()
        if person_id not in staying and shot_id not in kept
    ]
    return Plan(tuple(sorted(items, key=lambda item: (item.path, item.shot_id))), tuple(left_out), unchanged)


def _named(approved: Iterable[Approved]) -> tuple[list[tuple[Approved, str]], list[tuple[LeftOut, str]]]:
    """The photos that have a unique file name, each with its path in the archive; and the photos left out, each with
    the reason."""
    approved = list(approved)
    claims = Counter(one.row for one in approved)
    named: list[tuple[Approved, str]] = []
    left_out: list[tuple[LeftOut, str]] = []
    for one in approved:
        if one.row is None:
            left_out.append((_why_no_row(one), one.shot_id))
        elif claims[one.row] > 1:
            left_out.append((LeftOut.SAME_ROW, one.shot_id))
        elif _PLAIN_CODE.fullmatch(one.row.student_no) is None:
            left_out.append((LeftOut.NO_STUDENT_NO, one.shot_id))
        else:
            folder = f"{folder_name(one.row.school)}/{folder_name(one.row.class_name) or NO_CLASS}"
            named.append((one, f"{folder}/{one.file_name.format(student_no=one.row.student_no)}"))
    # Names must be unique across classes. Windows ignores case.
    often = Counter(file_name_of(path) for _, path in named)
    left_out += [(LeftOut.SAME_NAME, one.shot_id) for one, path in named if often[file_name_of(path)] > 1]
    return [(one, path) for one, path in named if often[file_name_of(path)] == 1], left_out


def _why_no_row(one: Approved) -> LeftOut:
    if one.other_name:
        return LeftOut.OTHER_NAME
    return LeftOut.SEVERAL_ROWS if one.several else LeftOut.NO_ROW


def folder_name(text: str) -> str:
    """A name in a form that every system accepts for a folder."""
    return _UNSAFE.sub("_", text).strip(" .")[:_LONGEST_FOLDER]


def file_name_of(path: str) -> str:
    """The file's name without its folders, as names are compared: a school may put all files into one folder."""
    return path.rpartition("/")[2].casefold()


MANIFEST = "清单.xlsx"
MANIFEST_COLUMNS: tuple[tuple[str, int], ...] = (
    ("变更", 8),
    ("文件", 30),
    ("毕业年度", 10),
    ("学校名称", 24),
    ("专业名称", 20),
    ("班级名称", 16),
    ("学号", 16),
    ("身份证号", 22),
    ("姓名", 14),
    ("性别", 6),
    ("考生号", 18),
    ("SHA-256", 40),
    ("图像采集码(base64)", 30),
)
"""The columns of a delivery's manifest, each with title and width: what changed, the file, the notice's nine fields,
the file's digest, the image-collection code.
"""

MORE_SIZES = "其他尺寸"
"""The name of the archive's folder with the photos in further sizes; the name of their list contains it, too."""
SIZES_LIST = f"清单-{MORE_SIZES}.xlsx"
SIZES_COLUMNS: tuple[tuple[str, int], ...] = (
    ("尺寸", 16),
    ("文件", 40),
    ("学号", 16),
    ("身份证号", 22),
    ("姓名", 14),
    ("SHA-256", 40),
    ("说明", 24),
)
"""The columns of the list of further sizes, each with title and width."""
_NOT_MADE = "像素不足，未生成"

_DELETED = "另有 {} 张照片，本处已按保存期限或本人要求删除，不在本压缩包内；贵校以前收到的仍然有效。\n"
_CHANGES = {Change.NEW: "新增", Change.REPLACED: "更换", Change.WITHDRAWN: "作废"}


def manifest_row(item: Item, sha256: str, codes: Sequence[str]) -> tuple[str, ...]:
    """An item's line in the manifest. `sha256`: the SHA-256 of the photo's file in the archive, empty if the photo is
    withdrawn; `codes`: the photo's image-collection codes in base64, which the office does not interpret.
    """
    fields = ("",) * 9 if item.row is None else tuple(item.row.model_dump().values())
    return (_CHANGES[item.change], item.path, *fields, sha256, " ".join(codes))


def size_path(name: str, path: str) -> str:
    """The path of the file that has a photo in the further size `name`. `path`: the path of the photo's own file."""
    return f"{MORE_SIZES}/{name}/{path}"


def size_row(item: Item, name: str, sha256: str) -> tuple[str, ...]:
    """A photo's line in the list of further sizes; `sha256` is empty if that size could not be made."""
    row = item.row
    numbers = ("", "", "") if row is None else (row.student_no, row.id_number, row.name)
    return (name, size_path(name, item.path) if sha256 else "", *numbers, sha256, "" if sha256 else _NOT_MADE)


def kind_text(number: int) -> str:
    """How a delivery with this number is called in texts for its school: the first one, or which supplement."""
    return "首次交付" if number == 1 else f"第 {number - 1} 次补充交付（只含有变化的照片）"


def changes_text(counts: Mapping[Change, int]) -> str:
    """The counts of a delivery's photos, in words for a school."""
    return "，".join(f"{_CHANGES[change]} {count} 张" for change, count in sorted(counts.items()) if count)


def note(
    school: str,
    number: int,
    made: str,
    counts: Mapping[Change, int],
    *,
    sheets: bool = False,
    sizes: Sequence[str] = (),
    deleted: int = 0,
) -> str:
    """The note that accompanies the encrypted archive: what it is and how to open it. It has no personal data."""
    return (
        f"毕业生图像（补拍）\n学校：{school}\n批次：{number}，{kind_text(number)}\n日期：{made}\n"
        f"内容：{changes_text(counts) or '无'}\n{_DELETED.format(deleted) if deleted else ''}\n"
        "本压缩包内的 photos.zip 已加密（AES-256）。请用 7-Zip、WinRAR 或 Bandizip 打开，\n"
        "Windows 自带的解压程序无法打开。密码另行告知，请勿与本文件一起转发。\n"
        "photos.zip 内有照片（学校/班级/文件名）、清单“清单.xlsx”和核对表“核对表.pdf”。\n"
        + ("印刷版-*.pdf 供印制纸质照片：请按原尺寸（100%）打印，不要缩放。\n" if sheets else "")
        + (f"“{MORE_SIZES}”文件夹内是同样照片的其他尺寸：{'、'.join(sizes)}，见“{SIZES_LIST}”。\n" if sizes else "")
        + "清单中“更换”的照片取代以前交付的照片，“作废”的照片请删除。\n"
        "请核对照片与姓名，如有问题请在收到后二十个工作日内反馈。\n"
    )
