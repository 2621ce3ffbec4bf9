"""Doses that change on a schedule: 先半片,三天后一片 · 第一周…第二周… · 10月8号起….

A series that is understood becomes steps. One that is not keeps its own words after `schedule:`
and is asked back, so that nothing of it is lost.
"""

from __future__ import annotations

from bot.care.reading.doses import Amount
from bot.care.reading.plan import Step
from bot.care.reading.tokens import T, Token


def is_series(tokens: list[Token], amounts: list[Amount], chars: str) -> bool:
    """True if `tokens` give several doses to several stretches of days."""
    if _grows(tokens, amounts, chars):
        return True
    if len(amounts) < 2 or any(
        token.kind in (T.EVERY,) and token.value != "daily" for token in tokens
    ):
        return False
    if any(token.kind is T.PHASE for token in tokens):
        return True
    first, last = amounts[0].token.start, amounts[-1].token.start
    dates = [token for token in tokens if token.kind is T.DATE and "past" not in token.items]
    if len([token for token in dates if token.start < last]) >= 2:
        return True
    stretches = [
        token
        for token in tokens
        if (token.kind is T.SPAN or (token.kind is T.DATE and _days_of(token) is not None))
        and first - 8 <= token.start < last
    ]
    turns = [
        token for token in tokens if token.kind in (T.THEN, T.CHANGE) and first < token.start < last
    ]
    if len(stretches) + 1 >= len(amounts) > 2:
        return True  # 50mg×3天 100mg×3天 200mg
    return bool(stretches) and (bool(turns) or any(t.kind is T.DATE for t in stretches))


def _grows(tokens: list[Token], amounts: list[Amount], chars: str) -> bool:
    """每三天加半片: the amount is a difference, not a dose."""
    every = any(token.kind is T.EVERY and token.value != "daily" for token in tokens)
    return every and any(
        chars[: amount.token.start].endswith(("加", "减", "增")) for amount in amounts
    )


def _begins(token: Token, tokens: list[Token]) -> bool:
    place = tokens.index(token)
    around = tokens[max(0, place - 1) : place] + tokens[place + 1 : place + 2]
    return token.kind is T.DATE and any(other.kind is T.FROM for other in around)


def _days_of(token: Token) -> int | None:
    """三天后 between two doses is the length of the step before it."""
    if "after" in token.items and token.value.endswith("d"):
        return int(token.value[1:-1])
    if "after" in token.items and token.value.endswith("mon"):
        return int(token.value[1:-3]) * 30
    return None


def read_steps(tokens: list[Token], amounts: list[Amount], chars: str) -> list[Step] | None:
    """The steps in order, or None where the series does not fall into a known form."""
    if _grows(tokens, amounts, chars):
        return None
    events = [
        token
        for token in tokens
        if token.kind in (T.PHASE, T.SPAN, T.DATE) and "past" not in token.items
    ]
    stretches = [token for token in events if token.kind is not T.DATE]
    if stretches:
        # 从今天开始…,一周后…: the day it begins on is not a step.
        events = [token for token in events if not _begins(token, tokens)]
    texts = {id(amount.token): amount.text for amount in amounts}
    line = sorted([*events, *(amount.token for amount in amounts)], key=lambda token: token.start)
    dates = [token for token in events if token.kind is T.DATE and _days_of(token) is None]
    if dates:
        return _dated(line, texts) if len(dates) == len(events) else None
    if any(token.kind is T.PHASE for token in events):
        return _phased(line, texts)
    return _followed(line, texts)


def _dated(line: list[Token], texts: dict[int, str]) -> list[Step] | None:
    """10月1号25mg,10月8号50mg: a date before each dose."""
    steps: list[Step] = []
    when: Token | None = None
    for token in line:
        if token.kind is T.DATE:
            if when is not None:
                return None
            when = token
        elif when is None:
            if steps or len(line) < 3:
                return None
            steps.append(Step(texts[id(token)]))
        else:
            steps.append(Step(texts[id(token)], when.value))
            when = None
    return steps if when is None and len(steps) > 1 else None


def _phased(line: list[Token], texts: dict[int, str]) -> list[Step] | None:
    """前三天半片,以后一片 · 第一周半片,第二周一片: a stretch before each dose but the last."""
    steps: list[Step] = []
    stretch: Token | None = None
    open_ended = False
    for token in line:
        if token.kind in (T.PHASE, T.SPAN, T.DATE):
            if stretch is not None or open_ended:
                return None
            stretch = token
            continue
        if stretch is None:
            open_ended = True
            steps.append(Step(texts[id(token)]))
            continue
        days = _days_of(stretch) if stretch.kind is T.DATE else int(stretch.number or 0)
        steps.append(Step(texts[id(token)], f"{days}d"))
        stretch = None
    if stretch is not None or len(steps) < 2:
        return None
    if not open_ended:
        last = steps[-1]
        steps[-1] = Step(last.dose)
    return steps


def _followed(line: list[Token], texts: dict[int, str]) -> list[Step] | None:
    """先半片,三天后一片 · 半片吃三天,再一片: a stretch between each two doses."""
    steps: list[Step] = []
    days: int | None = None
    for token in line:
        if token.kind in (T.SPAN, T.DATE):
            found = _days_of(token) if token.kind is T.DATE else int(token.number or 0)
            if found is None or not steps or days is not None:
                return None
            days = found
            continue
        if steps:
            if days is None:
                return None
            steps[-1] = Step(steps[-1].dose, f"{days}d")
            days = None
        steps.append(Step(texts[id(token)]))
    return steps if days is None and len(steps) > 1 else None


def describe(steps: list[Step]) -> str:
    """`schedule:` and the steps: 0.5片×3d→1片, or 10-01 25mg→10-08 50mg."""
    parts = []
    for step in steps:
        if not step.when:
            parts.append(step.dose)
        elif step.when.endswith("d") and step.when[0].isdigit() and "-" not in step.when:
            parts.append(f"{step.dose}×{step.when}")
        else:
            parts.append(f"{step.when} {step.dose}")
    return "schedule:" + "→".join(parts)


def loading_days(tokens: list[Token]) -> list[str]:
    """第1天, 第8天: the days of the first doses of a long-acting medicine."""
    days = []
    for token in tokens:
        if token.kind is T.PHASE and token.value == "nth":
            nth, unit = int(token.items[0]), int(token.number or 1)
            days.append(f"day_{1 + (nth - 1) * unit}")
    return days
