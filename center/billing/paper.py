"""Letters and reminders on paper (费用结算函, 催款函)."""

from collections.abc import Sequence
from datetime import date

from center.billing.letters import Letter, LetterText
from center.billing.money import in_words, show_yuan
from center.platform.documents.paper import A4, Paper, day_on_paper
from rules.profile import Billed
from rules.season import day_in_china

_LEFT, _WIDTH, _BOTTOM = 25.0, 160.0, 25.0
_LINE = 8.5
_ROW = 8.0
_GONE = "（名单中已无此班级）"
_WORDS = {
    Billed.PHOTOGRAPHED: "实际拍摄",
    Billed.APPROVED: "拍摄并审核通过",
    Billed.DELIVERED: "拍摄并交付图像",
}
_FEES = (("项目", 58.0), ("单价（元/人）", 34.0), ("人数", 28.0), ("金额（元）", 40.0))
_CLASSES = (("专业名称", 62.0), ("班级名称", 44.0), ("结算人数", 18.0), ("冲减人数", 18.0), ("金额（元）", 18.0))


def letter_pdf(letter: Letter, text: LetterText) -> bytes:
    """A letter as PDF. Its annex has the numbers of each class.

    The same letter gives the same bytes. Raises `Unavailable`.
    """
    paper = Paper(*A4, title="费用结算函")
    y = _head(paper, letter, "毕业生图像采集（补拍）费用结算函")
    which = "" if letter.number == 1 else f"，系第 {letter.number - 1} 次补充结算，不含此前已结算人数"
    basis = "、".join(one for one in (text.notice, text.document) if one)
    y = _paragraph(
        paper,
        y,
        f"根据{basis}，现就贵校 {letter.year} 届毕业生图像采集（补拍）费用结算如下。"
        f"截至{day_on_paper(letter.cut_off)}，{_WORDS[text.rule]}毕业生 {letter.charged} 人{which}。"
        "每人计费一次，重拍不另收费。",
    )
    y = _table(paper, y + 2, _FEES, _fee_rows(letter, text))
    paper.text(f"合计金额（大写）：{in_words(letter.fen)}", _LEFT, y + 3, _WIDTH, 12)
    y = _pay(paper, y + 13, letter, text)
    _sign(paper, y, letter, text, day_in_china(letter.made_at))
    _annex(paper, letter, text)
    return paper.bytes()


def reminder_pdf(letter: Letter, text: LetterText, number: int, today: date) -> bytes:
    """A reminder for a letter that is not paid in full. Raises `Unavailable`."""
    paper = Paper(*A4, title="催款函")
    y = _head(paper, letter, "毕业生图像采集（补拍）费用催款函")
    made = day_in_china(letter.made_at)
    paid = f"，已收 {show_yuan(letter.paid_fen)} 元" if letter.paid_fen else ""
    y = _paragraph(
        paper,
        y,
        f"我方于{day_on_paper(made)}发出编号 {letter.code} 的费用结算函，金额 {show_yuan(letter.fen)} 元，付款期限为"
        f"{day_on_paper(letter.due)}。截至{day_on_paper(today)}{paid}，尚有 {show_yuan(letter.open_fen)} 元"
        f"（大写：{in_words(letter.open_fen)}）未收到。此为第 {number} 次提醒。如已汇款，请与我方核对。",
    )
    y = _pay(paper, y + 4, letter, text)
    _sign(paper, y, letter, text, today)
    return paper.bytes()


def _head(paper: Paper, letter: Letter, title: str) -> float:
    paper.page()
    paper.text(title, _LEFT, 28, _WIDTH, 20, align="C")
    paper.text(f"编号：{letter.code}", _LEFT, 41, _WIDTH, 11, align="R")
    paper.line(_LEFT, 48, _LEFT + _WIDTH, 48)
    paper.text(f"{letter.school}：", _LEFT, 54, _WIDTH, 13)
    return 64.0


def _paragraph(paper: Paper, y: float, words: str) -> float:
    return paper.paragraph(f"　　{words}", _LEFT, y, _WIDTH, 12, _LINE)


def _fee_rows(letter: Letter, text: LetterText) -> list[tuple[str, ...]]:
    rows = [
        (
            "图像采集费" if one.fen >= 0 else "冲减此前多计",
            show_yuan(one.fen),
            str(one.heads),
            show_yuan(one.fen * one.heads),
        )
        for one in text.fees
    ]
    return [*rows, ("合计", "", "", show_yuan(letter.fen))]


def _table(paper: Paper, y: float, columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[str]]) -> float:
    for line in ([title for title, _ in columns], *rows):
        x = _LEFT
        for at, (word, (_, width)) in enumerate(zip(line, columns, strict=True)):
            paper.box(x, y, width, _ROW)
            paper.text(word, x + 1.5, y + 1.6, width - 3, 11, align="L" if at < len(columns) - 3 else "R")
            x += width
        y += _ROW
    return y


def _pay(paper: Paper, y: float, letter: Letter, text: LetterText) -> float:
    if letter.fen <= 0:
        return _paragraph(paper, y, f"应退 {show_yuan(-letter.fen)} 元，在下次结算中抵扣，或按贵校提供的单位账户退回。")
    y = _paragraph(paper, y, f"请于{day_on_paper(letter.due)}前（含当日）将款项汇至以下单位账户：") + 1
    payee = text.payee
    account = [("户　　名", payee.name), ("开户银行", payee.bank), ("账　　号", _spaced(payee.number))]
    if payee.bank_number:
        account.append(("行　　号", payee.bank_number))
    for label, words in account:
        paper.text(f"{label}：{words}", _LEFT + 12, y, _WIDTH - 12, 13)
        y += _LINE
    y = _paragraph(paper, y + 1, f"汇款时请注明编号 {letter.code} 和学校名称。请勿汇入任何个人账户；账户如有变更，"
                                 "以我方另行发出的加盖公章的书面通知为准。")  # fmt: skip
    y = paper.paragraph(f"　　联系人：{payee.contact}", _LEFT, y + 1, _WIDTH, 12, _LINE)
    return paper.paragraph("　　特此函告。", _LEFT, y, _WIDTH, 12, _LINE)


def _sign(paper: Paper, y: float, letter: Letter, text: LetterText, day: date) -> None:
    if letter.charged or letter.credited:
        paper.text("附件：各班级人数", _LEFT + 8.5, y + 3, _WIDTH, 12)
    at = max(y + 20, 232.0)
    paper.text(f"{text.payee.name}（公章）", _LEFT, at, _WIDTH, 12, align="R")
    paper.text(day_on_paper(day), _LEFT, at + 9, _WIDTH, 12, align="R")


def _annex(paper: Paper, letter: Letter, text: LetterText) -> None:
    per_page = int((A4[1] - 45 - _BOTTOM) / _ROW) - 2
    lines = list(text.classes)
    for start in range(0, len(lines), per_page):
        paper.page()
        title = f"附件：{letter.school} {letter.year} 届各班级人数（编号 {letter.code}）"
        paper.text(title, _LEFT, 25, _WIDTH, 13)
        rows = [
            (
                one.major or _GONE,
                one.class_name,
                str(one.charged),
                str(one.credited),
                show_yuan(one.fen),
            )
            for one in lines[start : start + per_page]
        ]
        if start + per_page >= len(lines):
            rows.append(("合计", "", str(letter.charged), str(letter.credited), show_yuan(letter.fen)))
        _table(paper, 36, _CLASSES, rows)


def _spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
