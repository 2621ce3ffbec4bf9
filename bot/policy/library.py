"""The library: imported documents in the database, and the index made of them and the cards."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.policy.cards import default_cards
from bot.policy.documents import ParsedDocument
from bot.policy.index import PolicyIndex, Shelf
from bot.policy.models import PolicyDocument
from bot.privacy import audit


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


def build_index(session: Session) -> PolicyIndex:
    """The index of everything that may answer now."""
    return PolicyIndex.build(documents(session), default_cards())


class Library:
    """The index in use by one process, built anew when a document has changed.

    Searches go on with the old index while a new one is built.
    """

    def __init__(self) -> None:
        self._shelf: Shelf | None = None
        self._edition: tuple[int, datetime | None] | None = None
        self._building = threading.Lock()

    def index(self, session: Session) -> PolicyIndex:
        """The current index; the first call builds it."""
        edition = _edition(session)
        if self._shelf is not None and edition == self._edition:
            return self._shelf.index
        # While one thread builds, the others answer from what there is.
        if self._building.acquire(blocking=self._shelf is None):
            try:
                if self._shelf is None or edition != self._edition:
                    built = build_index(session)
                    if self._shelf is None:
                        self._shelf = Shelf(built)
                    else:
                        self._shelf.replace(built)
                    self._edition = edition
            finally:
                self._building.release()
        assert self._shelf is not None
        return self._shelf.index


def _edition(session: Session) -> tuple[int, datetime | None]:
    """Changes whenever a document is imported, withdrawn or deleted."""
    row = session.execute(
        select(func.count(), func.max(PolicyDocument.imported_at)).where(
            PolicyDocument.state == "in_force"
        )
    ).one()
    return row[0], row[1]


library = Library()
"""One index a process is enough: it is read-only."""
