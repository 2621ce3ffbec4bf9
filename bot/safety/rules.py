"""The rules, read from `nlu_data/safety/rules*.toml`, and applying them to one text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bot.safety import lexicon, pattern
from bot.safety.lexicon import Token, Tokens
from bot.safety.pattern import Found, Pattern
from bot.safety.scene import Circumstance, Scene
from bot.safety.text import DATA

_BESIDE, _BEFORE, _BEHIND = 12, 3, 8
"""Characters within which a harmless explanation counts: on either side; just before; behind."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the data file; its notation is explained there."""

    id: str
    kind: str
    level: str
    meant: Mapping[Circumstance, str]
    when: tuple[Pattern, ...]
    unless: tuple[str, ...]
    unless_before: tuple[str, ...]
    unless_after: tuple[str, ...]
    never_with: tuple[str, ...]
    not_by: tuple[str, ...]
    settled: str
    subject: str
    alone: int
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applied. `level` is "none" if the circumstances take the alarm away;
    `because` names them."""

    rule: Rule
    level: str
    because: Circumstance
    start: int


@cache
def load(name: str) -> tuple[Rule, ...]:
    """The rules of one file. Raises ValueError for an unknown concept or policy."""
    data = tomllib.loads((DATA / name).read_text(encoding="utf-8"))
    policies = {
        policy: {Circumstance(circumstance): level for circumstance, level in table.items()}
        for policy, table in data["meant"].items()
    }
    rules = []
    for entry in data["rule"]:
        patterns = tuple(pattern.parse(source) for source in entry["when"])
        rule = Rule(
            id=entry["id"],
            kind=entry["kind"],
            level=entry["level"],
            meant=policies[entry["meant"]],
            when=patterns,
            unless=tuple(entry.get("unless", ())),
            unless_before=tuple(entry.get("unless_before", ())),
            unless_after=tuple(entry.get("unless_after", ())),
            never_with=tuple(entry.get("never_with", ())),
            not_by=tuple(entry.get("not_by", ())),
            settled=entry.get("settled", ""),
            subject=entry.get("subject", ""),
            alone=entry.get("alone", 0),
            why=entry["why"],
        )
        named = {concept for each in patterns for step in each.needs for concept in step}
        named.update(rule.unless, rule.unless_before, rule.unless_after, rule.never_with)
        named.update(filter(None, [rule.settled]))
        if unknown := named - lexicon.concepts():
            raise ValueError(f"{name}: {rule.id} uses unknown concepts {sorted(unknown)}")
        rules.append(rule)
    return tuple(rules)


def apply(rules: tuple[Rule, ...], tokens: Tokens) -> Iterator[Finding]:
    """Every way in which the rules apply to a tagged text from which denials were dropped."""
    scene = Scene(tokens)
    for rule in rules:
        for each in rule.when:
            if not tokens.may_match(each.masks):
                continue
            for anchor, others in pattern.find(each, tokens):
                finding = _judge(rule, anchor, others, scene)
                if finding is not None:
                    yield finding


def _judge(rule: Rule, anchor: Found, others: Found, scene: Scene) -> Finding | None:
    start = anchor[0].start
    if rule.subject and scene.subject(anchor[-1].start) not in (rule.subject, "unknown"):
        return None
    if rule.alone and scene.said(start) > rule.alone:
        return None
    if rule.not_by and not scene.agent(start).isdisjoint(rule.not_by):
        return None
    if _explained(rule, anchor, others, scene.tokens):
        return Finding(rule, "none", Circumstance.HARMLESS, start)
    if rule.settled and scene.settled(rule.settled):
        return Finding(rule, "history", Circumstance.PAST, start)
    for circumstance in scene.judge(anchor):
        level = rule.meant.get(circumstance)
        if level is not None:
            return Finding(rule, _milder(level, rule.level), circumstance, start)
    return Finding(rule, rule.level, Circumstance.NOW, start)


def _explained(rule: Rule, anchor: Found, others: Found, tokens: Tokens) -> bool:
    text, start, last = tokens.text, anchor[0].start, anchor[-1]
    end = last.end
    matched = (*anchor, *others)

    def explains(names: tuple[str, ...], low: int, high: int, parts: tuple[int, ...]) -> bool:
        return any(
            token.end >= low
            and token.start <= high
            and parts[token.start] == parts[start]
            and not any(_cuts(token, own) for own in matched)
            for token in _of(tokens, names)
        )

    if any(tokens.same_sentence(token.start, start) for token in _of(tokens, rule.never_with)):
        return True
    return (
        explains(rule.unless, start - _BESIDE, end + _BESIDE, text.sentence)
        or explains(rule.unless_before, last.start - _BEFORE, last.start, text.clause)
        or explains(rule.unless_after, start, end + _BEHIND, text.clause)
    )


def _of(tokens: Tokens, names: tuple[str, ...]) -> list[Token]:
    return tokens.of(*names) if names else []


def _cuts(a: Token, b: Token) -> bool:
    """True if they share characters and `a` does not contain `b`: "火车站" against "站台边"."""
    apart = a.end <= b.start or b.end <= a.start
    contains = a.start <= b.start and b.end <= a.end and a[:2] != b[:2]
    return not apart and not contains


_ORDER = ("none", "history", "risk", "imminent")


def _milder(a: str, b: str) -> str:
    return a if _ORDER.index(a) < _ORDER.index(b) else b
