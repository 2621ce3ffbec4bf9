"""On which days: the tokens of one plan turned into `repeat`, `start`, `until`, `last`, `lead`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.care.reading.times import read_times
from bot.care.reading.tokens import SLOTS, T, Token, boundary

_WHEN_ORDERED = re.compile(r"(?:刚|才)?(?:说|开|交代|嘱咐|叮嘱|定|配)(?:的|了|过)")
"""医生今天说的: the day of the order is no day of the plan."""
_LONG = re.compile(r"every_(\d+)_days")


@dataclass(slots=True)
class Days:
    """`dates` are further plain dates of the same sentence: 3号和18号 are two plans."""

    repeat: str | None = None
    start: str | None = None
    until: str | None = None
    last: str | None = None
    lead: str | None = None
    lead_at: str | None = None
    per_week: int | None = None
    per_month: int | None = None
    dates: list[str] = field(default_factory=list)
    vague: bool = False
    lunar: bool = False
    conflict: bool = False
    used: list[Token] = field(default_factory=list)


def split_lead(tokens: list[Token], chars: str) -> tuple[list[Token], list[Token]]:
    """Times that say when to be reminded beforehand (前一天晚上8点提醒), and all other tokens."""
    own: list[Token] = []
    rest: list[Token] = []
    leading: Token | None = None
    for token in tokens:
        if leading is not None and token.kind in SLOTS:
            if boundary(chars[leading.end : token.start]) < 2 and _reminds(chars, token):
                own.append(token)
                leading = token
                continue
            leading = None
        if token.kind is T.LEAD:
            leading = token
        elif token.kind not in SLOTS:
            leading = None
        rest.append(token)
    return own, rest


def _reminds(chars: str, token: Token) -> bool:
    """提前一天晚上提醒 names the hour of the reminder, 提前一天,上午9点复诊 does not."""
    return (
        re.match(r"[^,;。\n]{0,10}(?:提醒|叫|喊|通知|告诉|说|催)", chars[token.end :]) is not None
    )


def read_days(tokens: list[Token], chars: str, kind: str) -> Days:
    """The days named by `tokens`, which are those of one plan of `kind`."""
    days = Days()
    days_said = [token for token in tokens if token.kind in (T.DATE, T.WEEKDAY)]
    if kind == "refill" and len(days_said) == 1:
        # 药吃到15号: the day on which it runs out is the day to fetch more.
        tokens = [token for token in tokens if token.kind is not T.UNTIL]
    lead_times, _ = split_lead(tokens, chars)
    if lead_times:
        points = read_times(lead_times, chars).points
        days.lead_at = ",".join(point.key for point in points if point.key) or None
        days.used += lead_times
    leads = [token for token in tokens if token.kind is T.LEAD]
    if leads:
        days.lead = ",".join(dict.fromkeys(token.value for token in leads))
        days.used += leads
    plain: list[Token] = []
    for token in tokens:
        if token.kind is T.DATE:
            _place_date(token, tokens, chars, days, plain, kind)
        elif token.kind is T.SPAN and "past" not in token.items and kind == "medication":
            days.until = f"+{token.value}"
            days.used.append(token)
    _read_repeat(tokens, days, kind)
    _use_dates(plain, days, kind)
    return days


def _place_date(
    token: Token, tokens: list[Token], chars: str, days: Days, plain: list[Token], kind: str
) -> None:
    if _WHEN_ORDERED.match(chars, token.end):
        days.used.append(token)
        return
    place = tokens.index(token)
    before = tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    days.lunar = days.lunar or "lunar" in token.items
    marker = _marker(token, tokens, chars)
    if marker is T.LAST or "past" in token.items:
        days.last = token.value
        days.vague = days.vague or "vague" in token.items
    elif after is not None and after.kind is T.UNTIL and kind == "medication":
        days.start = token.value
    elif before is not None and before.kind is T.UNTIL and before.end == token.start:
        days.until = token.value
    elif (after is not None and after.kind is T.FROM and after.value == "after") or (
        before is not None and before.kind is T.FROM and before.value == "before"
    ):
        days.start = token.value
        days.vague = days.vague or "vague" in token.items
    else:
        plain.append(token)
        return
    days.used.append(token)


def _marker(token: Token, tokens: list[Token], chars: str) -> T | None:
    """上次 or 下次 in the same clause as the date, the nearest one."""
    best: tuple[int, T] | None = None
    for other in tokens:
        if other.kind not in (T.LAST, T.NEXT):
            continue
        left, right = (other, token) if other.start < token.start else (token, other)
        if boundary(chars[left.end : right.start]) >= 2:
            continue
        distance = right.start - left.end
        if best is None or distance < best[0]:
            best = (distance, other.kind)
    return best[1] if best else None


def _read_repeat(tokens: list[Token], days: Days, kind: str) -> None:
    every = [token for token in tokens if token.kind is T.EVERY]
    weekdays = []
    for n, token in enumerate(tokens):
        if token.kind is not T.WEEKDAY:
            continue
        before = tokens[n - 1] if n else None
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        if after is not None and after.kind is T.UNTIL and after.start == token.end:
            days.start = f"{token.value or 'this'}_{token.items[0]}"
            days.used.append(token)
        if before is not None and before.kind is T.UNTIL and before.end == token.start:
            days.until = f"{token.value or 'this'}_{token.items[-1]}"
            days.used.append(token)
        weekdays.append(token)
    prn = [token for token in tokens if token.kind is T.PRN]
    values = list(dict.fromkeys(token.value for token in every))
    days.used += every + prn
    days.lunar = days.lunar or any("lunar" in token.items for token in every)
    for token in tokens:
        if token.kind is T.TIMES_A:
            if token.value == "week":
                days.per_week = int(token.number or 0)
            else:
                days.per_month = int(token.number or 0)
            days.used.append(token)
    _read_weekdays(weekdays, days, kind, values)
    if prn:
        days.repeat = "prn"
        return
    special = [value for value in values if value != "daily"]
    if days.repeat is not None:
        # 每周一每天早上: the weekdays narrow what "every day" means; another interval disagrees.
        days.conflict = any(not value.startswith("every_7_") for value in special)
    elif special:
        finer = [value for value in special if value not in ("monthly", "every_7_days")]
        chosen = finer or special
        days.repeat = chosen[0]
        days.conflict = len(chosen) > 1
    elif values:
        days.repeat = "daily"


def _read_weekdays(weekdays: list[Token], days: Days, kind: str, values: list[str]) -> None:
    repeating: list[str] = []
    off: list[str] = []
    for token in weekdays:
        value = token.value
        if token in days.used:
            continue
        days.used.append(token)
        if token.value == "except":
            off += token.items
        elif token.value == "past":
            days.last = f"last_{token.items[0]}"
        elif token.value == "every" or (
            not value and (kind == "medication" or "every_7_days" in values)
        ):
            repeating += token.items
        elif len(token.items) > 1:
            days.dates += [f"{token.value}_{day}" for day in token.items]
        else:
            days.dates.append(f"{value or 'this'}_{token.items[0]}")
            # Which Wednesday begins 每两周周三 is not said.
            days.vague = days.vague or (not value and bool(values))
    order = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
    if off:
        repeating = [day for day in repeating or order if day not in off]
    if repeating:
        days.repeat = "weekly:" + ",".join(day for day in order if day in repeating)
    if len(weekdays) == 1 and weekdays[0].items == ("SAT", "SUN") and days.dates:
        days.dates = [f"{weekdays[0].value or 'this'}_weekend"]
        days.vague = True


def _use_dates(plain: list[Token], days: Days, kind: str) -> None:
    values = [token.value for token in plain]
    days.vague = days.vague or any("vague" in token.items for token in plain)
    days.used += plain
    months = [
        v
        for v in values
        if v in ("next_month", "this_month", "month_after_next", "next_week", "this_week")
    ]
    if days.dates or len(values) > len(months):
        # 下个月15号 said apart: 下个月复诊,15号.
        for month in months:
            exact = next((v for v in values if v.startswith("day:")), None)
            if exact and month.endswith("month"):
                values[values.index(exact)] = f"{month}:{exact.removeprefix('day:')}"
            values.remove(month)
            days.vague = any("vague" in t.items for t in plain if t.value != month)
    days.dates = list(dict.fromkeys([*days.dates, *values]))
    if not days.dates:
        return
    if days.repeat == "monthly" and all(value.startswith("day:") for value in days.dates):
        numbers = [str(int(value.removeprefix("day:"))) for value in days.dates]
        days.repeat, days.dates = "monthly:" + ",".join(numbers), []
    elif days.repeat == "daily" and kind == "medication" and days.dates == ["today"]:
        days.start, days.dates = "today", []
    elif kind == "injection" and needs_anchor(days.repeat) and len(days.dates) > 1:
        days.repeat = "schedule:" + "→".join([*days.dates, days.repeat or ""])
        days.start, days.dates = days.dates[0], []
    elif days.repeat not in (None, "prn"):
        if days.start is None and len(days.dates) == 1:
            days.start = days.dates[0]
        elif days.dates != [days.start]:
            days.conflict = True
        days.dates = []
    elif days.repeat is None:
        days.repeat = f"once:{days.dates[0]}"


def needs_anchor(repeat: str | None) -> bool:
    """True for an interval that needs a day to count from."""
    if repeat is None or repeat.startswith(("once:", "weekly:", "monthly:", "cycle:", "lunar_")):
        return False
    if repeat in ("daily", "prn") or repeat.startswith(("schedule:odd", "schedule:even")):
        return False
    interval = _LONG.fullmatch(repeat)
    return interval is None or int(interval[1]) >= 7
