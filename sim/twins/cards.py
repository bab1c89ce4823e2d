"""Made-up ID cards of people who do not exist, in the layouts that real cards have."""

import random
from dataclasses import dataclass

from kiosk.core.identity import CardKind
from rules.idnumber import check_digit

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高"
GIVEN = ("子涵", "雨桐", "浩然", "欣怡", "宇轩", "思远", "佳琪", "明哲", "静", "磊", "文博", "晓婷", "嘉", "志远")
REGIONS = ("320102", "320106", "320214", "320311", "320505", "321002", "340104", "370202")


@dataclass(frozen=True, slots=True)
class MadeUpCard:
    """One card. `version` is the character at byte 248: space, J, I or Y."""

    name: str
    number: str
    sex: str = "1"
    valid_from: str = "20200115"
    valid_to: str = "20400115"
    version: str = " "
    foreign_name: str = ""
    birth: str = "20031231"

    @property
    def kind(self) -> CardKind:
        """The kind of card that the booth should recognise."""
        return {" ": CardKind.CITIZEN, "J": CardKind.HMT}.get(self.version, CardKind.FOREIGNER)

    def text(self) -> bytes:
        """The 256 bytes of text on the chip."""
        if self.version == "I":
            return self._text_2017()
        address = self.foreign_name if self.version == "Y" else "示范省示范市示范路1号"
        tail = _field(self.version, 2) + _field("", 6)
        reserved = {
            "J": _field("A12345678", 18) + _field("01", 4) + _field("", 6),
            "Y": _field("", 22) + _field("GBR", 6),
        }.get(self.version, _field("", 28))
        return (
            _field(self.name, 30) + _field(self.sex, 2) + _field("01", 4) + _field(self.birth, 16)
            + _field(address, 70) + _field(self.number, 36) + _field("示范市公安局", 30)
            + _field(self.valid_from, 16) + _field(self.valid_to, 16) + reserved + tail
        )  # fmt: skip

    def _text_2017(self) -> bytes:
        return (
            _field(self.foreign_name, 120) + _field(self.sex, 2) + _field(self.number, 30) + _field("GBR", 6)
            + _field(self.name, 30) + _field(self.valid_from, 16) + _field(self.valid_to, 16)
            + _field(self.birth, 16) + _field("01", 4) + _field("1500", 8) + _field("I", 2) + _field("", 6)
        )  # fmt: skip

    def record(self) -> bytes:
        """The data of a read reply: lengths, text, and 1024 bytes that stand for the photo."""
        photo = bytes.fromhex("574C66007E00") + bytes(random.Random(self.number).randbytes(1018))
        return bytes.fromhex("01000400") + self.text() + photo


def _field(value: str, size: int) -> bytes:
    padded = value.encode("utf-16-le")[:size]
    return padded + " ".encode("utf-16-le") * ((size - len(padded)) // 2)


def made_up_card(seed: int = 0, version: str = " ") -> MadeUpCard:
    """The card of the made-up graduate number `seed`; the same seed always gives the same card."""
    luck = random.Random(seed * 1009 + ord(version))
    sex = luck.choice("12")
    birth = f"{luck.randint(2001, 2004)}{luck.randint(1, 12):02d}{luck.randint(1, 28):02d}"
    region = {"J": "810000", "Y": "911826"}.get(version, luck.choice(REGIONS))
    order = luck.randrange(0, 998, 2) + (1 if sex == "1" else 0)
    first17 = f"{region}{birth}{order:03d}"
    number = f"GBR{luck.randrange(10**12):012d}" if version == "I" else first17 + check_digit(first17)
    name = luck.choice(SURNAMES) + luck.choice(GIVEN)
    foreign = "SMITH, ALEX MARIA" if version in "IY" else ""
    return MadeUpCard(name, number, sex, version=version, foreign_name=foreign, birth=birth)
