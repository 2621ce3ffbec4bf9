"""Is it a plan at all? Most messages that name a medicine or an hour are not."""

from __future__ import annotations

import re
from typing import Literal

from bot.care.reading import cues
from bot.care.reading.subjects import find_heads
from bot.care.reading.tokens import AMOUNTS, DAYS, SLOTS, T, Token
from bot.nlu.drugs import drug

_PILLS = frozenset({"片", "粒", "颗", "丸", "mg"})
_LOOSE = 8
"""So many unexplained characters, and 早上吃药… without a dose tells a story."""
_COMMON = re.compile(
    r"[^一-鿿a-z]|我|他|她|妈|爸|儿子|女儿|孩子|吃|服|喝|打|的|在|要|点|时候|给|喂|请|记"
)
_STATE = re.compile(r"不|没|累|困|疼|吐|睡(?!前|觉)|哭|闹(?!钟)|乖|笑|跑")
"""How somebody is, beside a medicine without a dose: 晚上吃药早上起不来."""
_TAKEN = re.compile(r"[吃服喝](?:[\d一二两三四半]|\.)")
_OTHER_CALLS = re.compile(r"电话|回复|联系|开会|起床|上班|办|来人|缴|交费|结果")
_LONG_AGO = re.compile(r"(?:上周|昨天|前天|去年|上个月)[^,。]{0,12}(?:了|过|的)")

Verdict = Literal["plans", "report", "nothing"]
"""`report`: doses are told of or asked about, but nothing is to be set up."""


def verdict(chars: str, tokens: list[Token]) -> Verdict:
    """What a message is that orders nothing about existing reminders."""
    kinds = {token.kind for token in tokens}
    slots = bool(kinds & (SLOTS | {T.FREQ, T.PRN}))
    doses = any(token.kind in AMOUNTS and token.value != "个" for token in tokens)
    medicine = _speaks_of_medicine(chars, tokens)
    events = any(head.kind != "medication" for head in find_heads(tokens, chars))
    asked = cues.QUESTION.search(chars) is not None
    if cues.REQUEST.search(chars):
        if medicine or events or doses:
            return "plans"
        # 晚上八点叫我 is ours, 下午三点打电话给我 is not.
        unfit = cues.NOT_A_REMINDER.search(chars) or _OTHER_CALLS.search(chars)
        wanted = re.search(r"提醒|闹钟|叫|喊", chars) is not None
        return "plans" if wanted and not unfit and (slots or not asked) else "nothing"
    if slots and (medicine or "吃" in chars) and cues.NOT_FOLLOWED.search(chars):
        return "report"
    told = cues.NARRATIVE.search(chars) and not cues.PRESCRIBED.search(chars)
    if asked or told:
        return "report" if doses and slots and medicine else "nothing"
    dated = bool(kinds & DAYS)
    if _planned(tokens, chars, slots=slots, doses=doses, medicine=medicine, dated=dated):
        return "plans"
    past = re.search(r"了[。!]?$", chars) or _LONG_AGO.search(chars) or _only_past(tokens)
    if dated and ((events and not past) or _needle(tokens)):
        return "plans"
    return "nothing"


def _speaks_of_medicine(chars: str, tokens: list[Token]) -> bool:
    named = any(
        token.kind is T.DRUG
        or (token.kind is T.SUBJECT and token.value == "medication")
        or (token.kind is T.DOSE and token.value in _PILLS)
        for token in tokens
    )
    return named or (_spaced(tokens) and re.search(r"[吃服]一?[次回顿]", chars) is not None)


def _planned(
    tokens: list[Token], chars: str, *, slots: bool, doses: bool, medicine: bool, dated: bool
) -> bool:
    """A dose with a time, a medicine with a time: enough to be a plan by itself."""
    if doses:
        told_to_take = any(token.kind is T.DRUG for token in tokens) or _TAKEN.search(chars)
        return slots or dated or (bool(told_to_take) and len(_leftover(chars, tokens)) <= _LOOSE)
    timed = any(token.kind is T.FREQ for token in tokens) and any(
        token.kind in SLOTS for token in tokens
    )
    if timed or (medicine and (slots or _spaced(tokens))):
        rest = _leftover(chars, tokens)
        return len(rest) <= _LOOSE and not _STATE.search(rest)
    return False


def _spaced(tokens: list[Token]) -> bool:
    return any(
        (token.kind is T.EVERY and token.value != "daily") or token.kind in (T.WEEKDAY, T.TIMES_A)
        for token in tokens
    )


def _only_past(tokens: list[Token]) -> bool:
    """昨天去复诊: told, and nothing comes again."""
    days = [token for token in tokens if token.kind in DAYS]
    return all(token.kind is T.DATE and "past" in token.items for token in days)


def _needle(tokens: list[Token]) -> bool:
    """半年针,下次十月二十: a long-acting medicine with a day."""
    return any(t.kind is T.DRUG and t.value and drug(t.value).injected for t in tokens)


def uncovered(chars: str, tokens: list[Token]) -> str:
    """What of the message no token explains."""
    covered: set[int] = set()
    for token in tokens:
        covered.update(range(token.start, token.end))
    return "".join(char for n, char in enumerate(chars) if n not in covered)


def _leftover(chars: str, tokens: list[Token]) -> str:
    """What is left of the message beside tokens and common words."""
    return _COMMON.sub("", uncovered(chars, tokens))
