"""How much at which time: amounts bound to the points of the day they were said with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from bot.care.reading.numbers import shown
from bot.care.reading.times import Point, Timing
from bot.care.reading.tokens import SLOTS, T, Token

_MASS = frozenset({"mg", "g", "ug"})
_HOURS = range(5, 13)
_TURNS = frozenset({T.PHASE, T.SPAN, T.DATE, T.THEN, T.FROM, T.CHANGE, T.EVERY})
_ADDED_UP = re.compile(r"\s*(?:要|得|总共|一共|共|总量|总|合计)?\s*(?:吃|服|喝|用)?\s*")


@dataclass(slots=True)
class Amount:
    """One dose as it was said, at its place."""

    text: str
    token: Token
    sure: bool = True


@dataclass(slots=True)
class Dosing:
    """What was found, and whether it leaves a question."""

    dose: str | None = None
    by_time: dict[str, str] = field(default_factory=dict)
    strength: str | None = None
    ask: bool = False
    used: list[Token] = field(default_factory=list)


def bare_hours(tokens: list[Token]) -> list[Token]:
    """Of the numbers without a unit (早8晚8), those that are hours and not doses.

    They are doses when one is a half or less than five, or when only a strength but no other
    amount is given: 氯氮平25mg早6晚8 are tablets, 早8晚8 are hours.
    """
    bare = [token for token in tokens if token.kind is T.BARE and token.number is not None]
    if not bare or any(token.number not in _HOURS for token in bare if token.number is not None):
        return []
    amounts = [token for token in tokens if token.kind is T.DOSE and token.value not in _MASS]
    strengths = [token for token in tokens if token.kind is T.DOSE and token.value in _MASS]
    return [] if strengths and not amounts else bare


def _text(token: Token, unit: str) -> str:
    assert token.number is not None
    return f"{shown(token.number)}{token.value or unit}"


def amounts_of(tokens: list[Token], default_unit: str) -> tuple[list[Amount], str | None]:
    """The doses among `tokens` in order, and the strength of one piece if it was said too."""
    said = [token for token in tokens if token.kind in (T.DOSE, T.BARE)]
    marked = [token for token in said if "strength" in token.items]
    pieces = [t for t in said if t not in marked and (t.kind is T.BARE or t.value not in _MASS)]
    masses = [t for t in said if t not in marked and t not in pieces]
    strengths = list(marked)
    doses = pieces
    if pieces:
        strengths += masses
    elif masses:
        doses = masses
        if len(masses) > 1 and _names_strength(masses, tokens):
            strengths.append(masses[0])
            doses = masses[1:]
    unit = next((token.value for token in pieces if token.value), default_unit)
    texts = {_text(token, "") for token in strengths}
    strength = texts.pop() if len(texts) == 1 else None
    if len(strengths) > 1 and (piece := _per_piece(pieces, strengths)) is not None:
        strength = f"{shown(piece)}{strengths[0].value}"
    found = [Amount(_text(token, unit), token, "range" not in token.items) for token in doses]
    return found, strength


def _names_strength(masses: list[Token], tokens: list[Token]) -> bool:
    """利培酮1mg 早1mg 晚2mg: the first is the tablet; in 利培酮1mg早,2mg晚 it is a dose."""
    place = tokens.index(masses[0])
    timed = [token for token in tokens if token.kind in SLOTS or token in masses]
    between = tokens[place + 1 : tokens.index(masses[1])]
    if any(token.kind in _TURNS for token in between):
        return False
    return place > 0 and tokens[place - 1].kind is T.DRUG and timed[-1] is masses[-1]


def _per_piece(pieces: list[Token], masses: list[Token]) -> Fraction | None:
    """早1片(5mg)晚2片(10mg): the same tablet each time."""
    if len(pieces) != len(masses) or len({mass.value for mass in masses}) != 1:
        return None
    pairs = list(zip(pieces, masses, strict=True))
    if any(mass.start < piece.start or not piece.number for piece, mass in pairs):
        return None
    ratios = {(mass.number or Fraction(0)) / (piece.number or 1) for piece, mass in pairs}
    return ratios.pop() if len(ratios) == 1 else None


def _is_total(amount: Amount, tokens: list[Token], chars: str) -> bool:
    """一天两片 and 一共六片 add up the doses of a day."""
    if re.search(r"(?:总共|一共|共|合计|加起来)(?:吃|服)?$", chars[: amount.token.start]):
        return True
    place = tokens.index(amount.token)
    if not place or tokens[place - 1].kind is not T.EVERY or tokens[place - 1].value != "daily":
        return False
    return _ADDED_UP.fullmatch(chars[tokens[place - 1].end : amount.token.start]) is not None


def bind(
    timing: Timing, tokens: list[Token], chars: str, default_unit: str, per_day: int | None
) -> Dosing:
    """Give each point its dose. What cannot be given for certain is asked."""
    amounts, strength = amounts_of(tokens, default_unit)
    result = Dosing(strength=strength)
    taken = {id(amount.token) for amount in amounts}
    result.used = [
        token
        for token in tokens
        if id(token) in taken or (token.kind is T.DOSE and strength is not None)
    ]
    result.ask = any(not amount.sure for amount in amounts)
    points = timing.points = _without_announced(timing.points, amounts)
    totals = [amount for amount in amounts if _is_total(amount, tokens, chars)]
    _divide(totals, amounts, points, tokens, result, per_day)
    if not amounts or result.ask:
        return result
    if len(amounts) == 1 and not _point_after(amounts[0], points, tokens):
        result.dose = amounts[0].text
    elif not points:
        texts = {amount.text for amount in amounts}
        result.dose = texts.pop() if len(texts) == 1 else None
        result.ask = result.dose is None
    elif _respectively(amounts, points, chars):
        result.by_time = {p.key: a.text for p, a in zip(points, amounts, strict=True)}
    else:
        _bind_each(amounts, points, tokens, result)
    _simplify(points, result)
    return result


def _without_announced(points: list[Point], amounts: list[Amount]) -> list[Point]:
    """早晚吃,早上一片晚上两片: times named ahead are given their doses where they come again."""
    kept: list[Point] = []
    for n, point in enumerate(points):
        again = next((later for later in points[n + 1 :] if later.key == point.key), None)
        said = {earlier.key for earlier in points[: n + 1]}
        repeat = next((later for later in points[n + 1 :] if later.key in said), None)
        if (
            again is None
            or repeat is None
            or any(point.start < amount.token.start < repeat.start for amount in amounts)
        ):
            kept.append(point)
        else:
            again.tokens = [*again.tokens, *point.tokens]
    return kept


def _divide(
    totals: list[Amount],
    amounts: list[Amount],
    points: list[Point],
    tokens: list[Token],
    result: Dosing,
    per_day: int | None,
) -> None:
    """一天两片分两次: the amount of a day is divided only where the sentence divides it."""
    split = next((token for token in tokens if token.kind is T.SPLIT), None)
    if split is not None:
        result.used.append(split)
        whole = [amount for amount in amounts if amount.token.start < split.start]
        if len(whole) == 1 and len(amounts) == 1 and split.number:
            amount = whole[0]
            assert amount.token.number is not None
            amount.text = shown(amount.token.number / split.number) + re.sub(
                r"^[\d.]+", "", amount.text
            )
            if points and len(points) != split.number:
                result.ask = True
        else:
            result.ask = True
        return
    times = len(points) or per_day or 1
    for total in totals:
        if times == 1:
            continue
        amounts.remove(total)
        if not amounts:
            result.ask = True
            continue
        assert total.token.number is not None
        parts = [amount.token.number or Fraction(0) for amount in amounts]
        added = sum(parts) * (times if len(parts) == 1 else 1)
        if added != total.token.number:
            result.ask = True


def _point_after(amount: Amount, points: list[Point], tokens: list[Token]) -> bool:
    """True if the only dose stands among points so that it may not be meant for all of them."""
    before = [point for point in points if point.start < amount.token.start]
    after = [point for point in points if point.start > amount.token.start]
    if not (before and after):
        return False
    place = tokens.index(amount.token)
    each = place > 0 and tokens[place - 1].kind is T.EACH and len(before) == 1
    same = any(token.kind is T.ALSO and token.start > after[-1].start for token in tokens)
    return not (each or same)


def _respectively(amounts: list[Amount], points: list[Point], chars: str) -> bool:
    """早中晚分别是一片、一片、两片: as many doses as times, in the same order."""
    if len(amounts) != len(points) or points[-1].end > amounts[0].token.start:
        return False
    return "分别" in chars[points[0].start : amounts[0].token.start]


def _bind_each(
    amounts: list[Amount], points: list[Point], tokens: list[Token], result: Dosing
) -> None:
    given: dict[int, str] = {}
    loose = False
    point_first = points[0].start <= amounts[0].token.start
    for n, amount in enumerate(amounts):
        if point_first:
            floor = amounts[n - 1].token.start if n else -1
            ceiling = amount.token.start
        else:
            floor = amount.token.start
            ceiling = amounts[n + 1].token.start if n + 1 < len(amounts) else 1 << 30
        own = [k for k, point in enumerate(points) if floor < point.start <= ceiling]
        if not own:
            # 一片白的两片黄的: which of them, or both, is not said.
            result.ask = loose = True
        for k in own:
            given[k] = amount.text
    for k, point in enumerate(points):
        if k in given:
            continue
        also = any(token.kind is T.ALSO and token.start > point.start for token in tokens)
        if also and k and k - 1 in given:
            given[k] = given[k - 1]
    if not loose:
        _merge_repeated(points, given, result)


def _merge_repeated(points: list[Point], given: dict[int, str], result: Dosing) -> None:
    """早晚吃,早上一片晚上两片 names each time twice and gives it one dose."""
    for k, point in enumerate(points):
        earlier = result.by_time.get(point.key)
        dose = given.get(k)
        if dose is None:
            if not any(other.key == point.key and j in given for j, other in enumerate(points)):
                result.ask = True
        elif earlier is None:
            result.by_time[point.key] = dose
        elif earlier != dose:
            result.ask = True


def _simplify(points: list[Point], result: Dosing) -> None:
    doses = set(result.by_time.values())
    complete = all(point.key in result.by_time for point in points)
    if len(doses) == 1 and complete:
        result.dose = doses.pop()
        result.by_time = {}
