"""Who answers a contact: the bot, or a member of staff. Compare-and-set on a version."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.casework.errors import Conflict
from bot.casework.models import Staff
from bot.delivery import outbox
from bot.delivery.models import Contact, OutboxMessage
from bot.privacy import audit

LEFT_AFTER = timedelta(hours=24)
HANDED_BACK = (
    "{name}社工先忙到这里，接下来由我（小康，一个自动程序）接着帮您。要找社工，随时回复“人工”。"
)


def reply_as_staff(
    session: Session,
    *,
    contact_id: int,
    owner_version: int,
    staff: Staff,
    text: str,
    by: str,
    now: datetime,
) -> list[OutboxMessage]:
    """Send a social worker's words; from now on the bot is silent.

    Raises `Conflict` when another member of staff holds the conversation or took it since the
    page was opened.
    """
    contact = _locked(session, contact_id)
    if contact.owner == "staff" and contact.owner_staff_id != staff.id:
        raise Conflict("另一位社工正在和这位家属说话，您的话没有发出。")
    if contact.owner_version != owner_version:
        raise Conflict("这段对话刚刚有变动，您的话没有发出，请看一眼再发。")
    if contact.owner != "staff":
        contact.owner, contact.owner_staff_id = "staff", staff.id
        contact.owner_version += 1
    audit.record(session, by=by, action="conversation.reply", on=("contact", contact_id), now=now)
    return outbox.post(
        session,
        contact_id=contact_id,
        draft=outbox.Draft(f"【社工 {staff.display_name}】{text}", purpose="staff_reply"),
        by=by,
        now=now,
    )


def hand_back(
    session: Session, *, contact_id: int, owner_version: int, staff: Staff, by: str, now: datetime
) -> None:
    """Give the conversation back to the bot, with a word to the family."""
    contact = _locked(session, contact_id)
    if contact.owner != "staff" or contact.owner_version != owner_version:
        raise Conflict("这段对话刚刚有变动，没有交还。")
    if contact.owner_staff_id != staff.id and staff.role != "supervisor":
        raise Conflict("另一位社工正在和这位家属说话，只有本人或督导可以交还。")
    contact.owner, contact.owner_staff_id = "bot", None
    contact.owner_version += 1
    audit.record(
        session, by=by, action="conversation.hand_back", on=("contact", contact_id), now=now
    )
    outbox.post(
        session,
        contact_id=contact_id,
        draft=outbox.Draft(HANDED_BACK.format(name=staff.display_name), purpose="case_news"),
        by=by,
        now=now,
    )


def take_back_if_left(session: Session, *, contact: Contact, now: datetime) -> bool:
    """Give a conversation back to the bot when staff have been silent in it for `LEFT_AFTER`.

    The caller has locked the contact.
    """
    last = session.scalar(
        select(func.max(OutboxMessage.created_at)).where(
            OutboxMessage.contact_id == contact.id, OutboxMessage.purpose == "staff_reply"
        )
    )
    if last is not None and now - last < LEFT_AFTER:
        return False
    contact.owner, contact.owner_staff_id = "bot", None
    contact.owner_version += 1
    audit.record(
        session,
        by="system:dialogue",
        action="conversation.take_back",
        on=("contact", contact.id),
        now=now,
    )
    return True


def _locked(session: Session, contact_id: int) -> Contact:
    contact = session.get(Contact, contact_id, with_for_update=True)
    if contact is None:
        raise Conflict("找不到这位联系人。")
    return contact
