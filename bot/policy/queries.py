"""Reads for the desk: documents, uploads that wait, cards in every state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from bot.delivery.models import OutboxMessage
from bot.policy import own_cards
from bot.policy.cards import Card, default_cards
from bot.policy.models import PolicyCard, PolicyDocument, PolicyQuestion, PolicyUpload

SOON = timedelta(days=30)
"""Cards whose time to be checked again comes within this are on the list."""


@dataclass(frozen=True)
class DocumentRow:
    """A document without its text."""

    id: int
    title: str
    number: str
    region: str | None
    state: str
    imported_at: datetime


@dataclass(frozen=True)
class ToCheck:
    """A card to be checked again: of the product (`row` None) or of staff."""

    card: Card
    row: PolicyCard | None

    @property
    def name(self) -> str:
        return self.card.id


def document_rows(session: Session) -> list[DocumentRow]:
    """All documents, those in force first, newest first."""
    rows = session.execute(
        select(
            PolicyDocument.id,
            PolicyDocument.title,
            PolicyDocument.number,
            PolicyDocument.region,
            PolicyDocument.state,
            PolicyDocument.imported_at,
        ).order_by(PolicyDocument.state != "in_force", PolicyDocument.imported_at.desc())
    )
    return [DocumentRow(*row) for row in rows]


def uploads(session: Session) -> Sequence[PolicyUpload]:
    """What was uploaded and waits to be published, newest first."""
    return session.scalars(select(PolicyUpload).order_by(PolicyUpload.id.desc())).all()


def own_card_rows(session: Session, state: str) -> Sequence[PolicyCard]:
    """Cards of staff in one state, changed last first."""
    return session.scalars(
        select(PolicyCard)
        .options(joinedload(PolicyCard.author), joinedload(PolicyCard.approver))
        .where(PolicyCard.state == state)
        .order_by(PolicyCard.changed_at.desc(), PolicyCard.id.desc())
    ).all()


def own_card(session: Session, card_id: int) -> PolicyCard | None:
    """One card of staff with its people."""
    return session.scalar(
        select(PolicyCard)
        .options(joinedload(PolicyCard.author), joinedload(PolicyCard.approver))
        .where(PolicyCard.id == card_id)
    )


def cards_to_check(session: Session, *, today: date) -> list[ToCheck]:
    """Cards that answer and have to be looked at again soon, the most overdue first."""
    published = own_cards.published(session)
    replaced = {row.replaces for row in published}
    found = [
        ToCheck(card, None)
        for card in default_cards()
        if card.id not in replaced and card.check_again_by <= today + SOON
    ]
    found += [
        ToCheck(own_cards.as_card(row), row)
        for row in published
        if row.check_again_by is not None and row.check_again_by <= today + SOON
    ]
    return sorted(found, key=lambda item: (item.card.check_again_by, item.name))


def drafts_instead_of(session: Session) -> set[str]:
    """Cards that somebody is already writing a new text for."""
    replaced = session.scalars(select(PolicyCard.replaces).where(PolicyCard.state == "draft"))
    return {name for name in replaced if name is not None}


def card_counts(session: Session) -> dict[str, int]:
    """How many cards of staff there are in each state."""
    rows = session.execute(select(PolicyCard.state, func.count()).group_by(PolicyCard.state))
    return dict(rows.all())


def staff_answer(session: Session, question: PolicyQuestion) -> str | None:
    """What a social worker first replied to the family after it had asked; None: nothing yet."""
    row = session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.contact_id == question.contact_id,
            OutboxMessage.purpose == "staff_reply",
            OutboxMessage.created_at >= question.asked_at,
        )
        .order_by(OutboxMessage.id)
        .limit(1)
    )
    if row is None:
        return None
    text = str(row.body["text"])
    # The family reads 【社工 …】 before the words.
    return text.split("】", 1)[1].strip() if text.startswith("【社工") and "】" in text else text


def question_of_ticket(session: Session, ticket_id: int) -> PolicyQuestion | None:
    """The first question that a ticket was made for."""
    return session.scalar(
        select(PolicyQuestion)
        .where(PolicyQuestion.ticket_id == ticket_id)
        .order_by(PolicyQuestion.id)
        .limit(1)
    )
