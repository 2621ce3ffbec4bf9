"""Policy search over 20,000 clauses: how long a question takes, beside plain BM25 in the same run.

By itself: ``python -m benchmarks.policy_search``. The clauses are sentences of the documents in
tests/data/policy put together anew, for cities all over the country; the questions are those of
tests/data/policy. One thread, wall time of a warm process.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import numpy as np

from benchmarks.table import Row
from bot import places
from bot.policy import regions
from bot.policy.answer import answer
from bot.policy.cards import default_cards
from bot.policy.documents import ParsedDocument, Validity, read_document
from bot.policy.documents.model import Clause, ClauseKind
from bot.policy.index import PolicyIndex
from bot.policy.search import search
from tools.eval_policy import FOLDER, Asked, pairs, read_questions, words

CLAUSES = 20_000
A_DOCUMENT = 40
SENTENCES = 4
TODAY = date(2026, 11, 24)
TARGET = "p99 < 10 ms"
# What the people of a document are called, so that documents differ in their words too.
PEOPLE = ("精神障碍患者", "残疾人", "老年人", "困难群众", "照护者", "服务对象")


def measure(clauses: int = CLAUSES) -> Iterator[Row]:
    """Rows of the table."""
    asked = read_questions(FOLDER / "questions.tsv")
    documents = list(_documents(clauses))
    begun = time.perf_counter()
    index = PolicyIndex.build(documents, default_cards())
    built = time.perf_counter() - begun
    yield Row(f"policy: index of {len(index):,} passages built", f"{built:.1f} s", "")
    yield Row("policy: search", _times(asked, _ours(index)), TARGET)
    yield Row(
        "policy: search, no region known", _times(asked, _ours(index, everywhere=True)), TARGET
    )
    yield Row("policy: whole answer in words", _times(asked, _answers(index)), TARGET)
    texts = [" ".join((*passage.headings, passage.text)) for passage in index.passages]
    for name, tokens in (("character pairs", pairs), ("jieba words", words)):
        yield Row(f"policy: plain BM25 over {name}", _times(asked, _Bm25(texts, tokens)), "")
    yield _rebuilding(asked, documents, index)


def _documents(clauses: int) -> Iterator[ParsedDocument]:
    """Documents of `A_DOCUMENT` clauses each, always the same ones."""
    chosen = random.Random(20261124)
    sentences = [
        sentence + "。"
        for path in sorted((FOLDER / "documents").glob("*.txt"))
        for clause in read_document(path).clauses
        if clause.kind is ClauseKind.BODY
        for sentence in clause.text.split("。")
        if len(sentence) > 8
    ]
    cities = [place.code for place in places.places().values() if place.level == "city"]
    for number in range(clauses // A_DOCUMENT):
        people = chosen.choice(PEOPLE)
        text = ""
        found: list[Clause] = []
        for place in range(1, A_DOCUMENT + 1):
            content = "".join(chosen.sample(sentences, SENTENCES)).replace("患者", people)
            found.append(
                Clause(f"三({place})", content[:8], content, len(text), len(text) + len(content))
            )
            text += content + "\n"
        yield ParsedDocument(
            title=f"关于{people}服务的第{number}号测试意见",
            number=f"测〔2024〕{number}号",
            issuers=("测试市民政局",),
            date=TODAY,
            region=chosen.choice(cities),
            validity=Validity(),
            text=text,
            clauses=tuple(found),
        )


Ask = Callable[[Asked], object]


def _ours(index: PolicyIndex, *, everywhere: bool = False) -> Ask:
    def ask(asked: Asked) -> object:
        home = None if everywhere else regions.parse(asked.region)
        return search(index, index.reader.read(asked.question, near=home), home)

    return ask


def _answers(index: PolicyIndex) -> Ask:
    return lambda asked: answer(asked.question, region=asked.region, index=index, today=TODAY)


class _Bm25:
    """The plain way, with an inverted index of arrays as ours has."""

    def __init__(self, texts: Sequence[str], tokens: Callable[[str], Sequence[str]]) -> None:
        self._tokens = tokens
        self._count = len(texts)
        bags = [Counter(tokens(text)) for text in texts]
        lengths = np.array([bag.total() for bag in bags])
        held: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, bag in enumerate(bags):
            for token, times in bag.items():
                held[token].append((number, times))
        self._postings = {}
        for token, rows in held.items():
            ids, times = np.array(rows).T
            idf = np.log(1 + (self._count - len(ids) + 0.5) / (len(ids) + 0.5))
            norm = 1.2 * (0.25 + 0.75 * lengths[ids] / lengths.mean())
            self._postings[token] = (ids, idf * times * 2.2 / (times + norm))

    def __call__(self, asked: Asked) -> object:
        words.cache_clear()
        scores = np.zeros(self._count)
        for token in self._tokens(asked.question):
            if token in self._postings:
                ids, weights = self._postings[token]
                scores[ids] += weights
        best = np.argpartition(scores, -5)[-5:]
        return best[np.argsort(-scores[best])]


def _times(asked: Sequence[Asked], ask: Ask, rounds: int = 5) -> str:
    for item in asked:
        ask(item)
    busy = time.thread_time()
    seconds = [_timed(ask, item) for _ in range(rounds) for item in asked]
    busy = (time.thread_time() - busy) / len(seconds) * 1000
    return f"{_percentiles(seconds)} (mean processor time {busy:.2f} ms)"


def _timed(ask: Ask, asked: Asked) -> float:
    begun = time.perf_counter()
    ask(asked)
    return time.perf_counter() - begun


def _percentiles(seconds: list[float]) -> str:
    low, high = np.percentile(seconds, [50, 99]) * 1000
    return f"p50 {low:.2f} ms, p99 {high:.2f} ms"


def _rebuilding(asked: Sequence[Asked], documents: list[ParsedDocument], index: PolicyIndex) -> Row:
    """Questions go on with an index while the next one is built, as `bot.policy.library` does it."""
    built: list[PolicyIndex] = []

    def build() -> None:
        built.append(PolicyIndex.build(documents[1:], default_cards()))

    builder = threading.Thread(target=build)
    builder.start()
    seconds: list[float] = []
    while builder.is_alive():
        seconds += [_timed(_ours(index), item) for item in asked[:20]]
    builder.join()
    if not built:
        raise RuntimeError("the index was not built again")
    return Row(
        f"policy: search while the index is built again ({len(seconds)} questions meanwhile)",
        _percentiles(seconds),
        "never stops",
    )


if __name__ == "__main__":
    for row in measure():
        print(f"{row.what}: {row.value}  {row.target}", flush=True)
