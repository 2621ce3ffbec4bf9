"""What a lexer rule is."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from fractions import Fraction

from bot.care.reading.tokens import T, Token

Match = re.Match[str]
Tokens = list[Token]
Rule = tuple[re.Pattern[str], Callable[[Match, Tokens], Tokens]]
"""A pattern and what it makes of a match, given the tokens before; nothing: not this rule."""


def after_kind(match: Match, before: Tokens, kinds: Set[T], gap: str) -> bool:
    """True if the token before is of `kinds` with no more than `gap` (a pattern) in between."""
    if not before or before[-1].kind not in kinds:
        return False
    return re.fullmatch(gap, match.string[before[-1].end : match.start()]) is not None


def simple(
    kind: T, value: str = "", *items: str, number: int | None = None
) -> Callable[[Match, Tokens], Tokens]:
    """A rule's outcome that does not depend on the words matched."""

    def build(match: Match, before: Tokens) -> Tokens:
        amount = None if number is None else Fraction(number)
        return [Token(kind, match.start(), match.end(), value, items, amount)]

    return build
