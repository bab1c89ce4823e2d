"""The table of recropped photos."""

from sqlalchemy import (
    BigInteger,
    ForeignKey,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey


class RecroppedRow(Base):
    """A photo recropped by a decision, in addition to the one the booth sent: its file's digest in the photo store."""

    __tablename__ = "mended_photos"

    decision_id: Mapped[int] = mapped_column(BigKey, ForeignKey("decisions.decision_id"), primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    sha256: Mapped[bytes]  # the SHA-256 of the bytes in the photo store; they are sealed if the office has a key
    size: Mapped[int] = mapped_column(BigInteger)
