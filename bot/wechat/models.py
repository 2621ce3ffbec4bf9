"""Table of the platform's access tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base


class WechatToken(Base):
    """The access token of one account, shared by all processes, and how its last refresh went.

    Readable only with the database; it lives two hours at most and opens nothing from outside the
    platform's IP allowlist.
    """

    __tablename__ = "wechat_token"

    app_id: Mapped[str] = mapped_column(primary_key=True)
    access_token: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """Refreshes that failed since the last success."""
    retry_at: Mapped[datetime | None]
    """Nobody asks the platform again before this moment."""
    errcode: Mapped[int | None]
    """What the last failure said; null where the platform was not reached."""
