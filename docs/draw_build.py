"""Draw a booth's wiring and measures into `docs/pictures`: `python docs/draw_build.py`.

Pins come from the booth's default configuration, so that the drawing and the program cannot differ.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from kiosk.ports.config import LampsConfig

PICTURES = Path(__file__).parent / "pictures"

HEADER_PIN = {12: 32, 13: 33, 17: 11, 18: 12, 19: 35}
"""BCM number -> pin of the 40-pin header."""
GROUND_PINS = (9, 34, 39)

OUTLINED = 'stroke="#4a6b82" stroke-width="2"'
INK, LINE, SIGNAL, GROUND, PALE = "#20303c", "#4a6b82", "#b5471c", "#5c6a72", "#eef3f7"

WORDS = {
    "en": {
        "pi": "Raspberry Pi 5",
        "header": "40-pin header",
        "left": "Lamp driver, left",
        "right": "Lamp driver, right",
        "pwm": "PWM input",
        "key": "Key switch (staff)",
        "closed": "closed = service",
        "pull": "10 kΩ to ground",
        "camera": "Camera Module 3",
        "panel": "7-inch touch panel",
        "reader": "ID-card reader",
        "scanner": "Code scanner",
        "net": "Network",
        "rtc": "Clock battery",
        "disk": "Data disk (SSD)",
        "supply": "27 W power supply",
        "ground": "ground",
        "floor": "floor",
        "lens": "lens 1220 mm",
        "controls": "everything touched: 800-1100 mm",
        "eyes": "eyes 1080-1380 mm",
        "seat": "seat 430-500 mm",
        "distance": "lens to eyes 1200 mm",
        "behind": "head to backdrop ≥ 500 mm",
        "backdrop": "backdrop, matt, at least 1500 wide, to 2000 mm",
        "lamps": "lamps 45° left and right, 1400 mm",
        "booth": "booth",
    },
    "zh-CN": {
        "pi": "树莓派 5",
        "header": "40 针接口",
        "left": "左灯驱动器",
        "right": "右灯驱动器",
        "pwm": "PWM 输入",
        "key": "工作人员钥匙开关",
        "closed": "闭合 = 维护",
        "pull": "10 kΩ 下拉到地",
        "camera": "Camera Module 3 摄像头",
        "panel": "7 英寸触摸屏",
        "reader": "身份证读卡器",
        "scanner": "扫码器",
        "net": "网络",
        "rtc": "时钟电池",
        "disk": "数据盘（固态硬盘）",
        "supply": "27 W 电源",
        "ground": "地线",
        "floor": "地面",
        "lens": "镜头 1220 mm",
        "controls": "触摸区域：800-1100 mm",
        "eyes": "眼睛 1080-1380 mm",
        "seat": "座椅 430-500 mm",
        "distance": "镜头到眼睛 1200 mm",
        "behind": "头后到背景 ≥ 500 mm",
        "backdrop": "背景：哑光，宽 1500 mm 以上，高至 2000 mm",
        "lamps": "灯：左右各 45°，高 1400 mm",
        "booth": "采集机",
    },
}


def box(x: float, y: float, w: float, h: float, title: str, note: str = "") -> Iterator[str]:
    yield f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{PALE}" stroke="{LINE}" stroke-width="2"/>'
    middle = y + h / 2 + (6 if not note else -4)
    yield text(x + w / 2, middle, title, 17, anchor="middle", bold=True)
    if note:
        yield text(x + w / 2, middle + 22, note, 14, anchor="middle")


def text(x: float, y: float, words: str, size: int = 15, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{INK}"{weight}>{escape(words)}</text>'
    )


def line(*points: tuple[float, float], colour: str = LINE, width: float = 2.5, dashed: bool = False) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    dash = ' stroke-dasharray="6 5"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'


def page(width: int, height: int, parts: Iterator[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="Noto Sans, Noto Sans CJK SC, sans-serif">'
    )
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="white"/>', *parts, "</svg>", ""])


def wiring(words: dict[str, str], lamps: LampsConfig) -> str:
    """The electrical plan, as SVG."""

    def parts() -> Iterator[str]:
        yield from box(380, 40, 260, 560, "")
        yield text(510, 74, words["pi"], 18, anchor="middle", bold=True)
        yield text(510, 98, words["header"], 14, anchor="middle")
        rows = [(140, lamps.left_pin, "left"), (300, lamps.right_pin, "right"), (460, lamps.key_pin, "key")]
        for (y, pin, name), ground in zip(rows, (GROUND_PINS[1], GROUND_PINS[2], GROUND_PINS[0]), strict=True):
            assert pin is not None
            note = words["closed"] if name == "key" else words["pwm"]
            yield from box(30, y - 32, 220, 110, words[name], note)
            yield line((250, y), (380, y), colour=SIGNAL)
            yield line((250, y + 50), (380, y + 50), colour=GROUND)
            yield text(392, y + 5, f"GPIO{pin} ({HEADER_PIN[pin]})")
            yield text(392, y + 55, f"{words['ground']} ({ground})")
            if name != "key":
                yield line((315, y), (315, y + 50), colour=GROUND, width=1.5)
                yield f'<rect x="308" y="{y + 12}" width="14" height="26" fill="white" stroke="{GROUND}"/>'
                yield text(300, y + 74, words["pull"], 13, anchor="middle")
        ports = [
            ("CSI", "camera"), ("DSI", "panel"), ("USB 2", "reader"), ("USB 2", "scanner"), ("USB 3 / PCIe", "disk"),
            ("Ethernet", "net"), ("BAT", "rtc"), ("USB-C", "supply"),
        ]  # fmt: skip
        for k, (port, name) in enumerate(ports):
            y = 76 + 68 * k
            yield from box(770, y - 26, 230, 52, words[name])
            yield line((640, y), (770, y))
            yield text(648, y - 7, port, 13)

    return page(1030, 640, parts())


def booth(words: dict[str, str]) -> str:
    """The booth from the side with its heights, 1 mm = 0.3 units, as SVG."""
    floor, at = 690.0, lambda mm: 690.0 - 0.3 * mm

    def height(x: float, mm: float, name: str) -> Iterator[str]:
        yield line((x, at(mm)), (x + 40, at(mm)), width=1.5)
        yield text(x + 46, at(mm) + 5, words[name], 15)

    def parts() -> Iterator[str]:
        yield line((20, floor), (1010, floor), colour=INK, width=3)
        yield text(24, floor + 24, words["floor"], 14)
        yield f'<rect x="60" y="{at(1500)}" width="70" height="{0.3 * 1500}" rx="6" fill="{PALE}" {OUTLINED}/>'
        yield text(95, at(1530), words["booth"], 15, anchor="middle")
        yield f'<rect x="122" y="{at(1100)}" width="14" height="{0.3 * 300}" fill="#cfe0ec" stroke="{LINE}"/>'
        yield f'<circle cx="132" cy="{at(1220)}" r="8" fill="{INK}"/>'
        yield f'<circle cx="150" cy="{at(1400)}" r="14" fill="#ffe9a8" stroke="{LINE}" stroke-width="2"/>'
        eyes = 132 + 0.3 * 1200
        yield f'<ellipse cx="{eyes + 22}" cy="{at(1250)}" rx="28" ry="36" fill="#f3e3d6" {OUTLINED}/>'
        yield f'<circle cx="{eyes}" cy="{at(1260)}" r="4" fill="{INK}"/>'
        yield line(
            (eyes + 28, at(1130)),
            (eyes + 34, at(520)),
            (eyes - 90, at(500)),
            (eyes - 90, at(40)),
            width=14,
            colour="#d8e2ea",
        )
        yield f'<rect x="{eyes - 40}" y="{at(470)}" width="120" height="12" fill="{LINE}"/>'
        yield line((eyes + 20, at(450)), (eyes + 20, floor), width=8)
        wall = eyes + 50 + 0.3 * 800
        yield f'<rect x="{wall}" y="{at(2000)}" width="12" height="{0.3 * 2000}" fill="#9fc0da" stroke="{LINE}"/>'
        yield line((132, at(1220)), (eyes, at(1260)), dashed=True, width=1.5)
        yield line((132, at(1720)), (eyes, at(1720)), width=1.5, colour=SIGNAL)
        yield text((132 + eyes) / 2, at(1745), words["distance"], 15, anchor="middle")
        yield line((eyes + 50, at(1500)), (wall, at(1500)), width=1.5, colour=SIGNAL)
        yield text((eyes + 50 + wall) / 2, at(1525), words["behind"], 13, anchor="middle")
        yield text(172, at(1440), words["lamps"], 15)
        yield from height(170, 1130, "lens")
        yield from height(140, 950, "controls")
        yield text(eyes + 70, at(1250), words["eyes"], 15)
        yield text(eyes + 92, at(462), words["seat"], 15)
        yield text(wall + 6, at(2040), words["backdrop"], 15, anchor="middle")

    return page(1030, 730, parts())


def drawings() -> dict[str, str]:
    """Every drawing by its file name."""
    found = {}
    for language, words in WORDS.items():
        end = "" if language == "en" else f".{language}"
        found[f"wiring{end}.svg"] = wiring(words, LampsConfig())
        found[f"booth{end}.svg"] = booth(words)
    return found


if __name__ == "__main__":
    for name, svg in drawings().items():
        (PICTURES / name).write_text(svg, encoding="utf-8")
