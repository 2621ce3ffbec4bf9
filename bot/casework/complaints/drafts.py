"""A complaint being told in chat, question by question."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.casework.complaints.models import ComplaintDraft

FORGOTTEN_AFTER = timedelta(hours=24)


def open_draft(session: Session, *, contact_id: int, now: datetime) -> ComplaintDraft | None:
    """What this contact is telling just now."""
    draft = session.get(ComplaintDraft, contact_id)
    if draft is None or draft.updated_at < now - FORGOTTEN_AFTER:
        return None
    return draft


def begin(session: Session, *, contact_id: int, now: datetime) -> ComplaintDraft:
    """Begin to take a complaint; what was begun before and left is gone."""
    drop(session, contact_id=contact_id)
    draft = ComplaintDraft(contact_id=contact_id, asked="what", message_ids=[], updated_at=now)
    session.add(draft)
    return draft


def drop(session: Session, *, contact_id: int) -> None:
    """Forget what was begun."""
    draft = session.scalar(select(ComplaintDraft).where(ComplaintDraft.contact_id == contact_id))
    if draft is not None:
        session.delete(draft)
        session.flush()


def forget_left(session: Session, *, now: datetime) -> int:
    """Delete drafts that nobody went on with; returns how many."""
    gone = session.execute(
        delete(ComplaintDraft).where(ComplaintDraft.updated_at < now - FORGOTTEN_AFTER)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
