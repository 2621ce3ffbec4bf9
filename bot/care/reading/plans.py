"""Plans from tokens: divided, built, shared, completed, and accounted for."""

from __future__ import annotations

from copy import deepcopy

from bot.care.reading.build import Built, build, complete
from bot.care.reading.plan import PlanReading
from bot.care.reading.sharing import share
from bot.care.reading.subjects import divide, find_heads, share_days, split_days
from bot.care.reading.tokens import SIGNIFICANT, Token


def built_plans(chars: str, tokens: list[Token]) -> list[Built]:
    """The plans that `tokens` describe, before defaults and questions."""
    divided = divide(find_heads(tokens, chars), tokens, chars)
    share_days(divided, chars)
    segments = [part for segment in divided for part in split_days(segment)]
    return share([build(segment, chars) for segment in segments], chars)


def set_plans(chars: str, tokens: list[Token]) -> list[PlanReading]:
    """New plans, completed by what everyday speech leaves unsaid."""
    built = built_plans(chars, tokens)
    for one in built:
        complete(one)
    return finish(built, tokens, set())


def finish(built: list[Built], tokens: list[Token], known: set[int]) -> list[PlanReading]:
    """One plan for each date, and a question wherever a token is in no plan.

    `known` are the ids of tokens that the caller has accounted for. This is the one place where
    something said could get lost, and it does not let it.
    """
    used = known | {id(token) for one in built for token in one.used}
    names = {one.plan.drug or one.plan.drug_text for one in built}
    lost = [
        token
        for token in tokens
        if token.kind in SIGNIFICANT
        and token.end > token.start
        and id(token) not in used
        and not (token.value == "sorts" and token.number == len(names))
    ]
    for token in lost:
        owners = [one for one in built if token in one.segment.tokens]
        for one in owners or built:
            one.plan.ask("confirm")
    return [plan for one in built for plan in _by_date(one)]


def _by_date(one: Built) -> list[PlanReading]:
    """3号和18号打针: one plan for each date."""
    plans = [one.plan]
    if one.plan.repeat is None or not one.plan.repeat.startswith("once:"):
        return plans
    for date in one.days.dates[1:]:
        further = deepcopy(one.plan)
        further.repeat = f"once:{date}"
        plans.append(further)
    return plans
