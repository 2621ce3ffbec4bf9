"""What reading an official document yields: its facts and its clauses, over one cleaned text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class DocumentError(ValueError):
    """The file cannot be taken in. The message is one Chinese sentence for the person importing."""


class ClauseKind(StrEnum):
    """What a part of a document is for. Only `BODY` may answer a question."""

    TITLE = "title"
    NUMBER = "number"
    LETTERHEAD = "letterhead"
    ADDRESSEE = "addressee"
    HEADING = "heading"
    BODY = "body"
    SIGNATURE = "signature"
    CONTACT = "contact"
    COPIES = "copies"
    ANNEX = "annex"


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a document as its own structure divides it.

    `text` is `document.text[start:end]`, verbatim. `path` joins the markers down to this part in
    the shape `三(五)17`; parts without a marker carry the path of the part they stand in, so several
    paragraphs may share one path and `paragraph` counts them from 1 (0: the only one).
    `heading` is this part's own heading, `context` the headings above it, outermost first.
    """

    path: str
    heading: str
    text: str
    start: int
    end: int
    kind: ClauseKind = ClauseKind.BODY
    paragraph: int = 0
    context: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Unique within the document, stable while the text is unchanged."""
        return f"{self.path}~{self.paragraph}" if self.paragraph else self.path


@dataclass(frozen=True, slots=True)
class Validity:
    """When a document says it applies; both ends inclusive, `None` where it says nothing."""

    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document read whole. The clauses cover `text` from end to end, without gap or overlap.

    `region` is a division code of two (nation: ""), four or six significant digits padded to six,
    or `None` where the text does not tell; such a document answers nobody until a region is given.
    `doubts` are Chinese sentences for the preview.
    """

    title: str
    number: str | None
    issuers: tuple[str, ...]
    date: date | None
    region: str | None
    validity: Validity
    text: str
    clauses: tuple[Clause, ...]
    doubts: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `from_dict` gives an equal document back. Clause texts are not repeated."""
        clauses = [asdict(clause) for clause in self.clauses]
        for clause in clauses:
            del clause["text"]
        return {
            "title": self.title,
            "number": self.number,
            "issuers": list(self.issuers),
            "date": _iso(self.date),
            "region": self.region,
            "validity": {"starts": _iso(self.validity.starts), "ends": _iso(self.validity.ends)},
            "text": self.text,
            "clauses": clauses,
            "doubts": list(self.doubts),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ParsedDocument:
        """The inverse of `to_dict`. Raises `KeyError` or `ValueError` on foreign data."""
        text: str = data["text"]
        clauses = tuple(
            Clause(
                path=row["path"],
                heading=row["heading"],
                text=text[row["start"] : row["end"]],
                start=row["start"],
                end=row["end"],
                kind=ClauseKind(row["kind"]),
                paragraph=row["paragraph"],
                context=tuple(row["context"]),
            )
            for row in data["clauses"]
        )
        return cls(
            title=data["title"],
            number=data["number"],
            issuers=tuple(data["issuers"]),
            date=_date(data["date"]),
            region=data["region"],
            validity=Validity(_date(data["validity"]["starts"]), _date(data["validity"]["ends"])),
            text=text,
            clauses=clauses,
            doubts=tuple(data["doubts"]),
        )


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
