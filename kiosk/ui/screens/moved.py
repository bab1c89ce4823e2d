"""Draws a screen larger, smaller or elsewhere on the panel: every operation is scaled and moved."""

from dataclasses import dataclass, replace

from kiosk.ui.screens.ops import (
    Arc,
    Box,
    Circle,
    Op,
    Picture,
    Point,
    Polygon,
    QrCode,
    RoundRect,
    Stroke,
    Text,
    TouchArea,
    Veil,
)


@dataclass(frozen=True, slots=True)
class _Move:
    scale: float
    dx: float
    dy: float

    def point(self, at: Point) -> Point:
        return Point(round(at.x * self.scale + self.dx, 2), round(at.y * self.scale + self.dy, 2))

    def box(self, at: Box) -> Box:
        """Move a box without rounding, so that boxes that touched each other still touch."""
        return Box(at.x * self.scale + self.dx, at.y * self.scale + self.dy, at.w * self.scale, at.h * self.scale)

    def points(self, at: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple(map(self.point, at))


def moved(ops: tuple[Op, ...], scale: float, dx: float = 0.0, dy: float = 0.0) -> tuple[Op, ...]:
    """`ops` with every position multiplied by `scale`, plus (`dx`, `dy`); sizes and line widths are scaled likewise."""
    move = _Move(scale, dx, dy)
    return tuple(_moved(op, move) for op in ops)


def _moved(op: Op, move: _Move) -> Op:
    by = move.scale
    match op:
        case RoundRect():
            return replace(op, box=move.box(op.box), radius=op.radius * by, line_width=op.line_width * by)
        case Circle():
            return replace(op, centre=move.point(op.centre), radius=op.radius * by, line_width=op.line_width * by)
        case Arc():
            return replace(op, centre=move.point(op.centre), radius=op.radius * by, width=op.width * by)
        case Stroke():
            return replace(op, points=move.points(op.points), width=op.width * by)
        case Polygon():
            return replace(op, points=move.points(op.points))
        case Veil():
            lines = replace(op, line_width=op.line_width * by, casing_width=op.casing_width * by)
            return replace(lines, box=move.box(op.box), radius=op.radius * by, clear=move.points(op.clear))
        case Text():
            return replace(op, box=move.box(op.box), size=op.size * by, least=op.least * by)
        case Picture():
            return replace(op, box=move.box(op.box), radius=op.radius * by)
        case QrCode() | TouchArea():
            return replace(op, box=move.box(op.box))
