"""Table of policy: the imported documents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, Id, Moment, one_of

DOCUMENT_STATES = ("in_force", "withdrawn")


class PolicyDocument(Base):
    """One official document as it was read; importing it again replaces its content."""

    __tablename__ = "policy_document"
    __table_args__ = (
        CheckConstraint(one_of("state", DOCUMENT_STATES), name="state"),
        UniqueConstraint("title", "number"),
    )

    id: Mapped[Id]
    title: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    """文号; empty where the document has none."""
    region: Mapped[str | None]
    """Division code, empty for the nation; without one it answers nobody."""
    state: Mapped[str] = mapped_column(default="in_force")
    content: Mapped[dict[str, Any]]
    """`bot.policy.documents.ParsedDocument.to_dict`."""
    imported_at: Mapped[Moment]
    imported_by: Mapped[str]
