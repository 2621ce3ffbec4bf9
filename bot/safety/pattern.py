"""How a rule says what must stand together.

    "CLIMB EDGE"          EDGE follows CLIMB in one breath, at most 3 characters between
    "TAKE .. PACKS"       … at most 10 characters between, a breath may lie there
    "FEVER & STIFF"       both, in any order, at most 30 characters apart
    "CLOZAPINE && FEVER"  both, in any order, anywhere in the message
    "HOLD|RAISE BLADE"    either of two concepts

`&` and `&&` bind weaker than following. The first chain of a pattern is its anchor: who, when
and whether are asked there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from bot.safety import lexicon
from bot.safety.lexicon import Token, Tokens

_CLOSE, _LOOSE, _NEAR = 3, 10, 30
_MOST = 12
"""Matches looked at per rule. A message that says a thing a hundred times is not clearer for it,
and the time must not grow with a square."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Concepts in order; `gaps[i]` is the room allowed before `steps[i + 1]`."""

    steps: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """An anchor chain and companions, each with the distance it may have."""

    anchor: Chain
    companions: tuple[tuple[Chain, int | None], ...]

    needs: tuple[tuple[str, ...], ...]
    """Every step: alternatives of which one must occur."""
    masks: tuple[int, ...]
    """The same as bits of `lexicon.bits`, asked of every message for every rule."""


def parse(source: str) -> Pattern:
    """Read the notation above. Raises ValueError on anything else."""
    chains: list[tuple[Chain, int | None]] = []
    distance: int | None = None
    words: list[str] = []
    for word in [*source.split(), "&"]:
        if word in ("&", "&&"):
            chains.append((_chain(words, source), distance))
            distance, words = (_NEAR if word == "&" else None), []
        else:
            words.append(word)
    (anchor, _), *companions = chains
    needs = tuple(step for chain, _ in chains for step in chain.steps)
    return Pattern(anchor, tuple(companions), needs, tuple(lexicon.bits(*step) for step in needs))


def _chain(words: list[str], source: str) -> Chain:
    steps: list[tuple[str, ...]] = []
    gaps: list[int] = []
    gap = _CLOSE
    for word in words:
        if word == "..":
            gap = _LOOSE
            continue
        if steps:
            gaps.append(gap)
        steps.append(tuple(word.split("|")))
        gap = _CLOSE
    if not steps:
        raise ValueError(f"pattern without a concept: {source!r}")
    return Chain(tuple(steps), tuple(gaps))


Found = tuple[Token, ...]
"""The tokens of a match, the anchor's first."""


def find(pattern: Pattern, tokens: Tokens) -> Iterator[tuple[Found, Found]]:
    """Matches as (anchor's tokens, companions' tokens)."""
    for n, anchor in enumerate(_chains(pattern.anchor, tokens)):
        if n >= _MOST:
            return
        others: list[Token] = []
        for chain, distance in pattern.companions:
            companion = _companion(chain, distance, (*anchor, *others), tokens)
            if companion is None:
                break
            others.extend(companion)
        else:
            yield anchor, tuple(others)


def _companion(chain: Chain, distance: int | None, taken: Found, tokens: Tokens) -> Found | None:
    start, end = taken[0].start, taken[0].end
    for n, match in enumerate(_chains(chain, tokens)):
        if n >= _MOST * 4:
            return None
        apart = max(match[0].start - end, start - match[-1].end)
        free = all(a.end <= b.start or b.end <= a.start for a in match for b in taken)
        if free and (distance is None or apart <= distance):
            return match
    return None


def _chains(chain: Chain, tokens: Tokens) -> Iterator[Found]:
    for token in tokens.of(*chain.steps[0]):
        yield from _extend(chain, (token,), tokens)


def _extend(chain: Chain, done: Found, tokens: Tokens) -> Iterator[Found]:
    if len(done) == len(chain.steps):
        yield done
        return
    last, gap = done[-1], chain.gaps[len(done) - 1]
    following = tokens.of(*chain.steps[len(done)])
    for token in following[bisect_left(following, last.end, key=lambda token: token.start) :]:
        if token.start > last.end + gap:
            break
        near = tokens.same_clause if gap == _CLOSE else tokens.same_sentence
        if near(last.start, token.start):
            yield from _extend(chain, (*done, token), tokens)
