"""A family's question → a short answer with document, number, clause and date, or an honest no.

The search proposes; here it is decided whether what it found answers, and how that is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.policy import regions
from bot.policy.asks import Ask
from bot.policy.index import PolicyIndex
from bot.policy.outside import Outside, outside_of
from bot.policy.passages import Passage
from bot.policy.question import Question, split
from bot.policy.search import QUOTE_LENGTH, Found, search

# A passage answers if it is at least so sure to. Chosen so that of the questions nothing answers
# nine in ten are refused; see docs/policy-search.md.
LEAST_SURENESS = 0.5
# Share of character pairs that a question has in common with one that a card of staff is for.
WRITTEN_FOR = 0.6
MAX_QUESTIONS = 4
_ALSO_AMONG = 8


class Reason(StrEnum):
    """Why there is no answer."""

    NOT_FOUND = "not_found"
    NOT_STATED = "not_stated"
    ELSEWHERE = "elsewhere"
    MEDICAL = "medical"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer stands. `quote` is verbatim of the document (or of the card)."""

    document: str
    document_number: str | None
    clause: str
    quote: str
    dated: str
    region: str
    card: str | None = None
    document_key: tuple[str, str] | None = None

    @property
    def passage(self) -> str:
        """Names the card or clause among everything that may answer."""
        return self.card or "\n".join(self.document_key or ())

    def to_contract(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "document_number": self.document_number,
            "clause": self.clause,
            "quote": self.quote,
        }

    @property
    def source_line(self) -> str:
        """依据：闽民事〔2023〕86号 三（五）17，2023-06-29."""
        name = self.document_number or f"《{self.document.strip('《》')}》"
        clause = self.clause.replace("(", "（").replace(")", "）")
        return f"依据：{name} {clause}" + (f"，{self.dated}" if self.dated else "")


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """The answer to one question of a message."""

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    reason: Reason | None = None
    needs_region: bool = False

    @property
    def answered(self) -> bool:
        return bool(self.citations)


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """The answer to a message. `needs_region`: ask where the person lives, then ask again."""

    question: str
    parts: tuple[PartAnswer, ...]

    @property
    def answered(self) -> bool:
        return any(part.answered for part in self.parts)

    @property
    def needs_region(self) -> bool:
        return any(part.needs_region for part in self.parts)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(c for part in self.parts for c in part.citations))

    @property
    def text(self) -> str:
        """What the family reads."""
        texts = list(dict.fromkeys(part.text for part in self.parts))
        if len(texts) == 1:
            return texts[0]
        return "\n\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))

    def to_contract(self) -> dict[str, Any]:
        """One output object of `jingkang policy ask`."""
        return {
            "question": self.question,
            "answered": self.answered,
            "answer": self.text,
            "citations": [citation.to_contract() for citation in self.citations],
        }


def answer(question: str, *, region: str | None, index: PolicyIndex, today: date) -> PolicyAnswer:
    """Answer a message. `region` is where the person lives (code or name), `None` if unknown.

    A place named in the question counts before it. Never raises for any text.
    """
    home = regions.parse(region)
    parts: list[PartAnswer] = []
    for piece in split(question)[:MAX_QUESTIONS] or [question]:
        asked = index.reader.read(piece, near=home or None)
        parts.append(_answer_one(asked, home, index, today))
    return PolicyAnswer(question, tuple(parts))


def _answer_one(
    question: Question, home: str | None, index: PolicyIndex, today: date
) -> PartAnswer:
    outside = outside_of(question)
    if outside is not None:
        reason = Reason.MEDICAL if outside.medical else Reason.CHAT
        return PartAnswer(question.text, outside.reply, reason=reason)
    place = regions.asked_for(question.places, home)
    found = [item for item in search(index, question, place) if not _has_ended(item, today)]
    good = [item for item in found if item.holds_answer]
    if not good or not _answers(good[0]):
        return _refusal(question, place, found, index)
    best = good[0]
    return PartAnswer(
        question.text,
        _worded(best, place, today),
        citations=(_citation(best),),
        needs_region=place is None and best.passage.region not in (None, regions.NATION),
    )


def answer_also(
    question: str,
    *,
    region: str | None,
    index: PolicyIndex,
    today: date,
    said: Collection[str],
) -> PartAnswer | None:
    """What else answers a question, besides the passages in `said` (`Citation.passage`)."""
    home = regions.parse(region)
    asked = index.reader.read(question, near=home or None)
    place = regions.asked_for(asked.places, home)
    for item in search(index, asked, place, limit=_ALSO_AMONG):
        citation = _citation(item)
        if not _answers(item) or _has_ended(item, today) or citation.passage in said:
            continue
        return PartAnswer(asked.text, _worded(item, place, today), citations=(citation,))
    return None


def _answers(item: Found) -> bool:
    """Sure enough, or nearly the words that staff wrote their card for."""
    card = item.passage.card
    written_for = card is not None and card.by_staff and item.likeness >= WRITTEN_FOR
    return written_for or item.sureness >= LEAST_SURENESS


def _has_ended(item: Found, today: date) -> bool:
    document = item.passage.document
    ends = document.validity.ends if document else None
    return ends is not None and ends < today


# --- words --------------------------------------------------------------------------------------


def _citation(item: Found) -> Citation:
    passage = item.passage
    if passage.card is not None:
        source = passage.card.source
        return Citation(
            document=source.document,
            document_number=source.number or None,
            clause=passage.card.clause,
            quote=_shortened(passage.card.text.split("\n")[0]),
            dated=source.date,
            region=passage.card.region,
            card=passage.card.id,
        )
    assert passage.document is not None
    assert passage.clause is not None
    document = passage.document
    return Citation(
        document=document.title,
        document_number=document.number,
        clause=passage.clause.path,
        quote=_shortened(item.quote),
        dated=document.date.isoformat() if document.date else "",
        region=document.region or "",
        document_key=(document.title, passage.clause.key),
    )


def _shortened(quote: str) -> str:
    """At most `QUOTE_LENGTH` characters, cut after a comma or a semicolon: still verbatim."""
    if len(quote) <= QUOTE_LENGTH:
        return quote
    cut = max(quote.rfind(sign, 0, QUOTE_LENGTH) for sign in "；;，,、")
    return quote[: cut + 1] if cut > 0 else quote[:QUOTE_LENGTH]


def _worded(item: Found, place: str | None, today: date) -> str:
    passage = item.passage
    citation = _citation(item)
    lines: list[str] = []
    if passage.card is not None:
        lines.append(passage.card.text)
        if passage.card.amount and passage.card.amount_date:
            lines.append(
                f"{passage.card.amount}（{passage.card.amount_date.isoformat()}的数，现在可能变了）"
            )
        lines.append(citation.source_line)
        if passage.card.is_overdue(today):
            lines.append(
                f"这条是{passage.card.checked.isoformat()}核对的，已经有些日子，可能有变化，请再问一问。"
            )
        return "\n".join(lines)
    lines.append(f"文件里是这样写的：“{citation.quote}”")
    lines.append(citation.source_line)
    if _periods_have_ended(citation.quote, today):
        lines.append("文里定的时间已经过了，现在怎么安排，请再问当地民政局。")
    if place is None and passage.region:
        name = regions.name_of(passage.region)
        lines.append(f"这是{name}的规定，别处可能不一样。您住在哪个市、县？告诉我，我再查。")
    return "\n".join(lines)


_TARGET_YEAR = re.compile(r"(?:到|至|（)\s*(20\d\d)\s*年|(20\d\d)\s*年(?:年?底|末|以前|之前|前)")


def _periods_have_ended(quote: str, today: date) -> bool:
    """Whether a text sets targets for years that are all over."""
    years = [int(a or b) for a, b in _TARGET_YEAR.findall(quote)]
    return bool(years) and max(years) < today.year


def _refusal(
    question: Question, place: str | None, found: list[Found], index: PolicyIndex
) -> PartAnswer:
    best = found[0] if found else None
    if question.ask is not None and best is not None and best.sureness >= LEAST_SURENESS:
        text = _not_stated(question.ask, best.passage)
        return PartAnswer(question.text, text, reason=Reason.NOT_STATED, needs_region=place is None)
    if place is not None:
        elsewhere = search(index, question, None, limit=1)
        if elsewhere and elsewhere[0].sureness >= LEAST_SURENESS:
            text = (
                f"我手上没有{regions.name_of(place)}这方面的文件，别处的规定不能照搬。"
                "可以问当地民政局，也可以回复“人工”，我转给社工。"
            )
            return PartAnswer(question.text, text, reason=Reason.ELSEWHERE)
    text = "这个问题我没有查到有依据的说法，不敢乱答。回复“人工”，我转给社工帮您问。"
    return PartAnswer(question.text, text, reason=Reason.NOT_FOUND)


def _not_stated(ask: Ask, passage: Passage) -> str:
    office = passage.card.where if passage.card and passage.card.where else ""
    where = office or "当地民政局最清楚，也可以打12345问。"
    return (
        f"{ask.wanted}，我手上的文件没有写，不敢乱说。{where}回复“人工”，我也可以转给社工帮您问。"
    )


__all__ = ["Citation", "Outside", "PartAnswer", "PolicyAnswer", "Reason", "answer", "answer_also"]
