"""Cards that staff write: drafts that a second person approves, then they answer like the rest.

An approved card keeps its words: to change it, or a card of the product, somebody writes a draft
that takes its place once it is approved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casework.errors import Conflict, Refused
from bot.clock import LOCAL
from bot.policy.cards import Card, Source, default_cards
from bot.policy.edition import next_edition
from bot.policy.models import PolicyCard
from bot.policy.thesaurus import default_thesaurus
from bot.policy.topics import OUTSIDE, default_topics
from bot.policy.words import plain
from bot.privacy import audit

CHECK_EVERY = timedelta(days=180)
"""How long a card is good when nobody says otherwise."""
ANSWER_LONGEST = 200
_LIKELY = 0.5
_DATED = re.compile(r"\d{4}(-\d{2}-\d{2})?")
_PREFIX = "own-"


@dataclass(frozen=True)
class CardWords:
    """What a card says. ``region`` None: not yet known. See `bot.policy.cards.Card`."""

    questions: tuple[str, ...] = ()
    answer: str = ""
    conditions: str = ""
    how: str = ""
    office: str = ""
    region: str | None = None
    source_document: str = ""
    source_number: str = ""
    source_date: str = ""
    clause: str = ""
    amount: str = ""
    amount_date: date | None = None
    checked: date | None = None
    check_again_by: date | None = None

    def columns(self) -> dict[str, Any]:
        return {**self.__dict__, "questions": list(self.questions)}

    def missing(self) -> list[str]:
        """What is still lacking before somebody can approve it, each as a Chinese phrase."""
        lacking = [
            ("家属会怎么问（至少一句）", self.questions),
            ("回答", self.answer),
            ("适用地区", self.region is not None),
            ("依据的文件", self.source_document),
            ("第几条", self.clause),
            ("文件日期", self.source_date),
            ("核对日期", self.checked),
            ("下次核对日期", self.check_again_by),
        ]
        return [name for name, there in lacking if not there]


def start(
    session: Session,
    *,
    words: CardWords,
    staff_id: int,
    by: str,
    now: datetime,
    replaces: str | None = None,
    question_id: int | None = None,
) -> PolicyCard:
    """Begin a draft. Raises `Refused` for words that no card can hold."""
    _check(words)
    card = PolicyCard(
        **words.columns(),
        state="draft",
        author_id=staff_id,
        edited_by=staff_id,
        replaces=replaces,
        question_id=question_id,
        changed_at=now,
    )
    session.add(card)
    session.flush()
    audit.record(session, by=by, action="policy.card_start", on=("policy_card", card.id), now=now)
    return card


def edit(
    session: Session,
    *,
    card_id: int,
    version: int,
    words: CardWords,
    staff_id: int,
    by: str,
    now: datetime,
) -> PolicyCard:
    """Change a draft. Raises `Conflict` when it changed meanwhile, `Refused` for bad words."""
    card = _locked(session, card_id, version=version, state="draft")
    _check(words)
    for name, value in words.columns().items():
        setattr(card, name, value)
    card.edited_by, card.version, card.changed_at = staff_id, version + 1, now
    audit.record(session, by=by, action="policy.card_edit", on=("policy_card", card_id), now=now)
    return card


def approve(
    session: Session, *, card_id: int, version: int, staff_id: int, by: str, now: datetime
) -> PolicyCard:
    """Publish a complete draft of somebody else's; what it replaces is withdrawn.

    Raises `Refused` for one's own draft or an incomplete one, `Conflict` when it changed. The
    database holds the same rules.
    """
    card = _locked(session, card_id, version=version, state="draft")
    if staff_id in (card.author_id, card.edited_by):
        raise Refused("自己写的或改过的卡片，要请另一位同事来看。")
    if missing := words_of(card).missing():
        raise Refused(f"还缺：{'、'.join(missing)}。补齐才能发布。")
    card.state, card.approved_by = "published", staff_id
    card.version, card.changed_at = version + 1, now
    if card.replaces and card.replaces.startswith(_PREFIX):
        former = session.get(
            PolicyCard, int(card.replaces.removeprefix(_PREFIX)), with_for_update=True
        )
        if former is not None and former.state == "published":
            former.state, former.version, former.changed_at = "withdrawn", former.version + 1, now
    next_edition(session)
    audit.record(session, by=by, action="policy.card_approve", on=("policy_card", card_id), now=now)
    return card


def withdraw(session: Session, *, card_id: int, version: int, by: str, now: datetime) -> PolicyCard:
    """Take a card back: a draft is dropped, a published one answers no more. Raises `Conflict`."""
    card = _locked(session, card_id, version=version)
    if card.state == "withdrawn":
        raise Conflict("这张卡片已经撤下了。")
    was_answering = card.state == "published"
    card.state, card.version, card.changed_at = "withdrawn", version + 1, now
    if was_answering:
        next_edition(session)
    audit.record(
        session, by=by, action="policy.card_withdraw", on=("policy_card", card_id), now=now
    )
    return card


def confirm(session: Session, *, card_id: int, version: int, by: str, now: datetime) -> PolicyCard:
    """Somebody looked again and it is still right: it is good for another while."""
    card = _locked(session, card_id, version=version, state="published")
    today = now.astimezone(LOCAL).date()
    card.checked, card.check_again_by = today, today + CHECK_EVERY
    card.version, card.changed_at = version + 1, now
    next_edition(session)
    audit.record(session, by=by, action="policy.card_confirm", on=("policy_card", card_id), now=now)
    return card


def published(session: Session) -> list[PolicyCard]:
    """The cards of staff that answer."""
    return list(
        session.scalars(
            select(PolicyCard).where(PolicyCard.state == "published").order_by(PolicyCard.id)
        )
    )


def is_current(session: Session, name: str) -> bool:
    """Whether a card answers now: published, or one of the product that none replaces."""
    row = row_of(session, name)
    if row is not None:
        return row.state == "published"
    replaced = select(PolicyCard.id).where(
        PolicyCard.state == "published", PolicyCard.replaces == name
    )
    return session.scalar(replaced.limit(1)) is None


def card_name(card: PolicyCard) -> str:
    """Its id among all cards."""
    return f"{_PREFIX}{card.id}"


def row_of(session: Session, name: str) -> PolicyCard | None:
    """The card of staff with this id; None for one of the product."""
    number = name.removeprefix(_PREFIX)
    if number == name or not number.isdecimal():
        return None
    return session.get(PolicyCard, int(number))


def words_of(card: PolicyCard) -> CardWords:
    """What a card of staff says."""
    names = CardWords.__dataclass_fields__
    values = {name: getattr(card, name) for name in names}
    return CardWords(**{**values, "questions": tuple(card.questions)})


def words_of_product_card(card: Card) -> CardWords:
    """What a card of the product says, for a draft that takes its place."""
    return CardWords(
        questions=card.questions,
        answer=card.answer,
        conditions=card.conditions,
        how=card.how,
        office=card.where,
        region=card.region,
        source_document=card.source.document,
        source_number=card.source.number,
        source_date=card.source.date,
        clause=card.clause,
        amount=card.amount,
        amount_date=card.amount_date,
    )


def as_card(card: PolicyCard) -> Card:
    """A published card of staff as the search reads it."""
    assert card.region is not None
    assert card.checked is not None
    assert card.check_again_by is not None
    return Card(
        id=card_name(card),
        topics=_topics(card),
        questions=tuple(card.questions),
        answer=card.answer,
        region=card.region,
        source=Source(card.source_document, card.source_number, card.source_date),
        clause=card.clause,
        checked=card.checked,
        check_again_by=card.check_again_by,
        conditions=card.conditions,
        how=card.how,
        where=card.office,
        amount=card.amount,
        amount_date=card.amount_date,
        by_staff=True,
    )


def _topics(card: PolicyCard) -> tuple[str, ...]:
    """What it is about: of the card it replaces, else what its questions name or resemble."""
    if card.replaces is not None:
        for other in default_cards():
            if other.id == card.replaces:
                return other.topics
    topics = subjects(tuple(card.questions))
    return topics or subjects((card.answer,)) or ("",)


def subjects(questions: tuple[str, ...]) -> tuple[str, ...]:
    """The concepts that questions are about, the one that most of them name first."""
    thesaurus, model = default_thesaurus(), default_topics()
    counts: dict[str, float] = {}
    for question in map(plain, questions):
        for hit in thesaurus.in_question(question):
            concept = thesaurus.concepts[hit.concept]
            if not concept.setting:
                weight = 0.2 if concept.generic else 1.0
                counts[hit.concept] = counts.get(hit.concept, 0.0) + weight
        for name, share in model.predict(question).items():
            if name != OUTSIDE and name in thesaurus.concepts and share >= _LIKELY:
                counts[name] = counts.get(name, 0.0) + share
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _check(words: CardWords) -> None:
    if len(words.answer) > ANSWER_LONGEST:
        raise Refused(f"回答最多 {ANSWER_LONGEST} 个字，家属才看得下去。请写短一些。")
    if words.source_date and not _is_day_or_year(words.source_date):
        raise Refused("文件日期请写成 2023-06-29，或者只写年份 2023。")
    if words.amount and words.amount_date is None:
        raise Refused("写了金额，就要写是哪一天的数。")
    if words.checked and words.check_again_by and words.check_again_by <= words.checked:
        raise Refused("下次核对的日子，要在这次核对之后。")


def _is_day_or_year(text: str) -> bool:
    if not _DATED.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if "-" in text else f"{text}-01-01")
    except ValueError:
        return False
    return True


def _locked(
    session: Session, card_id: int, *, version: int, state: str | None = None
) -> PolicyCard:
    card = session.get(PolicyCard, card_id, with_for_update=True)
    if card is None:
        raise Conflict("找不到这张卡片。")
    if card.version != version or (state is not None and card.state != state):
        raise Conflict("这张卡片刚刚有同事动过，请看一眼现在的样子。")
    return card
