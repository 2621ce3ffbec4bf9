"""A message in, plans out.

The order of the questions is the safety of the whole: an overdose is never a check-in, a wish to
stop is refused before it is obeyed, and whatever part of a plan no rule has accounted for is asked
back and not dropped.
"""

from __future__ import annotations

import re

from bot.care.reading import asides, changing, cues
from bot.care.reading.checkin import read_checkin
from bot.care.reading.gate import verdict
from bot.care.reading.lexer import lex
from bot.care.reading.normal import normal
from bot.care.reading.own import own_wish
from bot.care.reading.plan import PlanReading
from bot.care.reading.plans import set_plans
from bot.care.reading.tokens import T, Token
from bot.care.reading.whose import adjusts_alone

_NEXT_TIME = re.compile(r"[,。;!\s]+(?=(?:医生|他们|护士)?(?:说|让)?是?下(?:一)?[次回针])")
_MAX = 700
"""WeChat ends a text at 2,048 bytes, which are fewer Chinese characters than this."""


def read(text: str) -> list[PlanReading]:
    """The reminders that `text` speaks of, each self-contained; none for any other sentence.

    Never raises. `needs` says what must be asked back before a plan may start, `refuse` that it
    must not be carried out at all.
    """
    chars = normal(text[:_MAX])
    tokens = lex(chars)
    if cues.OVERDOSE.search(chars) or cues.REMINDED_NOT.search(chars):
        return []
    plans = read_checkin(chars, tokens) or [*_done(chars, tokens), *_wish(chars, tokens)]
    return plans if any(plan.refuse for plan in plans) else _refused(plans, chars, tokens)


def _done(chars: str, tokens: list[Token]) -> list[PlanReading]:
    """针打过了,下次是18号: what was done is said before what comes next."""
    turn = _NEXT_TIME.search(chars)
    if turn is None:
        return []
    return read_checkin(chars[: turn.start()], [t for t in tokens if t.end <= turn.start()])


def _refused(plans: list[PlanReading], chars: str, tokens: list[Token]) -> list[PlanReading]:
    """The plans as read; refused where the family would change the medicine on its own."""
    wish = own_wish(chars, tokens, planned=any(plan.op == "set" for plan in plans))
    if wish is None:
        return plans
    kept = [plan for plan in plans if plan.op in ("set", "change", "cancel")]
    if not kept:
        kept = [asides.about("change", chars, tokens)]
    for plan in kept:
        plan.op = "cancel" if plan.op == "cancel" else "change"
        plan.repeat = None if plan.repeat == "daily" else plan.repeat
        plan.refuse, plan.needs = True, []
    return kept


def _wish(chars: str, tokens: list[Token]) -> list[PlanReading]:
    if asides.is_snooze(chars, tokens):
        return [asides.snooze(chars, tokens)]
    if cues.QUERY.search(chars):
        return [asides.about("query", chars, tokens)]
    if changing.stops_medicine(chars, tokens):
        return changing.stop(chars, tokens)
    if asides.is_pause(chars, tokens):
        return [asides.pause(chars, tokens)]
    if cues.RESUME.search(chars):
        return [asides.about("resume", chars, tokens)]
    if changing.is_cancel(chars, tokens) and not adjusts_alone(chars, tokens):
        return changing.cancel(chars, tokens)
    if changing.is_change(chars, tokens):
        return changing.change(chars, tokens)
    match verdict(chars, tokens):
        case "plans":
            kept = changing.unchanged(chars, tokens)
            return set_plans(chars, [token for token in tokens if token not in kept])
        case "report":
            return [asides.about("none", chars, [t for t in tokens if t.kind is T.DRUG])]
        case _:
            return []
