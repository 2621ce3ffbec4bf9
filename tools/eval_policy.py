"""How well policy questions are answered, beside plain BM25 in the same run; part of ``make eval``.

    python tools/eval_policy.py [FOLDER]

FOLDER (default: tests/data/policy) holds `documents/`, `questions.tsv` (document, clauses that are
right, region, question; document `card` for an answer of ours) and `unanswerable.tsv` (region,
question). Regions may be empty.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import jieba

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bot.policy import regions  # noqa: E402
from bot.policy.answer import answer  # noqa: E402
from bot.policy.cards import default_cards  # noqa: E402
from bot.policy.documents import read_document  # noqa: E402
from bot.policy.index import PolicyIndex  # noqa: E402
from bot.policy.passages import Passage  # noqa: E402
from bot.policy.search import search  # noqa: E402

FOLDER = ROOT / "tests" / "data" / "policy"
# Cards past their date say so; a fixed day keeps the figures of one week those of the next.
TODAY = date(2026, 11, 24)
CARD = "card"

Key = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """A question with the (document, clause) pairs that are right; none where nothing answers."""

    question: str
    region: str | None
    right: frozenset[Key]


@dataclass
class Figures:
    """Shares from 0 to 1. `wrong` are the questions whose first citation is not the right one,
    `given` the unanswerable ones that were answered, each with what was cited."""

    asked: int = 0
    first: float = 0.0
    three: float = 0.0
    unanswerable: int = 0
    refused: float = 0.0
    quotes: int = 0
    verbatim: float = 1.0
    wrong: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)


def read_questions(path: Path) -> list[Asked]:
    """Questions with answers. A clause of another document is written `document:clause`."""
    found = []
    for document, clauses, region, question in _rows(path, 4):
        keys = (key.split(":") if ":" in key else (document, key) for key in clauses.split("|"))
        found.append(Asked(question, region or None, frozenset((a, b) for a, b in keys)))
    return found


def read_unanswerable(path: Path) -> list[Asked]:
    """Questions without one."""
    return [Asked(question, region or None, frozenset()) for region, question in _rows(path, 2)]


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            row = line.split("\t")
            if len(row) != columns:
                raise ValueError(f"{path.name}:{number}: {len(row)} columns, expected {columns}")
            yield row


class Measured:
    """The documents of a folder with all cards, and the questions about them."""

    def __init__(self, folder: Path) -> None:
        paths = sorted(path for path in (folder / "documents").iterdir() if path.is_file())
        self.documents = {path.stem: read_document(path) for path in paths}
        self.stems = {document.title: stem for stem, document in self.documents.items()}
        self.index = PolicyIndex.build(self.documents.values(), default_cards())
        self.questions = read_questions(folder / "questions.tsv")
        self.unanswerable = read_unanswerable(folder / "unanswerable.tsv")

    def key(self, passage: Passage) -> Key:
        """What a passage is called in the files of questions."""
        if passage.card is not None:
            return (CARD, passage.card.id)
        assert passage.document is not None
        assert passage.clause is not None
        return (self.stems[passage.document.title], passage.clause.path)

    def figures(self) -> Figures:
        """What families would see."""
        result = Figures(len(self.questions), unanswerable=len(self.unanswerable))
        texts = {document.title: document.text for document in self.documents.values()}
        cards = {card.id: card.text for card in default_cards()}
        quoted: list[bool] = []
        first = three = 0
        for asked in (*self.questions, *self.unanswerable):
            given = answer(asked.question, region=asked.region, index=self.index, today=TODAY)
            cited: list[Key] = []
            for citation in given.citations:
                source = cards[citation.card] if citation.card else texts[citation.document]
                quoted.append(citation.quote in source and 0 < len(citation.quote) <= 300)
                name = self.stems.get(citation.document, "")
                cited.append((CARD, citation.card) if citation.card else (name, citation.clause))
            if not asked.right:
                if given.answered:
                    result.given.append(f"{asked.question}: {cited} {given.citations[0].quote}")
                continue
            right = bool(cited) and cited[0] in asked.right
            first += right
            three += right or bool(set(self._best_three(asked)) & asked.right)
            if not right:
                wanted = sorted(asked.right)
                result.wrong.append(f"{asked.question} ({asked.region}): {wanted}, was {cited}")
        result.first = first / max(1, result.asked)
        result.three = three / max(1, result.asked)
        result.refused = 1 - len(result.given) / max(1, result.unanswerable)
        result.quotes = len(quoted)
        result.verbatim = sum(quoted) / max(1, len(quoted))
        return result

    def _best_three(self, asked: Asked) -> list[Key]:
        home = regions.parse(asked.region)
        question = self.index.reader.read(asked.question, near=home or None)
        place = regions.asked_for(question.places, home)
        found = [self.key(item.passage) for item in search(self.index, question, place, limit=8)]
        return list(dict.fromkeys(found))[:3]

    def plain_bm25(self, tokens: Callable[[str], Sequence[str]]) -> tuple[float, float]:
        """Top-1 and top-3 of BM25 (k1 1.2, b 0.75), with the same passages and regions."""
        passages = self.index.passages
        bags = [Counter(tokens(" ".join((*item.headings, item.text)))) for item in passages]
        lengths = [bag.total() for bag in bags]
        mean = sum(lengths) / len(lengths)
        holding = Counter(token for bag in bags for token in bag)
        first = three = 0
        for asked in self.questions:
            home = regions.parse(asked.region)
            scores: dict[Key, float] = {}
            for passage, bag, length in zip(passages, bags, lengths, strict=True):
                if home is not None and not regions.covers(passage.region, home):
                    continue
                score = sum(
                    math.log(1 + (len(bags) - holding[token] + 0.5) / (holding[token] + 0.5))
                    * bag[token]
                    * 2.2
                    / (bag[token] + 1.2 * (0.25 + 0.75 * length / mean))
                    for token in tokens(asked.question)
                    if token in bag
                )
                key = self.key(passage)
                scores[key] = max(score, scores.get(key, 0.0))
            best = sorted(scores, key=lambda key: -scores[key])[:3]
            first += bool(best) and best[0] in asked.right
            three += bool(set(best) & asked.right)
        return first / len(self.questions), three / len(self.questions)


def pairs(text: str) -> list[str]:
    """Pairs of neighbouring characters."""
    signs = re.sub(r"[^\u4e00-\u9fff0-9a-z]", "", text.lower())
    return [signs[place : place + 2] for place in range(len(signs) - 1)]


@cache
def words(text: str) -> list[str]:
    """jieba's words, without anything of ours."""
    return [word for word in jieba.lcut(text) if re.match(r"[\u4e00-\u9fff\w]", word)]


def main(folder: Path = FOLDER, *, verbose: bool = False) -> None:
    """Print the figures of one folder."""
    jieba.setLogLevel(60)
    measured = Measured(folder)
    figures = measured.figures()
    print(f"\n## Policy, {len(measured.documents)} documents and {len(default_cards())} cards")
    print(f"  {'':24}{'top-1':>8}{'top-3':>8}   of {figures.asked} questions")
    print(f"  {'ours, answered':24}{figures.first:8.1%}{figures.three:8.1%}")
    for name, tokens in (("BM25, character pairs", pairs), ("BM25, jieba words", words)):
        first, three = measured.plain_bm25(tokens)
        print(f"  {name:24}{first:8.1%}{three:8.1%}")
    print(f"  refused {figures.refused:.1%} of {figures.unanswerable} that nothing answers")
    print(f"  verbatim {figures.verbatim:.1%} of {figures.quotes} quotes")
    if verbose:
        print("\n".join(["", "wrong:", *figures.wrong, "", "answered all the same:"]))
        print("\n".join(figures.given))


if __name__ == "__main__":
    arguments = [text for text in sys.argv[1:] if text != "-v"]
    main(Path(arguments[0]) if arguments else FOLDER, verbose="-v" in sys.argv)
