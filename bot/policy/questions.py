"""What families ask: kept without names and numbers, to see what is missing and what is asked most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot.policy.models import PolicyCard, PolicyQuestion
from bot.policy.words import pairs_in, plain
from bot.privacy.masking import KnownValue, mask

ALIKE = 0.42
"""Share of common character pairs from which two questions are shown as one; of the same topic
less is enough."""
ALIKE_SAME_TOPIC = 0.2
AT_MOST = 500
_FRAME = re.compile(
    r"能不能|可不可以|可以|有没有|是不是|会不会|要不要|怎么|怎样|咋|如何|什么|多少|请问|想问|帮忙|帮我|一下|"
    r"我们?|咱们?|这里|那里|这边|吗|呢|啊|呀|吧|了|的|里"
)
"""How one asks; it says nothing of what about."""


@dataclass(frozen=True)
class Asked:
    """One question of a message and what became of it."""

    question: str
    region: str | None
    topic: str
    answered: bool
    reason: str | None = None


@dataclass(frozen=True)
class Group:
    """Questions that ask about the same, newest first."""

    questions: tuple[PolicyQuestion, ...]

    @property
    def newest(self) -> PolicyQuestion:
        return self.questions[0]


@dataclass(frozen=True)
class TopicCount:
    """How often something was asked, and how often without an answer."""

    topic: str
    asked: int
    unanswered: int


def record(
    session: Session,
    *,
    asked: Iterable[Asked],
    contact_id: int,
    message_id: int,
    ticket_id: int | None,
    now: datetime,
    known: Iterable[KnownValue] = (),
) -> None:
    """Keep the questions of one wish of a message, without names; ``known`` are people's values."""
    known = tuple(known)
    before = session.scalar(select(func.count()).where(PolicyQuestion.message_id == message_id))
    rows = [
        {
            "contact_id": contact_id,
            "message_id": message_id,
            "part": part,
            "question": mask(item.question, known=known).text,
            "region": item.region,
            "topic": item.topic,
            "answered": item.answered,
            "reason": item.reason,
            "ticket_id": None if item.answered else ticket_id,
            "asked_at": now,
        }
        for part, item in enumerate(asked, before or 0)
    ]
    if rows:
        session.execute(insert(PolicyQuestion), rows)


def unanswered(session: Session, *, since: datetime) -> list[Group]:
    """What nothing answered since then and no card was begun for, alike ones together.

    The group asked most often comes first.
    """
    taken = select(PolicyCard.question_id).where(
        PolicyCard.question_id.is_not(None), PolicyCard.state != "withdrawn"
    )
    rows = session.scalars(
        select(PolicyQuestion)
        .where(
            ~PolicyQuestion.answered,
            PolicyQuestion.ticket_id.is_not(None),
            PolicyQuestion.asked_at >= since,
            PolicyQuestion.id.not_in(taken),
        )
        .order_by(PolicyQuestion.id.desc())
        .limit(AT_MOST)
    ).all()
    return group_alike(rows)


def group_alike(questions: Sequence[PolicyQuestion]) -> list[Group]:
    """Put questions of like wording together, comparing each with the first of every group."""
    groups: list[tuple[frozenset[str], list[PolicyQuestion]]] = []
    for question in questions:
        pairs = frozenset(pairs_in(_FRAME.sub("", plain(question.question))))
        best = max(
            ((_likeness(pairs, other), group) for other, group in groups),
            key=lambda found: found[0],
            default=None,
        )
        if best is not None:
            same = bool(question.topic) and question.topic == best[1][0].topic
            if best[0] >= (ALIKE_SAME_TOPIC if same else ALIKE):
                best[1].append(question)
                continue
        groups.append((pairs, [question]))
    return sorted(
        (Group(tuple(group)) for _, group in groups),
        key=lambda group: (-len(group.questions), -group.newest.id),
    )


def asked_most(session: Session, *, since: datetime, limit: int = 12) -> list[TopicCount]:
    """The topics that most questions were about; "" stands for those that nothing was made of."""
    rows = session.execute(
        select(PolicyQuestion.topic, PolicyQuestion.answered, func.count())
        .where(PolicyQuestion.asked_at >= since)
        .group_by(PolicyQuestion.topic, PolicyQuestion.answered)
    ).all()
    asked: Counter[str] = Counter()
    open_: Counter[str] = Counter()
    for topic, answered, count in rows:
        asked[topic] += count
        if not answered:
            open_[topic] += count
    return [TopicCount(topic, count, open_[topic]) for topic, count in asked.most_common(limit)]


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
