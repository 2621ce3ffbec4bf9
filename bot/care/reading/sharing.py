"""What plans of one message have in common is said once: 早上8点吃利培酮一片、苯海索半片."""

from __future__ import annotations

import itertools

from bot.care.reading.build import Built
from bot.care.reading.subjects import listed_together
from bot.care.reading.tokens import DAYS, SLOTS, T, boundary


def share(built: list[Built], chars: str) -> list[Built]:
    """Pass times and days on between neighbours, join what belongs to one medicine."""
    if len(built) <= 1:
        return built
    _share_among_days(built)
    _pass_back(built, chars)
    _pass_on(built)
    built = _without_context(built)
    return _joined(built)


def _share_among_days(built: list[Built]) -> None:
    """周一三五一片,二四六半片,早上: the time said once holds for all days of one plan."""
    for one in built:
        kin = [other for other in built if other.segment.head is one.segment.head]
        if len(kin) == 1:
            continue
        source = next((other for other in kin if _times_said(other)), None)
        if source is not None and not _times_said(one):
            _copy_times(source, one)
        if one.plan.dose is None and not one.plan.dose_by_time:
            dosed = [other for other in kin if other.plan.dose]
            one.plan.dose = dosed[0].plan.dose if len(dosed) == 1 else None
        one.plan.strength = next((o.plan.strength for o in kin if o.plan.strength), None)


def _times_said(one: Built) -> bool:
    plan = one.plan
    return bool(plan.times or plan.per_day or plan.repeat == "prn" or plan.per_week)


def _copy_times(source: Built, target: Built) -> None:
    target.plan.times = list(source.plan.times)
    target.plan.per_day = source.plan.per_day
    target.plan.offset = source.plan.offset
    target.plan.times_implied = source.plan.times_implied
    target.plan.needs = [n for n in source.plan.needs if n == "times"] + target.plan.needs
    target.timing = source.timing


def _copy_days(source: Built, target: Built) -> None:
    target.plan.repeat = source.plan.repeat
    target.plan.start, target.plan.until = source.plan.start, source.plan.until
    target.days.vague, target.days.lunar = source.days.vague, source.days.lunar
    target.days.dates = list(source.days.dates)


def _pass_back(built: list[Built], chars: str) -> None:
    """利培酮和苯海索早晚各一片: the last of a list speaks for those before it."""
    for n in range(len(built) - 2, -1, -1):
        one, following = built[n], built[n + 1]
        if one.plan.kind != following.plan.kind:
            continue
        if _times_said(one):
            _share_dose(one, following, chars)
            continue
        if one.plan.kind != "medication" or not _times_said(following):
            continue
        if not listed_together(one.segment, following.segment, chars):
            continue
        dosed = bool(one.plan.dose or one.plan.dose_by_time)
        if dosed and not _said_apart(following, chars):
            continue
        _copy_times(following, one)
        if one.plan.repeat is None:
            _copy_days(following, one)
        if not dosed:
            one.plan.dose = following.plan.dose
            one.plan.dose_by_time = dict(following.plan.dose_by_time)


def _share_dose(one: Built, following: Built, chars: str) -> None:
    """早上利培酮和苯海索各一片: 各 gives the dose to both."""
    tokens = following.segment.tokens
    each = any(
        token.kind is T.EACH and after.kind is T.DOSE for token, after in itertools.pairwise(tokens)
    )
    dosed = one.plan.dose or one.plan.dose_by_time or one.plan.kind != "medication"
    if each and not dosed and listed_together(one.segment, following.segment, chars):
        one.plan.dose = following.plan.dose


def _said_apart(one: Built, chars: str) -> bool:
    """The times stand after a comma: meant for the whole list, 利培酮一片、苯海索半片,早晚吃."""
    slots = [token for token in one.segment.tokens if token.kind in SLOTS]
    others = [t for t in one.segment.tokens if slots and t.end <= slots[0].start]
    return bool(others) and boundary(chars[others[-1].end : slots[0].start]) >= 2


def _pass_on(built: list[Built]) -> None:
    """Times and days before the first name hold for the following ones until others are said."""
    led: set[int] = set()
    for earlier, later in itertools.pairwise(built):
        first_head = earlier.segment.head.start
        leading = [token for token in earlier.segment.tokens if token.start < first_head]
        times_first = any(token.kind in SLOTS for token in leading) or id(earlier) in led
        medicines = earlier.plan.kind == later.plan.kind == "medication"
        if medicines and times_first and not _times_said(later):
            _copy_times(earlier, later)
            later.plan.times_implied = False
            led.add(id(later))
        if later.plan.repeat is None and later.plan.start is None and _days_lead(earlier, later):
            _copy_days(earlier, later)
            if not medicines and not later.plan.times:
                later.plan.times = list(earlier.plan.times)
                later.timing = earlier.timing


def _days_lead(earlier: Built, later: Built) -> bool:
    """A date said first holds for what follows; so does that of an errand joined by 和 or 顺便."""
    days = [token for token in earlier.segment.tokens if token.kind in DAYS]
    if not days or not (earlier.plan.repeat or earlier.plan.start):
        return False
    if days[0].start < earlier.segment.head.start and later.plan.kind == earlier.plan.kind:
        return True
    return later.empty and later.plan.kind != "medication" and earlier.plan.kind != "medication"


def _without_context(built: list[Built]) -> list[Built]:
    """吃氯氮平每周查血: a medicine named only to say why the blood is tested is no plan."""
    kept: list[Built] = []
    for n, one in enumerate(built):
        following = built[n + 1] if n + 1 < len(built) else None
        unsaid = one.empty and one.plan.kind == "medication"
        if unsaid and following is not None and following.plan.kind != "medication":
            nameless = following.plan.drug is None and following.plan.drug_text is None
            if nameless and following.plan.kind in ("lab", "refill", "injection"):
                following.plan.drug = one.plan.drug
                following.plan.drug_text = one.plan.drug_text
                following.plan.nonpsych = one.plan.nonpsych
                following.used += one.used
            continue
        if one.empty and one.plan.drug is None and one.plan.drug_text is None and kept:
            same = [
                other for other in built if other is not one and other.plan.kind == one.plan.kind
            ]
            if same or one.plan.kind == "medication":
                kept[-1].used += one.used
                continue
        kept.append(one)
    return kept or built


def _joined(built: list[Built]) -> list[Built]:
    """早上利培酮1片…晚上利培酮2片: one medicine named twice is one plan with two times."""
    kept: list[Built] = []
    for one in built:
        match = next((other for other in kept if _same_plan(other, one)), None)
        if match is None:
            kept.append(one)
        else:
            _join(match, one)
    return kept


def _same_plan(left: Built, right: Built) -> bool:
    a, b = left.plan, right.plan
    if a.kind != b.kind or (a.drug, a.drug_text) != (b.drug, b.drug_text):
        return False
    if left.segment.head.owner != right.segment.head.owner:
        return False
    if a.kind != "medication":
        return right.empty
    if a.steps or b.steps or "prn" in (a.repeat, b.repeat):
        return False
    return (a.repeat or "daily") == (b.repeat or "daily") or right.empty


def _join(left: Built, right: Built) -> None:
    a, b = left.plan, right.plan
    doses: dict[str, str] = {}
    for plan in (a, b):
        for time in plan.times:
            dose = plan.dose_by_time.get(time) or plan.dose
            if dose is not None and doses.setdefault(time, dose) != dose:
                a.ask("dose")
    for plan, other in ((a, b), (b, a)):
        if plan.dose and not plan.times and other.times:
            # 奥氮平早上,奥氮平半片: the dose belongs to the times that have none.
            for time in other.times:
                doses.setdefault(time, plan.dose)
            if any(dose != plan.dose for dose in doses.values()):
                a.ask("dose")
    a.times = list(dict.fromkeys([*a.times, *b.times]))
    if a.times:
        missing = [time for time in a.times if time not in doses]
        if len(set(doses.values())) == 1 and not missing:
            a.dose, a.dose_by_time = next(iter(doses.values())), {}
        elif doses:
            a.dose, a.dose_by_time = None, doses
            if missing:
                a.ask("dose")
    elif b.dose and a.dose != b.dose:
        if a.dose is None:
            a.dose = b.dose
        else:
            a.ask("dose")
    a.strength = a.strength or b.strength
    a.per_day = a.per_day or b.per_day
    a.repeat = a.repeat or b.repeat
    a.offset = a.offset or b.offset
    a.until, a.start = a.until or b.until, a.start or b.start
    a.times_implied = a.times_implied and b.times_implied
    a.ask(*b.needs)
    left.used += right.used
    left.timing.vague = left.timing.vague or right.timing.vague
