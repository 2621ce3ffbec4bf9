"""A message in, plans out.

The order of the questions is the safety of the whole: an overdose is never a check-in, a wish to
stop is refused before it is obeyed, and whatever part of a plan no rule has accounted for is asked
back and not dropped.
"""

from __future__ import annotations

import re

from bot.care.reading import asides, changing, cues
from bot.care.reading.checkin import read_checkin
from bot.care.reading.lexer import lex
from bot.care.reading.normal import normal
from bot.care.reading.plan import PlanReading
from bot.care.reading.plans import set_plans
from bot.care.reading.subjects import find_heads
from bot.care.reading.tokens import AMOUNTS, DAYS, SLOTS, T, Token
from bot.nlu.drugs import drug

_MAX = 2000
"""A longer message is no sentence about a reminder; WeChat itself ends at 2,048 bytes."""


def read(text: str) -> list[PlanReading]:
    """The reminders that `text` speaks of, each self-contained; none for any other sentence.

    Never raises. `needs` says what must be asked back before a plan may start, `refuse` that it
    must not be carried out at all.
    """
    chars = normal(text[:_MAX])
    tokens = lex(chars)
    if cues.OVERDOSE.search(chars) or cues.REMINDED_NOT.search(chars):
        return []
    if answers := read_checkin(chars, tokens):
        return answers
    return _wish(chars, tokens)


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
    if changing.is_cancel(chars, tokens):
        return changing.cancel(chars, tokens)
    if changing.is_change(chars, tokens):
        return changing.change(chars, tokens)
    return _set(chars, tokens)


def _set(chars: str, tokens: list[Token]) -> list[PlanReading]:
    request = cues.REQUEST.search(chars) is not None
    slots = any(token.kind in SLOTS or token.kind in (T.FREQ, T.PRN) for token in tokens)
    doses = any(token.kind in AMOUNTS and token.value != "个" for token in tokens)
    medicine = any(
        token.kind is T.DRUG
        or (token.kind is T.SUBJECT and token.value == "medication")
        or (token.kind is T.DOSE and token.value in ("片", "粒", "颗", "丸", "mg"))
        for token in tokens
    )
    days = any(token.kind in DAYS for token in tokens)
    medicine = medicine or (_spaced(tokens) and re.search(r"[吃服]一?[次回顿]", chars) is not None)
    events = any(head.kind != "medication" for head in find_heads(tokens, chars))
    named_times = any(token.kind is T.FREQ for token in tokens) and any(
        token.kind in SLOTS for token in tokens
    )
    planned = (
        named_times
        or (doses and (slots or days))
        or (medicine and (slots or (days and _spaced(tokens))))
    )
    if (
        doses
        and slots
        and cues.NOT_FOLLOWED.search(chars)
        and cues.BUT.search(chars)
        and not request
    ):
        return [asides.about("none", chars, [t for t in tokens if t.kind is T.DRUG])]
    if (medicine or "吃" in chars) and slots and cues.NOT_FOLLOWED.search(chars) and not request:
        return [asides.about("none", chars, [t for t in tokens if t.kind is T.DRUG])]
    asked = cues.QUESTION.search(chars) is not None
    told = cues.NARRATIVE.search(chars) is not None and cues.PRESCRIBED.search(chars) is None
    past = re.search(r"(?:上周|昨天|前天|去年|上个月)[^,。]{0,12}(?:了|过|的)", chars) is not None
    if not request:
        if (asked or told) and not (planned and not asked and doses and slots and not told):
            return (
                [asides.about("none", chars, [t for t in tokens if t.kind is T.DRUG])]
                if doses and slots and medicine
                else []
            )
        if planned and not doses and _leftover(chars, tokens) > 8:
            return []
        appointed = events and days and not re.search(r"了[。!]?$", chars) and not past
        if not planned and not appointed and not _needle(tokens, days):
            return []
        if planned and not medicine and not doses and not named_times:
            return []
    elif not (medicine or events or slots or doses) and not re.search(r"提醒|闹钟", chars):
        return []
    elif asked and not (medicine or events or slots or doses):
        return []
    elif cues.NOT_A_REMINDER.search(chars) and not (medicine or events or doses):
        return []
    elif not (medicine or events or doses) and not _leftover_fits(chars, tokens):
        return []
    return set_plans(chars, tokens)


def _spaced(tokens: list[Token]) -> bool:
    return any(
        (token.kind is T.EVERY and token.value != "daily") or token.kind in (T.WEEKDAY, T.TIMES_A)
        for token in tokens
    )


def _needle(tokens: list[Token], days: bool) -> bool:
    """半年针,下次十月二十: a long-acting medicine with a day."""
    return days and any(
        token.kind is T.DRUG and token.value and drug(token.value).injected for token in tokens
    )


def _leftover(chars: str, tokens: list[Token]) -> int:
    """How many characters of the message no token explains."""
    covered = set()
    for token in tokens:
        covered.update(range(token.start, token.end))
    rest = "".join(char for n, char in enumerate(chars) if n not in covered)
    rest = re.sub(
        r"[^一-鿿a-z]|我|他|她|妈|爸|儿子|女儿|孩子|吃|服|喝|打|的|在|要|点|时候|给|喂|请|记",
        "",
        rest,
    )
    return len(rest)


def _leftover_fits(chars: str, tokens: list[Token]) -> bool:
    """A request that names no medicine: 晚上八点叫我 is ours, 下午三点打电话给我 is not."""
    rest = cues.REQUEST.sub("", chars)
    if re.search(r"电话|回复|联系|开会|起床|上班|办|来人|缴|交费|结果", rest):
        return False
    return re.search(r"提醒|闹钟|叫|喊", chars) is not None
