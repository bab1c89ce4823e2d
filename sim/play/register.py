"""Made-up people. The seed of a graduate determines the identity, the documents and the roster row."""

import random
from dataclasses import dataclass, replace

from rules.idnumber import mask_id_number
from sim.play.scenario import Graduate
from sim.twins.cards import MadeUpCard, made_up_card
from wire.roster_change import RosterRow

SCHOOLS = ("示范大学", "示范师范大学", "示范工业职业技术学院")
MAJORS = ("计算机科学与技术", "汉语言文学", "机械设计制造及其自动化", "护理学")
# added to a graduate's seed, this gives the seed of a person who is on the roster and never comes
SOMEONE_ELSE = 100_000


@dataclass(frozen=True, slots=True)
class Documents:
    """A graduate's documents."""

    card: MadeUpCard
    student_no: str
    exam_no: str
    image_code: bytes
    school: str


def documents(graduate: Graduate) -> Documents:
    """The documents of a graduate; with `roster = "another"` the student card belongs to somebody else."""
    row = row_of(graduate.seed)
    carried = row_of(graduate.seed + SOMEONE_ELSE) if graduate.roster == "another" else row
    card = made_up_card(graduate.seed)
    if graduate.card == "expired":
        card = replace(card, valid_from="20100101", valid_to="20200101")
    code = random.Random(graduate.seed).randbytes(120)
    return Documents(card, carried.student_no, carried.exam_no, code, row.school)


def masked_numbers(graduate: Graduate) -> frozenset[str]:
    """Every number that a screen may show while this graduate sits there, masked in the screens' way."""
    numbers = (documents(graduate).card.number, *(row.id_number for row in roster((graduate,))))
    return frozenset(mask_id_number(number) for number in numbers if number)


def row_of(seed: int) -> RosterRow:
    """The roster row of the made-up graduate `seed`; the same seed always gives the same row."""
    card = made_up_card(seed)
    luck = random.Random(seed * 7919)
    return RosterRow(
        year="2026",
        school=luck.choice(SCHOOLS),
        major=luck.choice(MAJORS),
        class_name=f"{luck.randint(1, 6)}班",
        student_no=f"2022{seed % 10_000_000:07d}",
        id_number=card.number,
        name=card.name,
        sex="男" if card.sex == "1" else "女",
        exam_no=f"22{luck.randrange(10**12):012d}",
    )


def roster(graduates: tuple[Graduate, ...]) -> list[RosterRow]:
    """The roster of a scenario's booth: rows of the graduates who have one, and of the other people whom it needs."""
    rows: list[RosterRow] = []
    # one row for each graduate, however often the graduate comes
    for graduate in {graduate.seed: graduate for graduate in graduates}.values():
        row = row_of(graduate.seed)
        if graduate.roster == "none":
            continue
        rows.append(row)
        if graduate.roster == "two_records":
            major = next(m for m in MAJORS if m != row.major)
            rows.append(row.model_copy(update={"student_no": f"9{row.student_no[1:]}", "major": major}))
        other = row_of(graduate.seed + SOMEONE_ELSE)
        if graduate.roster == "two_schools":
            school = next(name for name in SCHOOLS if name != row.school)
            rows.append(other.model_copy(update={"school": school, "student_no": row.student_no}))
        elif graduate.roster == "another":
            rows.append(other)
    return rows


def photographed_on_campus(graduates: tuple[Graduate, ...]) -> list[RosterRow]:
    """The roster rows of those graduates who were photographed on campus already (已有照片)."""
    return [row_of(graduate.seed) for graduate in graduates if graduate.photographed and graduate.roster != "none"]
