"""The slip (交接单) that both sides sign when a delivery is handed over: what was given, and how its file is
recognised.
"""

from center.delivery.model import Change, Delivery, changes_text, kind_text
from center.jobs.model import Job
from center.platform.documents.paper import A4, Paper, day_on_paper
from rules.season import day_in_china

_LEFT, _WIDTH, _LABEL, _ROW = 25.0, 160.0, 36.0, 10.0


def slip_pdf(delivery: Delivery, file: Job) -> bytes:
    """The slip of a delivery whose file was built. It contains no data of graduates. Raises `Unavailable`."""
    paper = Paper(*A4, title="毕业生图像交接单")
    paper.page()
    paper.text("毕业生图像（补拍）交接单", _LEFT, 28, _WIDTH, 20, align="C")
    code = f"{delivery.year}-{delivery.delivery_id:05d}"
    paper.text(f"编号：{code}　　一式两份，双方各执一份", _LEFT, 41, _WIDTH, 11, align="R")
    y = 52.0
    digest = file.file_sha256
    for label, words in (
        ("学校名称", delivery.school),
        ("毕业年度", delivery.year),
        ("批次", f"{delivery.number}，{kind_text(delivery.number)}"),
        ("生成日期", day_on_paper(day_in_china(delivery.made_at))),
        ("内容", changes_text(delivery.counts) or "无"),
        ("文件名", file.file_name),
        ("文件大小", f"{file.file_bytes:,} 字节"),
        ("SHA-256", digest[: len(digest) // 2]),
        ("", digest[len(digest) // 2 :]),
    ):
        paper.box(_LEFT, y, _LABEL, _ROW)
        paper.box(_LEFT + _LABEL, y, _WIDTH - _LABEL, _ROW)
        paper.text(label, _LEFT + 2, y + 2.4, _LABEL - 4, 12)
        paper.text(words, _LEFT + _LABEL + 2, y + 2.4, _WIDTH - _LABEL - 4, 12)
        y += _ROW
    gone = delivery.counts.get(Change.WITHDRAWN, 0)
    deleted = f"清单中“作废”的 {gone} 张照片，请学校删除。" if gone else ""
    y = paper.paragraph(
        f"　　文件已加密，密码另行告知，请勿与文件一起转发。{deleted}请学校核对照片与姓名，在收到后二十个工作日内"
        "交回勘误反馈表；没有差错的也请交回。",
        _LEFT,
        y + 6,
        _WIDTH,
        12,
        8.5,
    )
    over = delivery.handed_over_at
    received_on = "" if over is None else day_on_paper(day_in_china(over))
    signed = (("交付人", "", ""), ("接收人", delivery.receiver, received_on))
    for at, (who, name, day) in enumerate(signed):
        top = y + 12 + at * 42
        paper.text(f"{who}（签字）：{name}", _LEFT, top, 90, 13)
        paper.text(f"日期：{day}", _LEFT + 100, top, 60, 13)
        paper.text("单位（盖章）：", _LEFT, top + 14, 90, 13)
        paper.text("电话：", _LEFT + 100, top + 14, 60, 13)
    return paper.bytes()
