"""Answering a family from a case or ticket page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.casework import conversation as ownership
from bot.casework.errors import Conflict, Refused
from bot.casework.models import Staff
from bot.console import conversation, forms, words
from bot.console.sessions import SignedIn
from bot.delivery.models import Contact


def reply(
    session: Session, *, contact_id: int, form: forms.ReplyForm, me: SignedIn, now: datetime
) -> None:
    """Send what was typed, unless the conversation is not what the page showed.

    Raises `Conflict` when somebody wrote or took over in between, `Refused` when nothing can be
    sent; the text is then still on the page.
    """
    text = words.typed_text(form.text)
    if not text:
        raise Refused("还没有写字，没有发出。")
    if len(text) > forms.REPLY_LONGEST:
        raise Refused(f"一次最多 {forms.REPLY_LONGEST} 个字，请分成两条发。")
    contact = session.get(Contact, contact_id, with_for_update=True)
    if contact is None:
        raise Conflict("找不到这位联系人。")
    if conversation.unread(session, contact_id=contact_id, seen=form.seen):
        raise Conflict("您写的时候家属又说话了，您的话还没有发出。看一眼再发。")
    if not contact.subscribed:
        raise Refused("对方已经不再关注公众号，微信里发不到了，请打电话。")
    if not conversation.allowance(session, contact, now=now).left:
        raise Refused("微信现在不让发了，要等对方再说一句。急事请打电话。")
    ownership.reply_as_staff(
        session,
        contact_id=contact_id,
        owner_version=form.owner_version,
        staff=session.get_one(Staff, me.staff_id),
        text=text,
        by=me.by,
        now=now,
    )


def hand_back(
    session: Session, *, contact_id: int, form: forms.HandBackForm, me: SignedIn, now: datetime
) -> None:
    """Let the bot answer again. Raises `Conflict`."""
    ownership.hand_back(
        session,
        contact_id=contact_id,
        owner_version=form.owner_version,
        staff=session.get_one(Staff, me.staff_id),
        by=me.by,
        now=now,
    )
