"""Self-checks: a few questions, then what may fit, which condition is missing and where to ask.

Pure. The questions and rules are data (`nlu_data/policy/self_check.toml`), each with its source.
Nothing here is a decision or a promise: a window decides.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from bot.policy.cards import FOLDER
from bot.policy.words import plain

PATH = FOLDER / "self_check.toml"
_BESIDE = 6
"""Characters that an answer may have besides its words; more says something else."""
_HEADS = {
    "likely": "可能符合。",
    "missing": "还差",
    "unlikely": "多半不符合。",
    "ask": "要问了才知道。",
}
CAVEAT = "这只是帮您理一理，不作数，最后由办事窗口审核决定。"


class Verdict(StrEnum):
    LIKELY = "likely"
    MISSING = "missing"
    UNLIKELY = "unlikely"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question; `words` are how else people say it, in `plain` form."""

    value: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    """Asked where each question of `only_if` was answered with one of its values."""

    id: str
    text: str
    choices: tuple[Choice, ...]
    only_if: Mapping[str, tuple[str, ...]]

    def read(self, text: str) -> str | None:
        """The value that an answer means; None where it means none, or two."""
        said = plain(text)
        if not said:
            return None
        exact = {choice.value for choice in self.choices if said == plain(choice.text)}
        if len(exact) == 1:
            return exact.pop()
        # The longest words win: 没有 holds 有.
        best, values = 0, set[str]()
        for choice in self.choices:
            length = max((len(word) for word in choice.words if word in said), default=0)
            if len(said) - length > _BESIDE:
                continue
            if length > best:
                best, values = length, {choice.value}
            elif length == best and length:
                values.add(choice.value)
        return values.pop() if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said of a programme where `when` holds."""

    programme: str
    when: Mapping[str, tuple[str, ...]]
    verdict: Verdict
    says: str


@dataclass(frozen=True, slots=True)
class Check:
    """One self-check. `called`: words that name it; `topics`: concepts whose answers offer it."""

    id: str
    name: str
    called: tuple[str, ...]
    topics: frozenset[str]
    questions: tuple[CheckQuestion, ...]
    rules: tuple[Rule, ...]
    where: str
    sources: tuple[str, ...]
    """Lines like 依据：国发〔2015〕52号 二（一），2015-09-22."""

    def next_question(self, answers: Mapping[str, str]) -> CheckQuestion | None:
        """What is still to be asked; None when all is known."""
        for question in self.questions:
            if question.id not in answers and _holds(question.only_if, answers):
                return question
        return None

    def verdicts(self, answers: Mapping[str, str]) -> list[Rule]:
        """The rule that counts for each programme, in order."""
        found: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.programme not in found and _holds(rule.when, answers):
                found[rule.programme] = rule
        return list(found.values())

    def result(self, answers: Mapping[str, str]) -> str:
        """What the family reads at the end."""
        lines = ["按您说的，我理了一下："]
        lines += [
            f"· {rule.programme}：{_HEADS[rule.verdict]}{rule.says}"
            for rule in self.verdicts(answers)
        ]
        lines += [f"去哪里问：{self.where}", *self.sources, CAVEAT]
        return "\n".join(lines)


def load_checks(path: Path = PATH) -> list[Check]:
    """All self-checks. Raises `ValueError` or `KeyError` where the data are unsound."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = tomllib.loads((path.parent / "sources.toml").read_text(encoding="utf-8"))
    checks = [_check(row, data["words"], sources) for row in data["check"]]
    for check in checks:
        _prove(check)
    return checks


@cache
def default_checks() -> Mapping[str, Check]:
    """The self-checks of the product by id, read once."""
    return {check.id: check for check in load_checks()}


def called(text: str) -> Check | None:
    """The self-check that a text names; None where it names none."""
    said = plain(text)
    named = [
        (len(word), check)
        for check in default_checks().values()
        for word in check.called
        if plain(word) in said
    ]
    return max(named, key=lambda item: item[0])[1] if named else None


def about(topic: str) -> Check | None:
    """The self-check that an answer about this concept offers."""
    return next((check for check in default_checks().values() if topic in check.topics), None)


def _check(
    row: Mapping[str, Any], words: Mapping[str, Sequence[str]], sources: Mapping[str, Any]
) -> Check:
    return Check(
        id=row["id"],
        name=row["name"],
        called=tuple(row["called"]),
        topics=frozenset(row["topics"]),
        questions=tuple(_question(item, words) for item in row["question"]),
        rules=tuple(
            Rule(
                item["programme"], _conditions(item, "when"), Verdict(item["verdict"]), item["says"]
            )
            for item in row["rule"]
        ),
        where=row["where"],
        sources=tuple(
            _source_line(sources[item["source"]], item["clause"]) for item in row["sources"]
        ),
    )


def _question(row: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> CheckQuestion:
    choices = []
    for item in row["choices"]:
        ways = [*words.get(item["value"], ()), item["text"], *item.get("words", ())]
        choices.append(
            Choice(item["value"], item["text"], tuple(dict.fromkeys(plain(way) for way in ways)))
        )
    return CheckQuestion(row["id"], row["text"], tuple(choices), _conditions(row, "only_if"))


def _conditions(row: Mapping[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in row.get(key, {}).items()}


def _holds(conditions: Mapping[str, tuple[str, ...]], answers: Mapping[str, str]) -> bool:
    return all(answers.get(name) in values for name, values in conditions.items())


def _source_line(source: Mapping[str, str], clause: str) -> str:
    name = source["number"] or f"《{source['document'].strip('《》')}》"
    shown = clause.replace("(", "（").replace(")", "）")
    return f"依据：{name} {shown}，{source['date']}"


def _prove(check: Check) -> None:
    """Every programme has a last word, and conditions name questions and values that exist."""
    values = {q.id: {choice.value for choice in q.choices} for q in check.questions}
    conditions = [q.only_if for q in check.questions] + [rule.when for rule in check.rules]
    for condition in conditions:
        for name, wanted in condition.items():
            if name not in values or not set(wanted) <= values[name]:
                raise ValueError(f"{check.id}: no answer {name} = {wanted}")
    for programme in {rule.programme for rule in check.rules}:
        last = [rule for rule in check.rules if rule.programme == programme][-1]
        if last.when:
            raise ValueError(f"{check.id}: {programme} may end without a word")
    if not check.sources:
        raise ValueError(f"{check.id}: no source")
