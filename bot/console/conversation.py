"""The conversation with one contact: what came in and what went out, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from bot.casework import queries
from bot.delivery import outcomes, windows
from bot.delivery.models import Contact, OutboxMessage, SendAttempt
from bot.delivery.outbox import plain_text
from bot.dialogue.models import InboxMessage

LINES = 60
"""Messages shown at once; earlier ones are a page further."""

Side = Literal["family", "bot", "staff", "event"]
Fate = Literal["arrived", "waiting", "lost", "unsure", "dropped"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN_EVENTS = {
    "event:subscribe": "关注了公众号",
    "event:unsubscribe": "取消了关注",
    "event:click": "点了菜单",
}
_WORDLESS = {
    "image": "发来一张图片",
    "voice": "发来一段语音",
    "video": "发来一段视频",
    "shortvideo": "发来一段视频",
    "location": "发来一个位置",
    "link": "发来一个链接",
    "file": "发来一个文件",
}
_FATES: dict[str, Fate] = {
    "composed": "waiting",
    "queued": "waiting",
    "sending": "waiting",
    "sent": "arrived",
    "failed": "lost",
    "dropped": "dropped",
    "unsure": "unsure",
}


@dataclass(frozen=True)
class Line:
    """One message. ``fate`` and ``why`` tell of messages that go to the family."""

    side: Side
    who: str
    text: str
    at: datetime
    fate: Fate | None = None
    why: str | None = None
    """Why it has not arrived, in a sentence."""
    unread: bool = False
    """It came after the page that the reader had before."""


@dataclass(frozen=True)
class Conversation:
    """What a page shows of it, and what the next reply is checked against."""

    contact: Contact
    lines: Sequence[Line]
    earlier: int | None
    """Microseconds since 1970: what is older is on the page that is asked for with it."""
    seen: int
    """The newest message of the family that this page knows."""
    holder: str | None
    """Name of the member of staff who answers; None while the bot does."""
    allowance: windows.Allowance


def read(
    session: Session,
    contact: Contact,
    *,
    family: str,
    now: datetime,
    before: int | None = None,
    seen: int | None = None,
) -> Conversation:
    """The newest messages, or those before ``before``; ``family`` names the contact.

    Messages of the family newer than ``seen`` are marked as unread.
    """
    came = _inbox(session, contact.id, before)
    went = _outbox(session, contact.id, before)
    refusals = _refusals(session, [row.id for row in went if row.state != "sent"])
    actors = [row.by for row in went]
    if contact.owner_staff_id is not None:
        actors.append(f"staff:{contact.owner_staff_id}")
    names = queries.staff_names(session, actors)
    lines = [_from_family(row, family, seen) for row in reversed(came)]
    lines += [_to_family(row, names, refusals.get(row.id)) for row in reversed(went)]
    # What the family said stands before what it was answered in the same moment.
    lines.sort(key=lambda line: (line.at, line.side in ("bot", "staff")))
    more = len(lines) > LINES
    lines = lines[-LINES:]
    return Conversation(
        contact=contact,
        lines=lines,
        earlier=_microseconds(lines[0].at) if more else None,
        seen=newest_from_family(session, contact_id=contact.id),
        holder=names.get(f"staff:{contact.owner_staff_id}"),
        allowance=allowance(session, contact, now=now),
    )


def newest_from_family(session: Session, *, contact_id: int) -> int:
    """Id of the contact's newest message, 0 when there is none. Events do not count."""
    newest = session.scalar(
        select(func.max(InboxMessage.id)).where(
            InboxMessage.contact_id == contact_id,
            InboxMessage.confidential.is_(False),
            InboxMessage.kind.not_like("event:%"),
        )
    )
    return newest or 0


def unread(session: Session, *, contact_id: int, seen: int) -> int:
    """How many messages of the family are newer than ``seen``."""
    number = session.scalar(
        select(func.count()).where(
            InboxMessage.contact_id == contact_id,
            InboxMessage.id > seen,
            InboxMessage.confidential.is_(False),
            InboxMessage.kind.not_like("event:%"),
        )
    )
    return number or 0


def allowance(session: Session, contact: Contact, *, now: datetime) -> windows.Allowance:
    """What may still be sent once everything that is queued has gone."""
    open_ = windows.allowance(contact, now=now)
    queued = session.scalar(
        select(func.count()).where(
            OutboxMessage.contact_id == contact.id, OutboxMessage.state == "queued"
        )
    )
    return windows.Allowance(max(0, open_.left - (queued or 0)), open_.until)


def _inbox(session: Session, contact_id: int, before: int | None) -> Sequence[InboxMessage]:
    query = select(InboxMessage).where(
        InboxMessage.contact_id == contact_id,
        # Complaints are for supervisors whom they do not concern, and have their own pages.
        InboxMessage.confidential.is_(False),
        or_(InboxMessage.kind.not_like("event:%"), InboxMessage.kind.in_(_SHOWN_EVENTS)),
    )
    if before is not None:
        query = query.where(InboxMessage.received_at < _moment(before))
    return session.scalars(query.order_by(InboxMessage.id.desc()).limit(LINES + 1)).all()


def _outbox(session: Session, contact_id: int, before: int | None) -> Sequence[OutboxMessage]:
    query = select(OutboxMessage).where(
        OutboxMessage.contact_id == contact_id, OutboxMessage.purpose != "complaint"
    )
    if before is not None:
        query = query.where(OutboxMessage.created_at < _moment(before))
    return session.scalars(query.order_by(OutboxMessage.id.desc()).limit(LINES + 1)).all()


def _refusals(session: Session, message_ids: Sequence[int]) -> Mapping[int, int | None]:
    """The errcode of the last attempt of each message."""
    rows = session.execute(
        select(SendAttempt.outbox_message_id, SendAttempt.errcode)
        .where(SendAttempt.outbox_message_id.in_(message_ids))
        .ext(distinct_on(SendAttempt.outbox_message_id))
        .order_by(SendAttempt.outbox_message_id, SendAttempt.id.desc())
    )
    return dict(rows.all())


def _from_family(row: InboxMessage, family: str, seen: int | None) -> Line:
    text = _said(row)
    event = row.kind in _SHOWN_EVENTS
    return Line(
        side="event" if event else "family",
        who=family,
        text=text,
        at=row.received_at,
        unread=seen is not None and row.id > seen and not event,
    )


def _said(row: InboxMessage) -> str:
    """What a message says, as far as it can be shown in words."""
    payload: dict[str, Any] = row.payload
    if row.kind in _SHOWN_EVENTS:
        return _SHOWN_EVENTS[row.kind] + (f"：{row.meant}" if row.meant else "")
    content = str(payload.get("content") or payload.get("recognition") or "")
    if row.meant and row.meant != content:
        return f"{row.meant}（回复了“{content}”）" if content else row.meant
    if content:
        return content
    words = _WORDLESS.get(row.kind, "发来一条看不了的消息")
    detail = payload.get("label") or payload.get("title") or payload.get("url")
    if row.kind == "image" or not detail:
        return f"［{words}］"
    return f"［{words}］{detail}"


def _to_family(row: OutboxMessage, names: Mapping[str, str], errcode: int | None) -> Line:
    # Other messages that a member of staff sets off are said by the bot.
    name = names.get(row.by) if row.purpose == "staff_reply" else None
    text = plain_text(row.body)
    if name is not None:
        text = text.removeprefix(f"【社工 {name}】")
    fate = _FATES[row.state]
    return Line(
        side="staff" if name is not None else "bot",
        who=name or "小康（自动）",
        text=text,
        at=row.created_at,
        fate=fate,
        why=None if fate == "arrived" else outcomes.why(row.reason, errcode),
    )


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
