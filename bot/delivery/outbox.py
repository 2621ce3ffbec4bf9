"""The outbox: composing messages and letting them go.

A reply is composed together with the effect it tells of, in one transaction. It then waits
until the turn ends: the first part may travel in the platform's passive reply, everything else
is queued for customer service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import jobs
from bot.delivery.models import Contact, OutboxMessage
from bot.wechat.replies import MAX_TEXT_BYTES, split_text


@dataclass(frozen=True)
class Draft:
    """Text for one contact; ``choices`` are answers that can be tapped or typed by number."""

    text: str
    choices: tuple[str, ...] = ()
    purpose: str = "reply"
    apart: bool = False
    """Never joined with its neighbours into one message."""


def compose(
    session: Session,
    *,
    contact_id: int,
    drafts: Sequence[Draft],
    by: str,
    now: datetime,
    in_reply_to: int,
    first: int,
) -> list[OutboxMessage]:
    """Write the replies to one message; they wait for `release`.

    ``first`` is how many replies to the message there are already. When somebody else composed
    at the same time the transaction fails: no reply is written twice.
    """
    rows = [
        OutboxMessage(
            contact_id=contact_id,
            in_reply_to=in_reply_to,
            seq=seq,
            purpose=draft.purpose,
            body=_body(draft),
            by=by,
            state="composed",
            created_at=now,
        )
        for seq, draft in enumerate(drafts, first)
    ]
    session.add_all(rows)
    return rows


def post(
    session: Session,
    *,
    contact_id: int,
    draft: Draft,
    by: str,
    now: datetime,
    not_after: datetime | None = None,
) -> list[OutboxMessage]:
    """Queue a message that answers no message: a social worker's reply, news of a case."""
    rows = []
    for part in split_text(draft.text, MAX_TEXT_BYTES):
        row = OutboxMessage(
            contact_id=contact_id,
            purpose=draft.purpose,
            body={"text": part},
            by=by,
            state="queued",
            created_at=now,
            not_after=not_after,
        )
        session.add(row)
        rows.append(row)
    rows[-1].body = {**rows[-1].body, **_choices(draft)}
    jobs.enqueue(session, jobs.DELIVER, contact_id)
    return rows


def release(
    session: Session,
    *,
    message_id: int,
    contact: Contact,
    passive: bool,
    now: datetime,
    rows: Sequence[OutboxMessage] | None = None,
) -> str | None:
    """End a turn: give its replies to the platform.

    With ``passive`` the first message becomes the text of the passive reply, which is returned;
    what does not fit, or must stay apart, is queued for customer service. ``rows`` are the
    message's replies where the caller has just composed all of them; else they are looked up.
    """
    if rows is None:
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.in_reply_to == message_id, OutboxMessage.state == "composed")
            .order_by(OutboxMessage.seq)
            .with_for_update()
        ).all()
    rows = list(rows)
    # Staff may have answered while the bot was thinking: then the bot is silent.
    if contact.owner == "staff":
        for row in [row for row in rows if row.purpose == "reply"]:
            row.state, row.reason, row.settled_at = "dropped", "staff_owns", now
            rows.remove(row)
    text = None
    if passive and rows:
        text, used = _joined(rows)
        for row in rows[:used]:
            row.state, row.channel, row.settled_at = "sent", "passive", now
        rows = rows[used:]
    for row in rows:
        row.state = "queued"
    if rows:
        jobs.enqueue(session, jobs.DELIVER, contact.id)
    return text


def passive_text(session: Session, *, message_id: int) -> str | None:
    """The passive reply that was given to a message, for the platform's retry of it."""
    rows = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.in_reply_to == message_id, OutboxMessage.channel == "passive")
        .order_by(OutboxMessage.seq)
    ).all()
    return "\n\n".join(plain_text(row.body) for row in rows) or None


def plain_text(body: dict[str, Any]) -> str:
    """A message without tappable parts: choices become numbered lines."""
    lines = [body["text"]]
    lines += [f"{choice['id']}  {choice['text']}" for choice in body.get("choices", ())]
    return "\n".join(lines)


def _body(draft: Draft) -> dict[str, Any]:
    return {"text": draft.text, "apart": draft.apart, **_choices(draft)}


def _choices(draft: Draft) -> dict[str, Any]:
    if not draft.choices:
        return {}
    # Decimal ids: others came back as 0 from a tapped message menu.
    return {"choices": [{"id": str(n), "text": t} for n, t in enumerate(draft.choices, 1)]}


def _joined(rows: Sequence[OutboxMessage]) -> tuple[str, int]:
    """The text of as many leading messages as fit one, and their number.

    A message longer than the limit cannot be passive beyond its first part, so composing keeps
    messages short and this only guards: the first always travels.
    """
    text = plain_text(rows[0].body)
    used = 1
    if rows[0].body.get("apart"):
        return text, used
    for row in rows[1:]:
        longer = f"{text}\n\n{plain_text(row.body)}"
        if row.body.get("apart") or len(longer.encode()) > MAX_TEXT_BYTES:
            break
        text, used = longer, used + 1
    return text, used
