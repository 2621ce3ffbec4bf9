"""What can answer, cut into sentences: the clauses of documents, and the cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.policy.cards import Card
from bot.policy.documents.model import Clause, ClauseKind, ParsedDocument
from bot.policy.documents.structure import INTRODUCTION
from bot.policy.words import pairs_in, plain

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+[”’）)]*|[^。！？!?；;\n]+$")


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence at `text[start:end]`. A `lead` only names what the rest says."""

    start: int
    end: int
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that can answer: a clause of `document`, or a `card`; the other one is `None`.

    `expected` are questions that a card is known to answer, `expected_pairs` their pairs of
    characters; clauses have none.
    """

    text: str
    sentences: tuple[Span, ...]
    headings: tuple[str, ...]
    region: str | None
    document: ParsedDocument | None = None
    clause: Clause | None = None
    card: Card | None = None
    expected_pairs: tuple[frozenset[str], ...] = ()

    @property
    def is_preamble(self) -> bool:
        """What only leads up to the rules: 为贯彻落实…, 现将…印发给你们."""
        return self.clause is not None and self.clause.path.endswith(INTRODUCTION)

    @property
    def title(self) -> str:
        if self.card is not None:
            return self.card.source.document
        assert self.document is not None
        return self.document.title

    @property
    def has_own_heading(self) -> bool:
        """Whether the first of `headings` is the passage's own, not one above it."""
        return self.clause is not None and bool(self.clause.heading)

    @property
    def expected(self) -> tuple[str, ...]:
        return self.card.questions if self.card is not None else ()


def passages_of(document: ParsedDocument) -> Iterator[Passage]:
    """The clauses of a document that may answer: its body, not its letterhead or contact."""
    for clause in document.clauses:
        if clause.kind is not ClauseKind.BODY:
            continue
        headings = (clause.heading, *reversed(clause.context)) if clause.heading else clause.context
        yield Passage(
            text=clause.text,
            sentences=_spans(clause.text, clause.heading),
            headings=tuple(headings),
            region=document.region,
            document=document,
            clause=clause,
        )


def passage_of(card: Card) -> Passage:
    """A card as something to search; its expected questions are looked at apart."""
    return Passage(
        text=card.text,
        sentences=_spans(card.text, ""),
        headings=(),
        region=card.region,
        card=card,
        expected_pairs=tuple(frozenset(pairs_in(plain(text))) for text in card.questions),
    )


def all_passages(documents: Iterable[ParsedDocument], cards: Iterable[Card]) -> Iterator[Passage]:
    for document in documents:
        yield from passages_of(document)
    for card in cards:
        yield passage_of(card)


def _spans(text: str, heading: str) -> tuple[Span, ...]:
    spans = []
    for found in _SENTENCE.finditer(text):
        sentence = found[0].strip()
        if not sentence:
            continue
        lead = bool(heading) and found.start() == 0 and heading in sentence
        spans.append(Span(found.start(), found.end(), lead))
    return tuple(spans)
