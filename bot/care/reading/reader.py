"""A message in, plans out.

The order of the questions is the safety of the whole: an overdose is never a check-in, a wish to
stop is refused before it is obeyed, and whatever part of a plan no rule has accounted for is asked
back and not dropped.
"""

from __future__ import annotations

from bot.care.reading import asides, changing, cues
from bot.care.reading.checkin import read_checkin
from bot.care.reading.gate import verdict
from bot.care.reading.lexer import lex
from bot.care.reading.normal import normal
from bot.care.reading.plan import PlanReading
from bot.care.reading.plans import set_plans
from bot.care.reading.tokens import T, Token
from bot.care.reading.whose import adjusts_alone

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
    return read_checkin(chars, tokens) or _wish(chars, tokens)


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
            return set_plans(chars, tokens)
        case "report":
            return [asides.about("none", chars, [t for t in tokens if t.kind is T.DRUG])]
        case _:
            return []
