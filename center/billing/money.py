"""Money in whole fen (a hundredth of a yuan): reads it, shows it, writes it in Chinese capital numerals. Pure."""

import re

from center.platform.faults import WrongRequest

MOST_FEN = 10**12
"""Every amount is less than this many fen: ten thousand million yuan, far more than any letter's amount."""

_YUAN = re.compile(r"(-?)(\d{1,10})(?:\.(\d{1,2}))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def read_yuan(text: str) -> int:
    """An amount as people write it, `1,234.50`, in fen. Raises `WrongRequest`."""
    plain = text.strip().replace(",", "").replace("，", "").removeprefix("¥").removesuffix("元").strip()
    match = _YUAN.fullmatch(plain)
    if match is None:
        raise WrongRequest(
            "an amount is written like 1234.50, in yuan, with at most two decimals: {text!r}", text=text[:30]
        )
    fen = int(match[2]) * 100 + int((match[3] or "0").ljust(2, "0"))
    return -fen if match[1] else fen


def show_yuan(fen: int) -> str:
    """An amount in yuan, like `1,234.50`."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def in_words(fen: int) -> str:
    """An amount in capital numerals: 壹仟贰佰叁拾肆元伍角整.

    Chinese letters have them beside the digits, so that nobody can add a digit.
    """
    if not abs(fen) < MOST_FEN:
        raise ValueError(f"{fen} fen are beyond what a letter can say")
    yuan, jiao, cents = abs(fen) // 100, abs(fen) // 10 % 10, abs(fen) % 10
    said = "负" if fen < 0 else ""
    if yuan or not fen:
        said += f"{_whole(yuan)}元"
    if not jiao and not cents:
        return f"{said}整"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif yuan:
        said += _DIGITS[0]
    return f"{said}{_DIGITS[cents]}分" if cents else f"{said}整"


def _whole(number: int) -> str:
    """A whole number in capital numerals, in groups of four digits; consecutive zeros are written once."""
    if not number:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    said = ""
    for at in range(len(groups) - 1, -1, -1):
        group = groups[at]
        if not group:
            continue
        # A zero is written before a group of fewer than four digits, and after a group that is empty.
        if said and (group < 1_000 or not groups[at + 1]):
            said += _DIGITS[0]
        said += _group(group) + _GROUPS[at]
    return said


def _group(number: int) -> str:
    said, gap = "", False
    for at in range(3, -1, -1):
        digit = number // 10**at % 10
        if digit:
            said += (_DIGITS[0] if gap and said else "") + _DIGITS[digit] + _PLACES[at]
        gap = not digit
    return said
