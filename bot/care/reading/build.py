"""One segment of the message made into a plan, with the tokens it accounts for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from bot.care.reading.days import Days, needs_anchor, read_days, split_lead
from bot.care.reading.doses import Amount, amounts_of, bare_hours, bind
from bot.care.reading.plan import PlanReading
from bot.care.reading.steps import describe, is_series, loading_days, read_steps
from bot.care.reading.subjects import Head, Segment
from bot.care.reading.times import Point, Timing, at, read_times
from bot.care.reading.tokens import SLOTS, T, Token
from bot.nlu.drugs import drug

_INTERVAL_NEEDLE = re.compile(r"[\d一三六两半双]个?(?:月|年|周|季)针$|季度针$")
_APPOINTMENTS = frozenset({"follow_up", "visit"})


@dataclass(slots=True)
class Built:
    """A plan and the tokens it accounts for."""

    plan: PlanReading
    segment: Segment
    used: list[Token] = field(default_factory=list)
    timing: Timing = field(default_factory=Timing)
    days: Days = field(default_factory=Days)

    @property
    def empty(self) -> bool:
        """Nothing was said of it but its name."""
        plan = self.plan
        said = (
            plan.needs,
            plan.times,
            plan.dose,
            plan.dose_by_time,
            plan.per_day,
            plan.repeat,
            plan.last,
        )
        return not any((*said, plan.start, plan.until, plan.lead, plan.per_week, plan.per_month))


def build(segment: Segment, chars: str) -> Built:
    """The plan of `segment` as far as its own words go; defaults and questions come later."""
    head = segment.head
    plan = PlanReading(kind=head.kind)
    built = Built(plan, segment, [*head.tokens])
    _name(plan, head, chars)
    tokens = _hours_for_bare(segment.tokens)
    _, own = split_lead(tokens, chars)
    own = _without_first_hour(own, built)
    built.days = read_days(tokens, chars, head.kind)
    built.used += built.days.used
    unit = _unit(head)
    built.timing = read_times(own, chars)
    _expand_frequency(built, own)
    per_day = plan.per_day
    amounts, _ = amounts_of(own, unit)
    if head.kind in ("medication", "injection") and is_series(own, amounts, chars):
        _series(built, own, amounts, unit, chars)
    else:
        dosing = bind(built.timing, own, chars, unit, per_day)
        plan.dose, plan.dose_by_time = dosing.dose or plan.dose, dosing.by_time
        plan.strength = dosing.strength
        built.used += dosing.used
        if dosing.ask:
            plan.ask("dose")
        _take_days(built)
    _take_times(built)
    originals = {id(new): old for new, old in zip(tokens, segment.tokens, strict=True)}
    built.used = [originals.get(id(token), token) for token in built.used]
    return built


def _without_first_hour(tokens: list[Token], built: Built) -> list[Token]:
    """从今天晚上开始每晚…: the evening belongs to the beginning, the plan names its own times."""
    kept: list[Token] = []
    for n, token in enumerate(tokens):
        around = (
            tokens[n - 1].kind if n else None,
            tokens[n + 1].kind if n + 1 < len(tokens) else None,
        )
        later = any(other.kind in SLOTS for other in tokens[n + 1 :])
        if token.kind is T.PART and around == (T.DATE, T.FROM) and later:
            built.used.append(token)
        else:
            kept.append(token)
    return kept


def _hours_for_bare(tokens: list[Token]) -> list[Token]:
    """早8晚8: numbers that are hours become clock tokens."""
    hours = {id(token) for token in bare_hours(tokens)}
    return [
        replace(token, kind=T.CLOCK, value=f"{token.number}:00") if id(token) in hours else token
        for token in tokens
    ]


def _name(plan: PlanReading, head: Head, chars: str) -> None:
    if head.drug is None:
        return
    name = head.drug.items[0]
    plan.drug = head.drug.value or None
    if name != head.drug.value:
        plan.drug_text = name
    plan.nonpsych = "other" in head.drug.items
    if _INTERVAL_NEEDLE.search(name):
        plan.dose = "1针"


def _unit(head: Head) -> str:
    if head.kind == "injection":
        return "针"
    if head.drug is None:
        return "片"
    if "form:胶囊" in head.drug.items:
        return "粒"
    return drug(head.drug.value).unit if head.drug.value else "片"


def _expand_frequency(built: Built, tokens: list[Token]) -> None:
    """一天三次, bid, q12h: named times where the term has some, else how many must be asked."""
    plan, points = built.plan, built.timing.points
    meals = [point for point in points if point.key.endswith("_meal")]
    for token in tokens:
        if token.kind is not T.FREQ:
            continue
        built.used.append(token)
        count = int(token.number or 0)
        if meals and len(points) == 1 and (count == 3 or token.items):
            relation = meals[0].key.removesuffix("_meal")
            names = _meals_of(token, relation) if token.items else _meals_of(None, relation)
            points[:] = [Point(name, meals[0].tokens) for name in names]
            plan.times_implied = bool(token.items)
        elif not points and token.items:
            points += [Point(part, [token]) for part in token.items]
            plan.times_implied = True
        elif token.value.startswith("q") and len(points) == 1 and points[0].key[:1].isdigit():
            _every_so_many_hours(points, 24 // count)
        elif len(points) != count or meals:
            plan.per_day = count


def _meals_of(token: Token | None, relation: str) -> list[str]:
    parts = token.items if token is not None else ("morning", "noon", "evening")
    names = {"morning": "breakfast", "noon": "lunch", "evening": "dinner"}
    return [f"{relation}_{names[part]}" if part in names else part for part in parts]


def _every_so_many_hours(points: list[Point], hours: int) -> None:
    """早上8点开始每12小时: one hour fixes the others, in either half of the day."""
    first = points[0].key.split("|")[0]
    hour, minute = int(first[:2]), int(first[3:])
    points[:] = [Point(at(hour + step, minute), points[0].tokens) for step in range(0, 24, hours)]
    points.sort(key=lambda point: (int(point.key[:2]) < hour, point.key))


def _series(
    built: Built, tokens: list[Token], amounts: list[Amount], unit: str, chars: str
) -> None:
    plan = built.plan
    built.used += [token for token in tokens if token.kind is not T.STRAY]
    _, plan.strength = amounts_of(tokens, unit)
    loading = loading_days(tokens)
    texts = {amount.text for amount in amounts}
    every = [token.value for token in tokens if token.kind is T.EVERY and token.value != "daily"]
    if built.segment.head.kind == "injection" and loading and len(texts) == 1:
        plan.dose = texts.pop()
        plan.repeat = "schedule:" + "→".join([*loading, *every])
        return
    pairs = [t for t in tokens if t.kind in SLOTS]
    steps = read_steps(tokens, amounts, chars)
    _drop_repeated(built.timing, amounts)
    if steps is not None and len({p.key for p in built.timing.points}) == len(built.timing.points):
        plan.steps = steps
        if all(not step.when or step.when[:-1].isdecimal() for step in steps):
            length = "+" + steps[0].when
            plan.start = built.days.start if built.days.start != length else None
        plan.repeat = describe(steps)
        return
    first = min(token.start for token in (*pairs, *(a.token for a in amounts)))
    plan.repeat = "schedule:" + _words(tokens, first, chars)
    plan.ask("confirm")


def _words(tokens: list[Token], first: int, chars: str) -> str:
    """The family's own words from the first token to the end of its sentence."""
    end = tokens[-1].end
    tail = re.match(r"[^。;\n]{0,12}", chars[end:])
    return chars[min(first, tokens[0].start) : end + (tail.end() if tail else 0)].strip()


def _drop_repeated(timing: Timing, amounts: list[Amount]) -> None:
    """前三天早上半片,以后早上一片: the same time said at every step is one time."""
    keys = [point.key for point in timing.points]
    distinct = list(dict.fromkeys(keys))
    if keys == distinct * len(amounts):
        for point in timing.points[len(distinct) :]:
            timing.points[0].tokens.extend(point.tokens)
        del timing.points[len(distinct) :]


def _take_days(built: Built) -> None:
    plan, days = built.plan, built.days
    plan.repeat = days.repeat
    plan.start, plan.until, plan.last = days.start, days.until, days.last
    loading = loading_days(built.segment.tokens)
    if built.segment.head.kind == "injection" and loading:
        # 第1天、第8天各一针,以后每月一针
        rest = [days.repeat] if days.repeat else []
        plan.repeat = "schedule:" + "→".join([*loading, *rest])
        built.used += [token for token in built.segment.tokens if token.kind is T.PHASE]
    plan.per_week, plan.per_month = days.per_week, days.per_month
    if days.conflict:
        plan.ask("confirm")


def _take_times(built: Built) -> None:
    plan, timing, days = built.plan, built.timing, built.days
    plan.lead, plan.lead_at = days.lead, days.lead_at
    plan.offset = timing.offset
    for point in timing.points:
        built.used += point.tokens
        if point.key and point.key not in plan.times:
            plan.times.append(point.key)
    delta = [token for token in built.segment.tokens if token.kind is T.DELTA]
    turned = any(token.kind is T.CHANGE for token in built.segment.tokens)
    if delta and plan.kind == "medication" and not plan.times and not turned:
        plan.times = [f"+{int(delta[0].number or 0)}m"]
        plan.repeat = plan.repeat or "once:today"
        built.used.append(delta[0])
    if plan.repeat == "prn":
        _unschedule(plan)
    built.used += [token for token in built.segment.tokens if token.kind is T.ALSO]


def _unschedule(plan: PlanReading) -> None:
    """As needed: never at a fixed time. Several doses at several times cannot be as needed."""
    doses = set(plan.dose_by_time.values())
    if len(plan.times) > 1 or len(doses) > 1 or (plan.per_day or 0) > 1:
        plan.ask("confirm")
    if doses:
        plan.dose = doses.pop() if len(doses) == 1 else None
    plan.times, plan.dose_by_time, plan.per_day = [], {}, None


def complete(built: Built) -> None:
    """Fill what everyday speech leaves unsaid (a medicine is taken daily) and ask the rest."""
    plan, timing, days = built.plan, built.timing, built.days
    counted = plan.per_week is not None or plan.per_month is not None
    if plan.repeat is None and plan.kind == "medication" and not counted:
        plan.repeat = "daily"
    if plan.per_week is not None and plan.repeat in (None, "every_7_days"):
        plan.repeat = "weekly"
        plan.ask("date")
    if plan.per_month is not None and plan.repeat in (None, "monthly"):
        plan.repeat = "monthly"
        plan.ask("date")
    if plan.repeat is None and plan.drug and _INTERVAL_NEEDLE.search(plan.drug_text or ""):
        plan.repeat = drug(plan.drug).interval
    if (days.vague and not plan.steps) or _day_missing(plan):
        plan.ask("date")
    if days.lunar:
        plan.ask("lunar")
    if any("|" in time for time in plan.times):
        plan.ask("am_pm")
    if _times_missing(plan) or timing.vague:
        plan.ask("times")


def _day_missing(plan: PlanReading) -> bool:
    """An appointment without a day, or an interval with no day to count from."""
    if plan.start or plan.last:
        return False
    if plan.kind == "medication" and (plan.repeat or "").startswith("schedule:"):
        return False
    return plan.kind != "medication" if plan.repeat is None else needs_anchor(plan.repeat)


def _times_missing(plan: PlanReading) -> bool:
    if plan.repeat == "prn":
        return False
    if any(time.endswith("_meal") for time in plan.times):
        return True
    if plan.kind in _APPOINTMENTS or plan.repeat == "daily" or plan.kind == "medication":
        return not plan.times or (plan.per_day is not None and plan.per_day != len(plan.times))
    return False
