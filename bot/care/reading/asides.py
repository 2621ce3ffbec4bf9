"""Orders that set nothing up: later, which, pause, resume."""

from __future__ import annotations

import re

from bot.care.reading import cues
from bot.care.reading.plan import Kind, Op, PlanReading
from bot.care.reading.times import read_times
from bot.care.reading.tokens import AMOUNTS, DAYS, T, Token
from bot.nlu.drugs import drug

_SHORT = 24
"""An answer to a reminder is short; in a longer message 过一会儿 tells of something else."""
_BEFORE_LATER = re.compile(
    r"(?:[^,。]{0,12}[,。 ]+)?(?:好的?|嗯|哦|行|我们?|他|她|现在?|这会儿?|正|在|还|先|那|就|再|等)*"
)
_PAUSED = re.compile(r"暂停|出院|回来|回家|出差|住院|旅游|消息|安顿|通知|停")
"""等他出院再叫 is a pause, 等他醒了再叫 a later reminder."""
_WHOLE = ("this_week", "this_month")
"""Stretches that end by themselves: 这周先别提醒."""


def is_snooze(chars: str, tokens: list[Token]) -> bool:
    """True for "later": 过会儿, 半小时后再叫, 等他醒了再说."""
    if any(token.kind in (T.DRUG, T.EVERY, *AMOUNTS, T.CHANGE, T.FREQ, T.MEAL) for token in tokens):
        return False
    if any(token.kind in DAYS for token in tokens):
        return False
    if any(token.kind is T.SUBJECT and token.value != "medication" for token in tokens):
        return False
    if any(token.kind is T.DELTA for token in tokens) and re.search(
        r"再|等|过|晚|推迟|迟|缓|拖|延", chars
    ):
        return not cues.QUESTION.search(chars.rstrip("吗好不行?"))
    if any(token.kind is T.DELTA for token in tokens) and re.search(
        r"(?:叫|喊|提醒|说|催)(?:我|他|她|一声|一下|吧)*$", chars
    ):
        return True
    later = cues.SNOOZE.search(chars)
    if later and len(chars) <= _SHORT and _BEFORE_LATER.fullmatch(chars[: later.start()]):
        fresh = "提醒我吃药" in chars and not re.search(r"再|等|推迟|晚|缓", chars)
        return not fresh and not cues.QUESTION.search(chars.rstrip("吗好不行?"))
    if cues.SNOOZE_EVENT.search(chars) and not _PAUSED.search(chars):
        return len(chars) <= _SHORT
    hours = [token for token in tokens if token.kind is T.CLOCK]
    return bool(hours) and len(chars) <= 14 and cues.SNOOZE_UNTIL.search(chars) is not None


def snooze(chars: str, tokens: list[Token]) -> PlanReading:
    """When to remind again; `delta` is asked where nobody said."""
    plan = PlanReading(op="snooze")
    deltas = [token for token in tokens if token.kind is T.DELTA]
    if deltas:
        plan.times = [f"+{int(deltas[0].number or 0)}m"]
        if len(deltas) > 1:
            plan.ask("delta")
        return plan
    points = read_times(tokens, chars).points
    plan.times = list(dict.fromkeys(p.key for p in points if p.key[:1].isdigit()))
    if not plan.times:
        plan.ask("delta")
    if any("|" in time for time in plan.times):
        plan.ask("am_pm")
    return plan


def about(op: Op, chars: str, tokens: list[Token]) -> PlanReading:
    """A plan that only points at existing ones: what kind, which medicine, which times."""
    plan = PlanReading(op=op)
    for token in tokens:
        if token.kind is T.SUBJECT and token.value != "medication" and plan.kind == "medication":
            kind: Kind = token.value  # type: ignore[assignment]
            plan.kind = kind
        elif token.kind is T.DRUG and plan.drug is None and plan.drug_text is None:
            plan.drug = token.value or None
            if token.items[0] != token.value:
                plan.drug_text = token.items[0]
            plan.nonpsych = "other" in token.items
            if plan.kind == "medication" and (
                token.items[0] == "长效针" or (token.value and drug(token.value).injected)
            ):
                plan.kind = "injection"
    if plan.kind == "medication" and re.search(r"打(?:下一)?针|(?<!方)针的?提醒", chars):
        plan.kind = "injection"
    return plan


def is_pause(chars: str, tokens: list[Token]) -> bool:
    """True for reminders to rest for a while, and not for good."""
    if any(token.kind in AMOUNTS or token.value.startswith("cycle:") for token in tokens):
        return False
    return cues.PAUSE.search(chars) is not None and (
        re.search(r"提醒|闹钟|叫|喊|催|暂停|停", chars) is not None
    )


def pause(chars: str, tokens: list[Token]) -> PlanReading:
    """From when (`start`) to when (`until`: the day on which reminders come again)."""
    plan = about("pause", chars, tokens)
    first: str | None = None
    for n, token in enumerate(tokens):
        before = tokens[n - 1] if n else None
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        if token.kind is T.SPAN:
            plan.until = f"+{token.value}"
        elif token.kind in (T.DATE, T.WEEKDAY):
            value = day_word(token)
            ends = re.match(r"(?:之|以)?前", chars[token.end :]) is not None
            ends = (
                ends
                or (before is not None and before.kind is T.UNTIL)
                or _resumes(chars, token, after)
            )
            if ends:
                plan.until = value
            elif first is None and ("vague" not in token.items or value in _WHOLE):
                first = value
    if first == "today":
        plan.until = plan.until or "+1d"
    elif first and (single := re.fullmatch(r"\+(\d+)d", first)):
        if plan.until is None:
            plan.start, plan.until = first, f"+{int(single[1]) + 1}d"
        elif plan.until != f"+{int(single[1]) + 1}d" or int(single[1]) != 1:
            plan.start = first
    elif first == "this_week":
        plan.until = plan.until or "next_MON"
    elif first == "this_month":
        plan.until = plan.until or "next_month:01"
    elif first not in (None, "soon", "holiday"):
        plan.start = first
        if plan.until is None:
            plan.ask("date")
    points = read_times(tokens, chars).points
    plan.times = list(dict.fromkeys(point.key for point in points if point.key))
    return plan


def day_word(token: Token) -> str:
    """A date or weekday token in the words that follow `once:`."""
    if token.kind is T.WEEKDAY:
        return f"{token.value or 'this'}_{token.items[0]}"
    return token.value


def _resumes(chars: str, token: Token, after: Token | None) -> bool:
    rest = chars[token.end : token.end + 10]
    return re.match(r"(?:起|以后|之后|后)?(?:再|才|就|开始|恢复|继续|回来|出院)", rest) is not None
