"""The library: imported documents in the database, and the index made of them and the cards."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.policy import own_cards
from bot.policy.answer import Citation
from bot.policy.cards import Card, default_cards
from bot.policy.documents import Clause, ClauseKind, ParsedDocument
from bot.policy.edition import current_edition, next_edition
from bot.policy.index import PolicyIndex
from bot.policy.models import PolicyDocument
from bot.privacy import audit

log = structlog.get_logger()

CARD_PAGE = "card-"
WAIT_FOR_INDEX = 2.0
"""Seconds that a question waits for an index under way; after that the former one answers."""


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    document_id: int
    replaced: bool


def import_document(
    session: Session, *, document: ParsedDocument, by: str, now: datetime
) -> Imported:
    """Keep a document; the same title and number replaces what was there."""
    number = document.number or ""
    known = session.scalar(
        select(PolicyDocument.id).where(
            PolicyDocument.title == document.title, PolicyDocument.number == number
        )
    )
    values = {
        "region": document.region,
        "state": "in_force",
        "superseded_by": None,
        "content": document.to_dict(),
        "imported_at": now,
        "imported_by": by,
    }
    document_id = session.scalars(
        insert(PolicyDocument)
        .values(title=document.title, number=number, **values)
        .on_conflict_do_update(index_elements=["title", "number"], set_=values)
        .returning(PolicyDocument.id)
    ).one()
    next_edition(session)
    audit.record(
        session,
        by=by,
        action="policy.import",
        on=("policy_document", document_id),
        now=now,
        replaced=known is not None,
    )
    return Imported(document_id, known is not None)


def documents(session: Session) -> list[ParsedDocument]:
    """Every document that may answer."""
    rows = session.scalars(
        select(PolicyDocument.content)
        .where(PolicyDocument.state == "in_force")
        .order_by(PolicyDocument.id)
    )
    return [ParsedDocument.from_dict(content) for content in rows]


def cards(session: Session) -> list[Card]:
    """Every card that may answer: the product's own, and those of staff instead or beside."""
    published = own_cards.published(session)
    replaced = {card.replaces for card in published}
    kept = [card for card in default_cards() if card.id not in replaced]
    return [*kept, *map(own_cards.as_card, published)]


def build_index(session: Session) -> PolicyIndex:
    """The index of everything that may answer now."""
    return PolicyIndex.build(documents(session), cards(session))


def clause_id(document_id: int, key: str) -> str:
    """The clause in an address, short and plain: stable while the document's text is."""
    return f"{document_id}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class KeptClause:
    """A clause with its document as the database has it."""

    document_id: int
    state: str
    superseded_by: int | None
    document: ParsedDocument
    place: int
    """Which of the document's clauses."""

    @property
    def clause(self) -> Clause:
        return self.document.clauses[self.place]

    @property
    def id(self) -> str:
        return clause_id(self.document_id, self.clause.key)

    def neighbour(self, step: int) -> KeptClause | None:
        """The next clause that rules something, forwards (1) or backwards (-1)."""
        place = self.place + step
        while 0 <= place < len(self.document.clauses):
            clause = self.document.clauses[place]
            if clause.kind is ClauseKind.BODY and clause.text.strip():
                return replace(self, place=place)
            place += step
        return None


def find_clause(session: Session, named: str) -> KeptClause | None:
    """A clause by its `clause_id`; also of a document that answers no more."""
    number = named.partition("-")[0]
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    row = session.get(PolicyDocument, int(number))
    if row is None:
        return None
    document = ParsedDocument.from_dict(row.content)
    for place, clause in enumerate(document.clauses):
        if clause_id(row.id, clause.key) == named:
            return KeptClause(row.id, row.state, row.superseded_by, document, place)
    return None


def page_of(session: Session, citation: Citation) -> str | None:
    """The page that shows a citation whole: a `clause_id`, or ``card-`` and the card's id."""
    if citation.card is not None:
        return f"{CARD_PAGE}{citation.card}"
    assert citation.document_key is not None
    title, key = citation.document_key
    document_id = session.scalar(
        select(PolicyDocument.id).where(
            PolicyDocument.title == title,
            PolicyDocument.number == (citation.document_number or ""),
        )
    )
    return None if document_id is None else clause_id(document_id, key)


def is_current(session: Session, citation: Citation) -> bool:
    """Whether what is cited may still answer: an index may be a moment older than a withdrawal."""
    if citation.card is None:
        assert citation.document_key is not None
        state = session.scalar(
            select(PolicyDocument.state).where(
                PolicyDocument.title == citation.document_key[0],
                PolicyDocument.number == (citation.document_number or ""),
            )
        )
        return state == "in_force"
    return own_cards.is_current(session, citation.card)


def find_card(session: Session, name: str) -> Card | None:
    """A card that may answer, by its id."""
    return next((card for card in cards(session) if card.id == name), None)


@dataclass(frozen=True)
class _Edition:
    """What one edition of a database's documents and cards was made into."""

    engine: object
    number: int
    index: PolicyIndex


class Library:
    """The index in use by one process, built anew when a document or card has changed.

    Searches go on with the old index while a new one is built.
    """

    def __init__(self) -> None:
        self._current: _Edition | None = None
        self._building: threading.Thread | None = None
        self._lock = threading.Lock()

    def index(self, session: Session, *, wait: float = WAIT_FOR_INDEX) -> PolicyIndex:
        """The current index; the first call builds it.

        After a change the new one is built in a thread of its own: a question waits for it
        ``wait`` seconds, as long as its turn can spare.
        """
        engine, number = session.get_bind(), current_edition(session)
        current = self._current
        if current is None or current.engine is not engine:
            with self._lock:
                if self._current is None or self._current.engine is not engine:
                    self._current = _Edition(engine, number, build_index(session))
                return self._current.index
        if current.number != number:
            self._renewal(engine).join(wait)
        return self._current.index if self._current is not None else current.index

    def _renewal(self, engine: Engine | Connection) -> threading.Thread:
        """The thread that builds the next index; begun where none is at work."""
        with self._lock:
            if self._building is None or not self._building.is_alive():
                self._building = threading.Thread(
                    target=self._renew, args=(engine,), name="policy-index", daemon=True
                )
                self._building.start()
            return self._building

    def _renew(self, engine: Engine | Connection) -> None:
        try:
            with Session(engine) as session:
                number = current_edition(session)
                self._current = _Edition(engine, number, build_index(session))
        except (SQLAlchemyError, ValueError, KeyError) as error:
            # The former index goes on answering; the next question tries again.
            log.error("policy_index_not_renewed", error=type(error).__name__)


library = Library()
"""One index a process is enough: it is read-only."""
