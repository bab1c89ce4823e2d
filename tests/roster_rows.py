"""A roster row of somebody who does not exist, with any fields changed."""

from wire.roster_change import RosterRow

_FIELDS = {
    "year": "2026",
    "school": "示范大学",
    "major": "数学",
    "class_name": "1班",
    "student_no": "20260001",
    "id_number": "11010519491231002X",
    "name": "张三",
    "sex": "男",
    "exam_no": "26320100000001",
}


def roster_row(**changes: str) -> RosterRow:
    """张三 of 示范大学, with `changes` of fields."""
    return RosterRow(**(_FIELDS | changes))
