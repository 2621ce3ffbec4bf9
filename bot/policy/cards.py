"""Cards: answers in our own words to what families ask, each with the source it rests on.

They live in `nlu_data/policy/cards/*.toml`; the sources in `nlu_data/policy/sources.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot import places
from bot.policy.words import NLU_DATA

FOLDER = NLU_DATA / "policy"
_SOURCE_KEYS = {"document", "number", "date"}
_REQUIRED = {
    "id",
    "topics",
    "questions",
    "answer",
    "region",
    "source",
    "clause",
    "checked",
    "check_again_by",
}
# A sum of money: 80元, 八十元, 每月100块.
_SUM = re.compile(r"[\d.,一二三四五六七八九十百千万]+(?:元|块钱)")
_OPTIONAL = {"conditions", "how", "where", "amount", "amount_date"}


@dataclass(frozen=True, slots=True)
class Source:
    """An official document that cards rest on. `number` is "" where it bears none.

    `date` is the day of the version that was read, or its year where the day is not known.
    """

    document: str
    number: str
    date: str


@dataclass(frozen=True, slots=True)
class Card:
    """One answer. `region` is a division code ("" the nation).

    `topics` are concepts of the thesaurus, the first one is the card's subject: a question about
    something else is not answered by it, whatever words they share.

    `amount` is a sum as the source states it, with the day it was true; most cards have none,
    because amounts are set locally: then `where` names the office that knows.
    """

    id: str
    topics: tuple[str, ...]
    questions: tuple[str, ...]
    answer: str
    region: str
    source: Source
    clause: str
    checked: date
    check_again_by: date
    conditions: str = ""
    how: str = ""
    where: str = ""
    amount: str = ""
    amount_date: date | None = None
    by_staff: bool = False
    """Written at the desk, often about something that the thesaurus has no word for."""

    @property
    def text(self) -> str:
        """All that the card says, a line a part. A quote of the card is verbatim of this."""
        return "\n".join(filter(None, (self.answer, self.conditions, self.how, self.where)))

    def is_overdue(self, today: date) -> bool:
        return today > self.check_again_by


def load_cards(folder: Path = FOLDER) -> list[Card]:
    """All cards of a folder, by id. Raises `ValueError` naming the first card that is unsound."""
    sources, rows = _read(folder)
    if problems := _problems(sources, rows):
        raise ValueError("; ".join(problems))
    return sorted((_card(sources, row) for _, row in rows), key=lambda card: card.id)


def check_cards(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the cards of a folder, a sentence each; an empty list passes.

    A card needs a source with title, clause and date, the day it was checked and the day to check
    it again; an amount needs its date; a sum of money may stand nowhere else.
    """
    return _problems(*_read(folder))


@cache
def default_cards() -> tuple[Card, ...]:
    """The cards of the product, read once."""
    return tuple(load_cards())


Rows = list[tuple[str, dict[str, Any]]]


def _read(folder: Path) -> tuple[dict[str, dict[str, Any]], Rows]:
    sources = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))
    rows: Rows = []
    for path in sorted((folder / "cards").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        rows += [(path.name, row) for row in data.get("card", [])]
    return sources, rows


def _problems(sources: dict[str, dict[str, Any]], rows: Rows) -> list[str]:
    found: list[str] = []
    for name, source in sources.items():
        if set(source) != _SOURCE_KEYS or not source.get("document"):
            found.append(f"source {name} needs document, number and date")
        elif not re.fullmatch(r"\d{4}(-\d\d-\d\d)?", source["date"]):
            found.append(f"source {name} has no date")
    ids = Counter(row.get("id", "?") for _, row in rows)
    found += [f"card {name} exists {times} times" for name, times in ids.items() if times > 1]
    for file, row in rows:
        label = f"card {row.get('id', '?')} in {file}"
        if missing := sorted(key for key in _REQUIRED if row.get(key) in (None, "", [])):
            # A region may be empty: the nation.
            missing = [key for key in missing if not (key == "region" and "region" in row)]
            found += [f"{label} lacks {key}" for key in missing]
        if unknown := sorted(set(row) - _REQUIRED - _OPTIONAL):
            found.append(f"{label} has unknown keys {', '.join(unknown)}")
        found += [f"{label}: {problem}" for problem in _row_problems(sources, row)]
    return found


def _row_problems(sources: dict[str, dict[str, Any]], row: dict[str, Any]) -> list[str]:
    found: list[str] = []
    if row.get("source") and row["source"] not in sources:
        found.append(f"unknown source {row['source']}")
    dates = {key: row.get(key) for key in ("checked", "check_again_by")}
    found += [f"{key} is no date" for key, day in dates.items() if day and not _is_date(day)]
    if all(map(_is_date, dates.values())) and row["check_again_by"] <= row["checked"]:
        found.append("check_again_by must be after checked")
    if row.get("region") and places.get(row["region"]) is None:
        found.append(f"unknown region {row['region']}")
    if row.get("amount") and not _is_date(row.get("amount_date")):
        found.append("an amount needs amount_date")
    texts = " ".join(str(row.get(key, "")) for key in ("answer", "conditions", "how", "where"))
    found += [f"the text names an amount that is not dated: {sum_}" for sum_ in _SUM.findall(texts)]
    if len(row.get("answer", "")) > 200:
        found.append("the answer is longer than 200 characters")
    return found


def _is_date(value: object) -> bool:
    return isinstance(value, date)


def _card(sources: dict[str, dict[str, Any]], row: dict[str, Any]) -> Card:
    source = sources[row["source"]]
    return Card(
        id=row["id"],
        topics=tuple(row["topics"]),
        questions=tuple(row["questions"]),
        answer=row["answer"],
        region=row["region"],
        source=Source(source["document"], source["number"], source["date"]),
        clause=row["clause"],
        checked=row["checked"],
        check_again_by=row["check_again_by"],
        conditions=row.get("conditions", ""),
        how=row.get("how", ""),
        where=row.get("where", ""),
        amount=row.get("amount", ""),
        amount_date=row.get("amount_date"),
    )
